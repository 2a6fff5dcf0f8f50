"""Send a transfer with nothing of ours: msgpack by hand, SHA-256, ed25519, HTTP.

Usage: external_transfer.py URL SEED_HEX TO_HEX AMOUNT_QUANTUMS

What it knows is docs/specs/transaction.md:
    body        = [version, signer, lane, sequence, valid_until_height, kind, payload]
    sign bytes  = "NOVATION/tx/1" | chain id | body
    transaction = [body, [[public key, signature], ...]]
"""

import base64
import hashlib
import json
import sys
import urllib.request

from nacl.signing import SigningKey

LANE = 7  # a lane that nobody else uses begins at sequence 0
LEDGER_TRANSFER = 2 * 100 + 1


def integer(number: int) -> bytes:
    if number < 0x80:
        return bytes([number])
    for head, size in ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)):
        if number < 1 << 8 * size:
            return bytes([head]) + number.to_bytes(size, "big")
    raise ValueError(number)


def binary(data: bytes) -> bytes:
    assert len(data) < 256
    return b"\xc4" + bytes([len(data)]) + data


def text(characters: str) -> bytes:
    data = characters.encode()
    assert len(data) < 32
    return bytes([0xA0 | len(data)]) + data


def array(*items: bytes) -> bytes:
    assert len(items) < 16
    return bytes([0x90 | len(items)]) + b"".join(items)


def call(url: str, method: str, **parameters: object) -> dict:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
    request = urllib.request.Request(url, body.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=40) as response:
        answer = json.load(response)
    if "error" in answer:
        sys.exit(f"{method}: {answer['error']}")
    return answer["result"]


def main() -> None:
    url, seed, to, amount_quantums = sys.argv[1:]
    key = SigningKey(bytes.fromhex(seed))
    public_key = bytes(key.verify_key)
    status = call(url, "chain_getStatus")
    chain_id = bytes.fromhex(status["chain_id"].removeprefix("0x"))
    payload = array(binary(bytes.fromhex(to)), text("USD"), integer(int(amount_quantums)))
    valid_until_height = int(status["height"]) + 100
    body = array(
        integer(1),
        binary(public_key),
        integer(LANE),
        integer(0),
        integer(valid_until_height),
        integer(LEDGER_TRANSFER),
        payload,
    )
    sign_bytes = b"NOVATION/tx/1" + chain_id + body
    signature = key.sign(sign_bytes).signature
    transaction = array(body, array(array(binary(public_key), binary(signature))))
    receipt = call(
        url,
        "tx_submitAndWait",
        tx=base64.b64encode(transaction).decode(),
        timeout_ms=30_000,
    )
    own_id = "0x" + hashlib.sha256(sign_bytes).hexdigest()
    if receipt["id"] != own_id:
        sys.exit(f"the node says id {receipt['id']}, it is {own_id}")
    print("applied" if receipt["ok"] else f"refused: {receipt['reason']}")


main()
