"""A network with one port and no peers, for a guest of another language to meet.

    python -m tests.interop.host_process PORT

Prints its peer id, then runs until its standard input is closed.
"""

import sys
from functools import partial

import trio

from p2p.network import Member, NetworkConfiguration, PeerId, Rejected, run_network

SEED = bytes(range(32))


class Porter:
    """Rejects every hello, so that every guest stays a stranger."""

    def hello_for(self, peer_id: PeerId) -> bytes:
        return peer_id.encode()

    def judge(self, peer_id: PeerId, hello: bytes) -> Member:
        raise Rejected("nobody is expected")


class Silence:
    """Takes note of nothing."""

    def told(self, event: str, **facts: str | int) -> None:
        return


async def answer(_peer: PeerId, _member: Member, request: bytes) -> bytes:
    """Return the question, if ever a guest may ask one."""
    await trio.lowlevel.checkpoint()
    return request


async def main(port: int) -> None:
    """Run until the parent goes away."""
    configuration = NetworkConfiguration(
        identity_seed=SEED, listen_host="127.0.0.1", listen_port=port, peers=(), counter_start=0
    )
    async with trio.open_nursery() as nursery:
        network = await nursery.start(partial(run_network, configuration, Porter(), Silence()))
        network.answer("/novation/test/1", answer)
        print(network.me, flush=True)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]))
