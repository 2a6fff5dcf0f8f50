"""Noise packets of a secured connection: whole pieces in, whole pieces out, without sockets.

    packet = len u16 | sealed bytes          big-endian; at most 65,535 sealed bytes

Source: docs/specs/network.md, NET-028.
"""

from typing import Protocol

LENGTH_BYTES = 2
SEAL_BYTES = 16
"""What sealing adds to a packet."""

PLAIN_MAX_BYTES = 65_535 - SEAL_BYTES


class Ciphers(Protocol):
    """The two ciphers of a finished handshake. Each packet has a number, so order matters."""

    def encrypt(self, data: bytes) -> bytes:
        """Return the next packet that goes out, sealed."""
        ...

    def decrypt(self, data: bytes) -> bytes:
        """Return the next packet that came in, or raise."""
        ...


class Packets:
    """Both directions of one connection. What is sealed must be sent, in that order."""

    def __init__(self, ciphers: Ciphers) -> None:
        self._ciphers = ciphers
        self._held = b""

    def sealed(self, data: bytes) -> bytes:
        """Return bytes as the packets that carry them, as few as may be, joined."""
        if len(data) <= PLAIN_MAX_BYTES:
            packet = self._ciphers.encrypt(data)
            return len(packet).to_bytes(LENGTH_BYTES, "big") + packet
        starts = range(0, len(data), PLAIN_MAX_BYTES)
        return b"".join(self.sealed(data[start : start + PLAIN_MAX_BYTES]) for start in starts)

    def opened(self, data: bytes) -> bytes:
        """Return what the packets hold that are whole now; the rest is kept for the next call.

        Raises what the cipher raises when a packet is not the other side's next one.
        """
        held = self._held + data
        parts = []
        place = 0
        while len(held) - place >= LENGTH_BYTES:
            start = place + LENGTH_BYTES
            end = start + int.from_bytes(held[place:start], "big")
            if end > len(held):
                break
            parts.append(self._ciphers.decrypt(held[start:end]))
            place = end
        self._held = held[place:]
        return parts[0] if len(parts) == 1 else b"".join(parts)
