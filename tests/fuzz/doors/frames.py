"""The links between authorities: frames, and the messages in them."""

from chain.block.vote import NOTARIZE, Vote
from chain.codec.record import MalformedRecord
from chain.consensus.messages import (
    GetBlock,
    GetCertificates,
    Status,
    decode_message,
    encode_message,
)
from p2p.frame import BadFrame, FrameReader, encoded
from tests.fuzz.door import Door
from tests.fuzz.tree import PACKED, behind

_LIMITS = {1: 64, 2: 256, 7: 4096, 255: 0}


def _strike_frames(data: bytes) -> None:
    """Cut the bytes in two places told by their first two: pieces must not matter."""
    first, second = sorted((data[0], data[1])) if len(data) > 1 else (0, 0)
    assert _read((data,)) == _read((data[:first], data[first:second], data[second:]))


def _read(pieces: tuple[bytes, ...]) -> tuple[list[tuple[int, bytes]], str]:
    reader = FrameReader(_LIMITS)
    frames: list[tuple[int, bytes]] = []
    for piece in pieces:
        try:
            frames += [(frame.kind, frame.payload) for frame in reader.feed(piece)]
        except BadFrame as bad:
            return [], bad.offence
    return frames, ""


def _strike_messages(data: bytes) -> None:
    if not data:
        return
    try:
        message = decode_message(data[0], data[1:])
    except MalformedRecord:
        return
    assert encode_message(message) == (data[0], data[1:]), "two forms of one message"


def _message_seeds() -> list[bytes]:
    told = (
        Vote(0, 3, NOTARIZE, bytes(32), 1, bytes(64)),
        Status(0, 1, 2, bytes(32), 3),
        GetCertificates(0, 1, 5),
        GetBlock(bytes(32)),
    )
    encodings = [encode_message(message) for message in told]
    return [bytes([number]) + payload for number, payload in encodings]


DOORS = (
    Door("frames", lambda: [encoded(2, b"abc") * 3, encoded(7, bytes(300))], _strike_frames),
    Door("messages", _message_seeds, _strike_messages, form=behind(1, PACKED)),
)
