"""Check one record of a Novation chain without believing the node that shows it.

    value -> state root -> header -> block id -> headers -> certified id -> authorities' votes

Uses hashlib, PyNaCl and the standard library, and nothing of Novation's own: it is written from
docs/specs/state.md, header.md, vote.md and authorities.md alone.

    python docs/examples/verify_proof.py http://127.0.0.1:7600 balances nov1... USD
    python docs/examples/verify_proof.py --file answer.json

A key is given part by part, in the table's order. `--genesis FILE` names the authorities that you
trust, `--chain-id HEX` the chain; without them this program says whom it had to trust. `--at H`
asks for an earlier height, `--save FILE` keeps the answers for `--file`.

Exit code 0: the record is as shown. 1: something does not hold, and what. 2: wrong usage.
"""

import argparse
import base64
import json
import struct
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

ZERO = bytes(32)
FINALIZE = 3

# Table name -> module, number, and the form of each part of its key (docs/specs/ledger.md, ...).
TABLES: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "progress": (0, 1, ()),
    "history": (0, 2, ()),
    "consensus_parameters": (0, 3, ()),
    "signers": (1, 1, ("address",)),
    "lanes": (1, 2, ("address", "u16")),
    "assets": (2, 1, ("text",)),
    "balances": (2, 2, ("holder", "text")),
    "supplies": (2, 3, ("text",)),
    "authorities": (3, 1, ("u64",)),
}


class NotProven(Exception):
    """A link of the chain of proof does not hold."""


def require(condition: object, what: str) -> None:
    if not condition:
        raise NotProven(what)


# -- keys ------------------------------------------------------------------------------------


def address(text: str) -> bytes:
    """The 32 bytes of an address: bech32m, BIP-350, prefix nov."""
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    values = [alphabet.find(character) for character in text[4:]]
    require(text.startswith("nov1") and len(text) == 62 and min(values) >= 0, f"address {text}")
    checksum = 1
    for value in [3, 3, 3, 0, *(ord(c) & 31 for c in "nov"), *values]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            checksum ^= generator if top >> bit & 1 else 0
    require(checksum == 0x2BC830A3, f"checksum of address {text}")
    bits = "".join(f"{value:05b}" for value in values[:-6])
    require("1" not in bits[256:], f"stray bits in address {text}")
    return int(bits[:256], 2).to_bytes(32, "big")


def holder(text: str) -> str:
    """The text under which a holder's balance is kept: an address is written in hexadecimal."""
    if not text.startswith("nov1"):
        return text
    wallet, slash, number = text.partition("/")
    return address(wallet).hex() + slash + number


def encoded_key(table: str, parts: Sequence[str]) -> bytes:
    """The bytes of a key, as STATE-001 says."""
    module, number, forms = TABLES[table]
    require(len(parts) == len(forms), f"a key of {table} has {len(forms)} parts: {forms}")
    key = bytes((module, number))
    for form, part in zip(forms, parts, strict=True):
        if form == "address":
            key += address(part)
        elif form in {"u16", "u64"}:
            key += int(part).to_bytes(2 if form == "u16" else 8, "big")
        else:
            key += (holder(part) if form == "holder" else part).encode() + b"\0"
    return key


# -- the state -------------------------------------------------------------------------------


def nibble(key_hash: bytes, depth: int) -> int:
    return int(key_hash.hex()[depth], 16)


def run_hash(entries: bytes) -> bytes:
    """The hash of at most 256 entries (STATE-012)."""
    if not entries:
        return ZERO
    return sha256(b"\x00" + struct.pack(">I", len(entries) // 64) + entries).digest()


def check_state_proof(root: bytes, key: bytes, value: bytes | None, proof: dict[str, Any]) -> None:
    """STATE-030 to STATE-033."""
    key_hash = sha256(b"NOVATION/key/1" + key).digest()
    entries = base64.b64decode(proof["entries"], validate=True)
    splits = [base64.b64decode(split, validate=True) for split in proof["splits"]]
    siblings = [unhex(sibling) for sibling in proof["siblings"]]
    require(len(siblings) == 16, "a proof has sixteen siblings")
    require(
        len(entries) % 64 == 0 and len(entries) <= 256 * 64, "entries are 64 bytes, 256 at most"
    )
    hashes = [entries[start : start + 32] for start in range(0, len(entries), 64)]
    require(hashes == sorted(set(hashes)), "entries ascend and none is there twice")
    depth = 4 + len(splits)
    require(depth <= 64, "too many splits")
    shared = key_hash.hex()[:depth]
    require(all(h.hex().startswith(shared) for h in hashes), "an entry of another bucket")
    found = {entries[at : at + 32]: entries[at + 32 : at + 64] for at in range(0, len(entries), 64)}
    expected = None if value is None else sha256(value).digest()
    require(found.get(key_hash) == expected, "the bucket does not hold this value under this key")
    running = run_hash(entries)
    for split in reversed(splits):
        depth -= 1
        require(len(split) == 512, "a split has sixteen hashes")
        at = 32 * nibble(key_hash, depth)
        require(split[at : at + 32] == running, "a part is not in its split")
        running = sha256(b"\x02" + split).digest()
    place = int.from_bytes(key_hash[:2], "big")
    for sibling in siblings:
        pair = sibling + running if place & 1 else running + sibling
        running = sha256(b"\x01" + pair).digest()
        place >>= 1
    require(running == root, "the proof leads to another state root")


# -- the block -------------------------------------------------------------------------------


def unhex(text: str) -> bytes:
    require(text.startswith("0x"), f"0x expected: {text[:20]}")
    data = bytes.fromhex(text[2:])
    require(len(data) in {32, 64}, f"32 or 64 bytes expected: {text[:20]}")
    return data


def header_bytes(header: dict[str, Any]) -> bytes:
    """The 397 bytes of a header, from its fields."""
    data = struct.pack(
        ">H32sQQQ32sHQ32sII32s32s32s32s32s32s32s32sB",
        header["version"],
        unhex(header["chain_id"]),
        int(header["epoch"]),
        int(header["height"]),
        int(header["view"]),
        unhex(header["parent_id"]),
        header["proposer"],
        header["time_ms"],
        unhex(header["tx_root"]),
        header["tx_count"],
        header["body_bytes"],
        unhex(header["oracle_root"]),
        unhex(header["evidence_root"]),
        unhex(header["state_root"]),
        unhex(header["receipts_root"]),
        unhex(header["history_root"]),
        unhex(header["authorities_hash"]),
        unhex(header["next_authorities_hash"]),
        unhex(header["params_hash"]),
        header["flags"],
    )
    require(len(data) == 397, "a header has 397 bytes")
    return data


def block_id(header: dict[str, Any]) -> bytes:
    return sha256(b"NOVATION/hdr/1" + header_bytes(header)).digest()


def packed(members: Sequence[dict[str, Any]]) -> bytes:
    """The canonical msgpack of the authorities: an array of [name, consensus key, oracle key]."""

    def array(count: int) -> bytes:
        return bytes((0x90 | count,)) if count < 16 else b"\xdc" + struct.pack(">H", count)

    data = array(len(members))
    for member in members:
        name = member["name"].encode()
        data += array(3)
        data += (bytes((0xA0 | len(name),)) if len(name) < 32 else bytes((0xD9, len(name)))) + name
        for key in ("public_key", "oracle_key"):
            data += b"\xc4\x20" + unhex(member[key])
    return data


def unpacked(data: bytes) -> Any:
    """What canonical msgpack bytes hold: integers, text, bytes, true, false, null, arrays."""

    def value(at: int) -> tuple[Any, int]:
        head = data[at]
        at += 1
        if head < 0x80 or head >= 0xE0:
            return head - (256 if head >= 0xE0 else 0), at
        if head in {0xC0, 0xC2, 0xC3}:
            return {0xC0: None, 0xC2: False, 0xC3: True}[head], at
        if 0xCC <= head <= 0xD3:
            size = 1 << (head & 3)
            return int.from_bytes(data[at : at + size], "big", signed=head >= 0xD0), at + size
        if head in {0xC4, 0xC5, 0xC6, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD}:
            first = {0xC4: 0xC4, 0xC5: 0xC4, 0xC6: 0xC4, 0xDC: 0xDB, 0xDD: 0xDB}.get(head, 0xD9)
            size = 1 << (head - first)
            count, at = int.from_bytes(data[at : at + size], "big"), at + size
        else:
            count = head & (0x1F if head & 0x20 else 0x0F)
        if head in {0xDC, 0xDD} or 0x90 <= head < 0xA0:
            items = []
            for _ in range(count):
                item, at = value(at)
                items.append(item)
            return items, at
        require(head in {0xC4, 0xC5, 0xC6, 0xD9, 0xDA, 0xDB} or 0xA0 <= head < 0xC0, "msgpack")
        part = data[at : at + count]
        require(len(part) == count, "the record is cut short")
        is_text = head >= 0xD9 or 0xA0 <= head < 0xC0
        return part.decode() if is_text else "0x" + part.hex(), at + count

    found, end = value(0)
    require(end == len(data), "bytes after the record")
    return found


def is_genuine(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def check_finality(
    header: dict[str, Any], certificate: dict[str, Any], members: Sequence[dict[str, Any]]
) -> list[str]:
    """Names of those who signed that this header, or one that descends from it, is final."""
    last = header
    for above in certificate["headers"]:
        require(
            unhex(above["parent_id"]) == block_id(last), "a header is not the next one's parent"
        )
        require(above["epoch"] == header["epoch"], "headers of two epochs under one certificate")
        last = above
    certified = unhex(certificate["block_id"])
    require(block_id(last) == certified, "the certificate is for another block")
    require(certificate["epoch"] == last["epoch"], "the certificate is of another epoch")
    listed = sha256(b"NOVATION/authorities/1" + packed(members)).digest()
    require(listed == unhex(last["authorities_hash"]), "these are not the block's authorities")
    names = {unhex(member["public_key"]): member["name"] for member in members}
    message = (
        b"NOVATION/vote/1"
        + unhex(last["chain_id"])
        + struct.pack(">QQB", int(certificate["epoch"]), int(certificate["view"]), FINALIZE)
        + certified
    )
    signed: list[str] = []
    for key_text, signature in zip(certificate["signers"], certificate["signatures"], strict=True):
        key = unhex(key_text)
        require(key in names, f"{key_text} is no authority")
        require(names[key] not in signed, f"{names[key]} signs twice")
        require(
            is_genuine(key, message, unhex(signature)), f"the signature of {names[key]} is false"
        )
        signed.append(names[key])
    quorum = len(members) - (len(members) - 1) // 3
    require(len(signed) >= quorum, f"{len(signed)} signatures where a quorum is {quorum}")
    return signed


# -- asking and telling ----------------------------------------------------------------------


def ask(url: str, method: str, **parameters: object) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    except urllib.error.URLError as error:
        raise NotProven(f"{url} does not answer: {error.reason}") from error
    if "error" in answer:
        raise NotProven(f"{method}: {answer['error'].get('message')}")
    return dict(answer["result"])


def fetch(url: str, table: str, parts: list[Any], at: str) -> dict[str, Any]:
    """The three answers that a proof needs: record, block, authorities."""
    forms = TABLES[table][2] if table in TABLES else ()
    key = [
        int(part) if form == "u16" else part
        for form, part in zip([*forms, *([""] * len(parts))], parts, strict=False)
    ]
    proof = ask(url, "chain_getProof", table=table, key=key, at=at)
    block = ask(url, "chain_getBlock", height=proof["height"])
    require(block.get("certificate"), f"no certificate yet for height {proof['height']}")
    wanted = ([block["header"], *block["certificate"]["headers"]])[-1]["authorities_hash"]
    for height in ("finalized", str(int(block["certificate"]["height"]) - 1)):
        members = ask(url, "chain_getAuthorities", at=height)["authorities"]
        if sha256(b"NOVATION/authorities/1" + packed(members)).digest() == unhex(wanted):
            break
    return {"key": parts, "proof": proof, "block": block, "authorities": members}


def for_people(value: bytes, named: dict[str, Any] | None) -> str:
    """The proven bytes for people. Only the names of the fields are the node's word."""
    fields = unpacked(value)
    names = list(named or {})
    return json.dumps(
        dict(zip(names, fields, strict=True)) if len(names) == len(fields) else fields
    )


def check(answers: dict[str, Any], chain_id: str | None, trusted: Path | None) -> list[str]:
    """What is proven, line by line."""
    proof, block = answers["proof"], answers["block"]
    header, members = block["header"], answers["authorities"]
    table = proof["table"]
    key = base64.b64decode(proof["encoded_key"], validate=True)
    if table in TABLES:
        require(key == encoded_key(table, answers["key"]), "the proof is for another key")
    text = proof["encoded_value"]
    value = None if text is None else base64.b64decode(text, validate=True)
    check_state_proof(unhex(header["state_root"]), key, value, proof["proof"])
    signed = check_finality(header, block["certificate"], members)
    if chain_id is not None:
        require(header["chain_id"] == chain_id, f"the block is of chain {header['chain_id']}")
    lines = [
        f"table      {table}",
        f"key        {' '.join(answers['key'])}   ({key.hex()})",
        f"value      {'nothing' if value is None else for_people(value, proof['value'])}",
        f"bytes      {'-' if value is None else value.hex()}",
        f"height     {header['height']}, block 0x{block_id(header).hex()}",
        f"root       {header['state_root']}",
        f"final by   {', '.join(signed)} ({len(signed)} of {len(members)})",
    ]
    if table not in TABLES:
        lines.append(f"note       key of {table} as the node writes it: compare it with its page")
    if trusted is not None:
        rows = json.loads(trusted.read_text())["tables"]["authorities"]
        known = {member["consensus_key"] for row in rows for member in row["members"]}
        shown = {member["public_key"] for member in members}
        require(shown == known, f"the authorities are not those of {trusted}")
        lines.append(f"trusted    the authorities of {trusted}")
    else:
        lines.append("trusted    the authorities that the node names: compare with --genesis FILE")
    return lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", nargs="?")
    parser.add_argument("table", nargs="?")
    parser.add_argument("key", nargs="*")
    parser.add_argument("--file", type=Path, help="saved answers instead of a node")
    parser.add_argument("--save", type=Path, help="keep the node's answers")
    parser.add_argument("--at", default="finalized", help="height")
    parser.add_argument("--chain-id", help="the chain you mean, 0x...")
    parser.add_argument("--genesis", type=Path, help="genesis file with the authorities you trust")
    given = parser.parse_args(arguments)
    if (given.file is None) == (given.url is None) or (given.url and not given.table):
        parser.error("either URL TABLE KEY... or --file FILE")
    try:
        if given.file is not None:
            answers = json.loads(given.file.read_text())
        else:
            answers = fetch(given.url, given.table, given.key, given.at)
        if given.save is not None:
            given.save.write_text(json.dumps(answers, indent=2) + "\n")
        lines = check(answers, given.chain_id, given.genesis)
    except NotProven as fault:
        print(f"NOT PROVEN: {fault}", file=sys.stderr)
        return 1
    except (LookupError, TypeError, ValueError, AttributeError, struct.error, OSError) as fault:
        print(f"NOT PROVEN: no such answer: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    print("\n".join([*lines, "proven"]))
    return 0


def run() -> NoReturn:
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
