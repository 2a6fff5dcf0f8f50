"""The independent verifier: believes what is proven, and nothing that was touched."""

import ast
import copy
import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.block.certificate import AuthoritySet, certificate_of, signers_of
from chain.block.header import Header, block_id_of
from chain.block.vote import Vote, vote_bytes
from chain.codec.canonical import encode
from chain.crypto.addresses import text_of
from chain.crypto.digest import ZERO_HASH
from chain.crypto.signing import SigningKey
from chain.kit.holder import holder_from
from chain.kit.plain import plain_record
from chain.modules.authorities.sets import authorities_hash_of
from chain.modules.authorities.state import Authority, AuthorityList
from chain.modules.ledger.state import BALANCES, Balance
from chain.state.proof import prove
from chain.state.tables import Tables
from node.rpc.forms import blob_form, hex_form
from node.rpc.methods.blocks import header_form
from tests.chain.codec.samples import SAMPLES

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "examples" / "verify_proof.py"
CHAIN_ID = b"\x07" * 32
FINALIZE = 3
VERIFIER = runpy.run_path(str(SCRIPT))

KEYS = sorted(
    (SigningKey.from_seed(bytes([number]) * 32) for number in range(4)),
    key=lambda key: key.public_key,
)
MEMBERS = tuple(
    Authority(name=f"auth{place}", consensus_key=key.public_key, oracle_key=bytes([place]) * 32)
    for place, key in enumerate(KEYS)
)
ALICE = text_of(SigningKey.from_seed(b"a" * 32).public_key)
NOBODY = text_of(SigningKey.from_seed(b"n" * 32).public_key)


def header_at(height: int, parent_id: bytes, state_root: bytes) -> Header:
    authorities_hash = authorities_hash_of(AuthorityList(members=MEMBERS))
    return Header(
        version=1,
        chain_id=CHAIN_ID,
        epoch=0,
        height=height,
        view=height,
        parent_id=parent_id,
        proposer=height % 4,
        time_ms=1_000 * height,
        tx_root=ZERO_HASH,
        tx_count=0,
        body_bytes=4,
        oracle_root=ZERO_HASH,
        evidence_root=ZERO_HASH,
        state_root=state_root,
        receipts_root=b"\x01" * 32,
        history_root=b"\x02" * 32,
        authorities_hash=authorities_hash,
        next_authorities_hash=authorities_hash,
        params_hash=b"\x03" * 32,
        flags=0,
    )


def answers_for(who: str, asset: str) -> dict[str, Any]:
    """What a node answers: a block two below the certified one, and a record in its state."""
    BALANCES.bind(2)
    tables = Tables([BALANCES])
    tables.load(
        (BALANCES.encoded((holder_from(ALICE), name)), encode(Balance(amount_quantums=amount)))
        for name, amount in (("USD", 2_500_000), ("BTC", 7))
    )
    header = header_at(5, b"\x09" * 32, tables.root)
    above = header_at(6, block_id_of(header), b"\x05" * 32)
    top = header_at(7, block_id_of(above), b"\x06" * 32)
    certified = block_id_of(top)
    voters = AuthoritySet(0, tuple(member.consensus_key for member in MEMBERS))
    message = vote_bytes(CHAIN_ID, 0, 9, FINALIZE, certified)
    certificate = certificate_of(
        (Vote(0, 9, FINALIZE, certified, index, KEYS[index].sign(message)) for index in (0, 1, 3)),
        voters,
    )
    key = BALANCES.encoded((holder_from(who), asset))
    value = tables.encoded_of(BALANCES, (holder_from(who), asset))
    return {
        "key": [who, asset],
        "proof": {
            "table": "balances",
            "value": None if value is None else plain_record(BALANCES.record_from(value)),
            "encoded_key": blob_form(key),
            "encoded_value": None if value is None else blob_form(value),
            "proof": plain_record(prove(tables, key)),
        },
        "block": {
            "header": header_form(header, MEMBERS),
            "certificate": {
                "height": "7",
                "block_id": hex_form(certified),
                "epoch": "0",
                "view": "9",
                "signers": [
                    hex_form(MEMBERS[index].consensus_key)
                    for index in signers_of(certificate, 4) or ()
                ],
                "signatures": [hex_form(signature) for signature in certificate.signatures],
                "headers": [header_form(above, MEMBERS), header_form(top, MEMBERS)],
            },
        },
        "authorities": [
            {
                "index": index,
                "name": member.name,
                "public_key": hex_form(member.consensus_key),
                "oracle_key": hex_form(member.oracle_key),
            }
            for index, member in enumerate(MEMBERS)
        ],
    }


def genesis_with(members: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [{"name": m["name"], "consensus_key": m["public_key"]} for m in members]
    return {"tables": {"authorities": [{"epoch": "0", "members": rows}]}}


def verify(folder: Path, answers: dict[str, Any], *more: str) -> subprocess.CompletedProcess[str]:
    file = folder / "answer.json"
    file.write_text(json.dumps(answers))
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "--file", str(file), *more],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


def test_it_uses_nothing_of_the_project() -> None:
    """STATE-036."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])

    assert {"nacl"} == names - set(sys.stdlib_module_names)


def test_a_value_is_proven_up_to_the_authorities_of_genesis(tmp_path: Path) -> None:
    """STATE-035."""
    answers = answers_for(ALICE, "USD")
    genesis = tmp_path / "genesis.json"
    genesis.write_text(json.dumps(genesis_with(answers["authorities"])))

    done = verify(tmp_path, answers, "--genesis", str(genesis), "--chain-id", "0x" + CHAIN_ID.hex())

    assert (0, "") == (done.returncode, done.stderr)
    assert 'value      {"amount_quantums": 2500000}' in done.stdout
    assert "final by   auth0, auth1, auth3 (3 of 4)" in done.stdout
    assert done.stdout.endswith("proven\n")


def test_an_absence_is_proven_and_says_whom_it_trusts(tmp_path: Path) -> None:
    """STATE-035."""
    done = verify(tmp_path, answers_for(NOBODY, "USD"))

    assert 0 == done.returncode
    assert "value      nothing" in done.stdout
    assert "the authorities that the node names" in done.stdout


def test_what_is_shown_is_what_is_proven_whatever_the_node_calls_it(tmp_path: Path) -> None:
    """STATE-035."""
    answers = answers_for(ALICE, "USD")
    answers["proof"]["value"] = {"amount_quantums": "999999999"}

    done = verify(tmp_path, answers)

    assert 0 == done.returncode
    assert 'value      {"amount_quantums": 2500000}' in done.stdout
    assert "999999999" not in done.stdout


def test_a_node_that_does_not_answer_is_named_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "http://127.0.0.1:1", "balances", "fees", "USD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert 1 == done.returncode
    assert done.stderr.startswith("NOT PROVEN: http://127.0.0.1:1 does not answer")


@pytest.mark.parametrize("name", ["plain", "nested", "sixteen", "wides", "lengths 256"])
def test_records_are_read_as_they_are_written(name: str) -> None:
    data = encode(SAMPLES[name])

    def shown(value: Any) -> Any:
        if isinstance(value, list):
            return [shown(part) for part in value]
        return "0x" + value.hex() if isinstance(value, bytes) else value

    assert shown(msgpack.unpackb(data)) == VERIFIER["unpacked"](data)


@given(st.integers(-(2**63), 2**64 - 1))
def test_integers_are_read_as_they_are_written(number: int) -> None:
    assert number == VERIFIER["unpacked"](msgpack.packb(number))


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(answers: dict[str, Any]) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = answers
        for step in way:
            place = place[step]
        place[last] = value(place[last]) if callable(value) else value

    return change


def _flip_hex(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


FAULTS = {
    "another value": _set("proof.encoded_value", blob_form(b"\x91\x01")),
    "no value": _set("proof.encoded_value", None),
    "another key": _set("key", [NOBODY, "USD"]),
    "another asset's proof": _set("proof.proof", answers_for(NOBODY, "BTC")["proof"]["proof"]),
    "another sibling": _set("proof.proof.siblings.3", _flip_hex),
    "a sibling less": _set("proof.proof.siblings", lambda siblings: siblings[1:]),
    "another state root": _set("block.header.state_root", _flip_hex),
    "another time": _set("block.header.time_ms", lambda time_ms: time_ms + 1),
    "another parent above": _set("block.certificate.headers.0.parent_id", _flip_hex),
    "a header less": _set("block.certificate.headers", lambda headers: headers[1:]),
    "the certified header left out": _set(
        "block.certificate.headers", lambda headers: headers[:-1]
    ),
    "another block certified": _set("block.certificate.block_id", _flip_hex),
    "another view certified": _set("block.certificate.view", "10"),
    "a false signature": _set("block.certificate.signatures.1", _flip_hex),
    "a signature less": _set("block.certificate.signatures", lambda all_: all_[1:]),
    "an authority more": _set("authorities", lambda members: [*members, members[0]]),
    "other authorities": _set("authorities.2.oracle_key", "0x" + "ff" * 32),
    "a stranger's signature": _set("block.certificate.signers.0", "0x" + "ee" * 32),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_was_touched_is_not_proven(tmp_path: Path, fault: str) -> None:
    """STATE-035."""
    answers = copy.deepcopy(answers_for(ALICE, "USD"))
    FAULTS[fault](answers)

    done = verify(tmp_path, answers)

    assert 1 == done.returncode
    assert done.stderr.startswith("NOT PROVEN: ")
    assert "Traceback" not in done.stderr


def test_one_authority_signing_for_all_is_no_quorum(tmp_path: Path) -> None:
    answers = answers_for(ALICE, "USD")
    certificate = answers["block"]["certificate"]
    for part in ("signers", "signatures"):
        certificate[part] = certificate[part][:1] * 3

    assert "signs twice" in verify(tmp_path, answers).stderr
    for part in ("signers", "signatures"):
        certificate[part] = certificate[part][:1]
    assert "1 signatures where a quorum is 3" in verify(tmp_path, answers).stderr


def test_another_chain_or_another_genesis_is_not_proven(tmp_path: Path) -> None:
    answers = answers_for(ALICE, "USD")
    genesis = tmp_path / "genesis.json"
    genesis.write_text(json.dumps(genesis_with(answers["authorities"][:3])))

    assert "is of chain" in verify(tmp_path, answers, "--chain-id", "0x" + "00" * 32).stderr
    assert "are not those of" in verify(tmp_path, answers, "--genesis", str(genesis)).stderr


def test_what_is_no_answer_is_said_so_without_a_traceback(tmp_path: Path) -> None:
    done = verify(tmp_path, {"proof": {}, "block": {}})

    assert 1 == done.returncode
    assert done.stderr.startswith("NOT PROVEN: no such answer")
