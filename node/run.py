"""Run the node of a data folder: `python -m node.run --data DIR/NAME`.

One nursery holds everything. SIGTERM and SIGINT end it in order: nothing new is begun, what is
being written is finished, the pid file goes. Whatever reaches this file unnamed is a defect of
ours: it is logged with all we know, and the process ends, because a node that is half there is
worse than one that is restarted.

Exit codes: 0 asked to end · 1 our defect · 2 configuration · 7 key · 8 disk or state.
"""

import argparse
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import trio

from derivatives.margin.book.packed import read_ahead
from derivatives.oracle.section import REPORT_BYTES_MAX
from node.assembly import Join, run_rooms
from node.config import Configuration, load_configuration
from node.faults import NodeFault
from node.folder import DataFolder
from node.keystore import passphrase
from node.peers.gossip import transaction_topic
from node.reports.gossip import report_topic, volatility_topic
from node.rooms.opening import FRAME_LIMITS, Rooms, StartFault, open_rooms
from node.rpc.web.door import serve
from node.sync.wire import REQUEST_MAX_BYTES
from node.telemetry import logs
from node.telemetry.observer import TelemetryObserver
from p2p.limits import PUBLISH_MAX_BYTES
from p2p.network import (
    CannotListen,
    Greeter,
    Network,
    NetworkConfiguration,
    PeerAddress,
    run_network,
)

SWITCH_INTERVAL_S = 0.001
"""How long the executing thread keeps the interpreter while consensus waits for it."""

GARBAGE_COUNT = 20_000
"""Objects made between two looks for garbage: a block of 5,000 transfers makes ten times more."""

ARENAS_MAX_PARAMETER = -8
"""How `mallopt` of glibc calls the number of its heaps, M_ARENA_MAX of malloc.h."""

NS_PER_MS = 1_000_000
DONE, DEFECT = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a node until it is told to end, and return the exit code."""
    parser = argparse.ArgumentParser(prog="node.run", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="the node's data folder")
    folder = DataFolder(parser.parse_args(arguments).data.absolute())
    share_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        configuration = load_configuration(folder.configuration, os.environ)
        _set_up_log(configuration)
        rooms = open_rooms(configuration, _passphrase())
    except NodeFault as fault:
        return _told(fault)
    read_ahead(rooms.state_store.tables)
    settle()
    try:
        with _pid_file(configuration.folder.pid):
            return _supervised(rooms)
    finally:
        rooms.close()


def share_one_heap() -> None:
    """Have all threads take memory from one heap; before there are threads.

    glibc gives every thread a heap of its own. Blocks are committed by whichever thread is free,
    and what LevelDB has let go of in one heap the next thread cannot have: all of them came to
    hold as much as LevelDB ever does at once. A C library without that choice is left as it is.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(ARENAS_MAX_PARAMETER, 1)


def settle() -> None:
    """Never walk again what lives as long as the process, and the rest not at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_COUNT, 20, 50)


def _supervised(rooms: Rooms) -> int:
    """Run the node and return the exit code, whatever comes out of it."""
    try:
        trio.run(_run, rooms)
    except Exception as failure:  # noqa: BLE001 -- marked: the supervisor of the process
        named = _named(failure)
        if named is not None:
            return _told(named)
        logs.log_of("run").critical("node ended by a defect", exc_info=failure)
        return DEFECT
    logs.log_of("run").info("node ended")
    return DONE


async def _run(rooms: Rooms) -> None:
    log = logs.log_of("run")
    async with trio.open_nursery() as nursery:
        await nursery.start(_end_on_signal, nursery.cancel_scope)
        head = rooms.state_store.head
        log.info(
            "node started",
            height=head.height,
            name=rooms.own_name,
            chain=rooms.genesis.chain_id[:8],
            pid=os.getpid(),
        )
        await run_rooms(rooms, join=_joining(rooms), serve=serve)
        # It ended by itself, as it was ordered to.
        nursery.cancel_scope.cancel()


def _joining(rooms: Rooms) -> Join:
    """Return what starts the network over libp2p; nobody is met on a chain of one."""

    async def join(nursery: trio.Nursery, greeter: Greeter) -> Network | None:
        if rooms.is_alone:
            return None
        try:
            network: Network = await nursery.start(
                run_network, network_configuration(rooms), greeter, TelemetryObserver()
            )
        except CannotListen as fault:
            raise StartFault(
                "cannot_listen",
                str(fault),
                spared="Nothing was started.",
                hint="Choose another p2p.port, or stop the program that has it.",
            ) from fault
        return network

    return join


def network_configuration(rooms: Rooms) -> NetworkConfiguration:
    """Return what the network is told, from the node's configuration."""
    p2p = rooms.configuration.p2p
    return NetworkConfiguration(
        identity_seed=rooms.identity_seed,
        listen_host=p2p.host,
        listen_port=p2p.port,
        peers=tuple(
            PeerAddress(peer.peer_id, peer.host, peer.port, peer.authority) for peer in p2p.peers
        ),
        counter_start=rooms.clock.wall_ms() * NS_PER_MS,
        frame_limits=FRAME_LIMITS,
        topic_limits={
            transaction_topic(rooms.genesis.chain_id): PUBLISH_MAX_BYTES,
            report_topic(rooms.genesis.chain_id): REPORT_BYTES_MAX,
            volatility_topic(rooms.genesis.chain_id): REPORT_BYTES_MAX,
        },
        followers_max_count=p2p.followers_max_count,
        request_max_bytes=REQUEST_MAX_BYTES,
    )


async def _end_on_signal(
    scope: trio.CancelScope, *, task_status: Any = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for number in signals:
            logs.log_of("run").info("asked to end", signal=signal.Signals(number).name)
            scope.cancel()


def _set_up_log(configuration: Configuration) -> None:
    name = configuration.log.file
    file = configuration.folder.root / name if name else None
    log = configuration.log
    logs.set_up(file, level=log.level, console_format=log.format)


def _passphrase() -> bytes | None:
    """Return the passphrase of the file that the environment names. Refuses: KeystoreFault."""
    if not os.environ.get(passphrase.VARIABLE):
        return None
    return passphrase.passphrase_from(os.environ)


@contextmanager
def _pid_file(path: Path) -> Iterator[None]:
    path.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _named(failure: BaseException) -> NodeFault | None:
    """Return the first fault in a tree of exceptions that says what to do, if all are such."""
    if isinstance(failure, NodeFault):
        return failure
    if isinstance(failure, BaseExceptionGroup):
        named = [_named(inner) for inner in failure.exceptions]
        return None if None in named else named[0]
    return None


def _told(fault: NodeFault) -> int:
    """Say what happened, where the operator and the log see it."""
    print(f"{fault.reason}: {fault}", file=sys.stderr)  # noqa: T201 -- perhaps there is no log
    logs.log_of("run").critical("node did not go on", reason=fault.reason, **fault.facts)
    return fault.exit_code


if __name__ == "__main__":
    sys.exit(main())
