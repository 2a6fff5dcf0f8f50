"""MESSAGE-001 to MESSAGE-005."""

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from chain.block.evidence import evidence_of
from chain.block.vote import NOTARIZE, NULLIFY
from chain.codec.record import MalformedRecord
from chain.consensus.messages import (
    KINDS,
    BlockAnswer,
    Certificates,
    GetBlock,
    GetCertificates,
    Message,
    Status,
    decode_message,
    encode_message,
)
from tests.given import golden
from tests.simulation.bench import Bench, id_of
from tests.simulation.keys import key_of

BENCH = Bench()
BLOCK = BENCH.block(BENCH.genesis, 1, transactions=(b"one", b"two"))
CHILD = BENCH.block(BLOCK, 4)
EVIDENCE = evidence_of(
    BENCH.vote(1, NOTARIZE, 3, b"\x01" * 32), BENCH.vote(1, NOTARIZE, 3, b"\x02" * 32), key_of(1)
)
assert EVIDENCE is not None
MESSAGES: dict[str, Message] = {
    "vote": BENCH.vote(2, NULLIFY, 3),
    "certificate": BENCH.certificate(NOTARIZE, 1, id_of(BLOCK)),
    "proposal": BENCH.proposal(
        CHILD,
        4,
        parent_view=1,
        parent_certificate=BENCH.certificate(NOTARIZE, 1, id_of(BLOCK)),
        null_certificates=BENCH.nulls(2, 3),
    ),
    "first proposal": BENCH.proposal(BLOCK, 1),
    "status": Status(epoch=1, view=2, final_height=3, final_id=b"\x04" * 32, time_ms=5),
    "get certificates": GetCertificates(epoch=1, from_view=2, to_view=3),
    "certificates": Certificates(certificates=BENCH.nulls(2, 3)),
    "get block": GetBlock(block_id=b"\x07" * 32),
    "block answer": BlockAnswer(BLOCK, id_of(BLOCK)),
    "evidence": EVIDENCE,
}


def test_bytes_are_the_golden_ones() -> None:
    found = {}
    for name, message in MESSAGES.items():
        number, payload = encode_message(message)
        found[name] = {"kind": number, "bytes": payload.hex()}

    assert golden("consensus_messages", found) == found


@pytest.mark.parametrize("name", list(MESSAGES))
def test_what_is_sent_is_heard(name: str) -> None:
    number, payload = encode_message(MESSAGES[name])

    assert MESSAGES[name] == decode_message(number, payload)
    assert len(payload) <= KINDS[type(MESSAGES[name])].bytes_max


@pytest.mark.parametrize("name", list(MESSAGES))
def test_anything_cut_or_added_is_malformed(name: str) -> None:
    number, payload = encode_message(MESSAGES[name])

    for wrong in (payload[:-1], payload + b"\x00", b""):
        with pytest.raises(MalformedRecord):
            decode_message(number, wrong)


def test_unknown_kinds_and_too_many_bytes_are_malformed() -> None:
    for number, payload in ((0, b""), (200, b"\x90"), (1, bytes(257)), (9, bytes(1025))):
        with pytest.raises(MalformedRecord):
            decode_message(number, payload)


def test_more_than_64_certificates_are_malformed() -> None:
    certificate = BENCH.certificate(NULLIFY, 1)
    kind = KINDS[Certificates]

    for count, fine in ((64, True), (65, False)):
        payload = kind.write(Certificates(certificates=(certificate,) * count))
        if fine:
            assert count == len(decode_message(kind.number, payload).certificates)  # type: ignore[union-attr]
        else:
            with pytest.raises(MalformedRecord):
                decode_message(kind.number, payload)


@settings(max_examples=500)
@examples(st.integers(0, 12), st.binary(max_size=300))
def test_any_bytes_decode_or_are_malformed(number: int, payload: bytes) -> None:
    try:
        message = decode_message(number, payload)
    except MalformedRecord:
        return

    assert (number, payload) == encode_message(message)


@settings(max_examples=500)
@examples(st.sampled_from(list(MESSAGES)), st.data())
def test_flipped_bytes_decode_or_are_malformed(name: str, data: st.DataObject) -> None:
    number, payload = encode_message(MESSAGES[name])
    changed = bytearray(payload)
    for place in data.draw(st.lists(st.integers(0, len(payload) - 1), min_size=1, max_size=3)):
        changed[place] = data.draw(st.integers(0, 255))

    try:
        message = decode_message(number, bytes(changed))
    except MalformedRecord:
        return

    assert (number, bytes(changed)) == encode_message(message)
