"""NET-028: packets come out as they went in, whatever pieces they arrive in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.multiplex.packets import PLAIN_MAX_BYTES, Packets


class Numbered:
    """Ciphers that number their packets, so that one out of order is noticed."""

    def __init__(self) -> None:
        self.sealed_count = 0
        self.opened_count = 0

    def encrypt(self, data: bytes) -> bytes:
        self.sealed_count += 1
        return self.sealed_count.to_bytes(16, "big") + data

    def decrypt(self, data: bytes) -> bytes:
        self.opened_count += 1
        if int.from_bytes(data[:16], "big") != self.opened_count:
            raise ValueError("not the next packet")
        return data[16:]


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=8), st.data())
def test_any_pieces_give_back_what_was_sealed(messages: list[bytes], data: st.DataObject) -> None:
    sender, receiver = Packets(Numbered()), Packets(Numbered())
    wire = b"".join(map(sender.sealed, messages))
    heard = b""
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        heard += receiver.opened(wire[:size])
        wire = wire[size:]

    assert b"".join(messages) == heard


def test_what_is_larger_than_a_packet_travels_in_as_few_as_may_be() -> None:
    ciphers = Numbered()
    message = bytes(2 * PLAIN_MAX_BYTES + 1)
    wire = Packets(ciphers).sealed(message)

    assert 3 == ciphers.sealed_count
    assert b"\xff\xff" == wire[:2]
    assert message == Packets(Numbered()).opened(wire)


def test_a_packet_that_was_changed_is_refused() -> None:
    wire = bytearray(Packets(Numbered()).sealed(b"hello"))
    wire[5] ^= 1
    with pytest.raises(ValueError, match="not the next packet"):
        Packets(Numbered()).opened(bytes(wire))
