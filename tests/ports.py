"""Ports that no other run of tests on this machine is given, however many run side by side."""

import socket
from collections.abc import Iterator

from node.devnet.layout import P2P_PORT_OFFSET
from node.devnet.ports import LOOPBACK, is_free

BLOCKS = range(25_000, 32_000, 2 * P2P_PORT_OFFSET)
"""Below the ports that the operating system gives to connections that go out."""

NETWORK_PORTS_COUNT = 10
"""A network of tests has at most so many nodes."""

_CLAIMS: list[socket.socket] = []


def _claimed() -> int:
    """Return the first port of a block that is free, and hold it for as long as this process lives.

    A port stays its own so while what listens there is stopped and started.
    """
    for start in BLOCKS:
        claim = socket.socket()
        try:
            claim.bind((LOOPBACK, start))
            claim.listen()
        except OSError:
            claim.close()
            continue
        _CLAIMS.append(claim)
        if all(map(is_free, range(start + 1, start + BLOCKS.step))):
            return start
    raise AssertionError(f"no block of ports is free in {BLOCKS}")


def free_ports() -> Iterator[int]:
    """Give one port after the other, each once."""
    while True:
        start = _claimed()
        yield from range(start + 1, start + BLOCKS.step)


def network_ports() -> Iterator[int]:
    """Give the first ports of networks, each again after nine others."""
    start = _claimed()
    while True:
        yield from range(start + 1, start + P2P_PORT_OFFSET - NETWORK_PORTS_COUNT, 10)


PORTS = free_ports()
NETWORK_PORTS = network_ports()
