"""Listen, count connections, and let no defect of one reach another.

Source: docs/specs/rpc.md, RPC-010, RPC-019.
"""

import errno
from collections import Counter
from typing import Any, ClassVar

import trio

from node.faults import NodeFault
from node.rpc import limits
from node.rpc.guard import run_guarded
from node.rpc.method import Caller
from node.rpc.web.access import is_loopback
from node.rpc.web.connection import Connection, House
from node.rpc.web.response import problem
from node.telemetry.logs import Log, log_of
from node.telemetry.metrics import RPC_CONNECTIONS, RPC_CONNECTIONS_REFUSED

FULL_DEADLINE_S = 1
"""How long a refused connection is kept for its answer."""


class CannotServe(NodeFault):
    """The port is taken, or the address is not ours; nothing was started."""

    NUMBERS: ClassVar[dict[str, int]] = {"rpc_port_taken": 1590, "rpc_address": 1591}
    EXIT_CODE: ClassVar[int] = 2


class Server:
    """One port, at most so many connections at a time."""

    def __init__(self, house: House, *, port: int | None = None, log: Log | None = None) -> None:
        self.house = house
        self.connection_count = 0
        self._held: Counter[str] = Counter()
        self._port = house.settings.port if port is None else port
        self._log = log if log is not None else log_of("rpc")

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; started once the port is open, with its number.

        Refuses: CannotServe.
        """
        host = self.house.settings.host
        try:
            listeners = await trio.open_tcp_listeners(self._port, host=host)
        except OSError as fault:
            raise _cannot_serve(host, self._port, fault) from fault
        port = int(listeners[0].socket.getsockname()[1])
        self._log.info("rpc listening", host=host, port=port)
        # Connections outlive the order to end for a moment: WebSockets are told of it.
        serving = trio.CancelScope(shield=True)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen, listeners, serving)
            task_status.started(port)
            try:
                await trio.sleep_forever()
            finally:
                await self.house.leaving.wait_told()
                serving.cancel()

    async def _listen(
        self, listeners: list[trio.SocketListener], serving: trio.CancelScope
    ) -> None:
        with serving:
            await trio.serve_listeners(self._serve, listeners)

    async def _serve(self, stream: trio.SocketStream) -> None:
        """Be the server of one connection; whatever happens ends with it."""
        try:
            address = str(stream.socket.getpeername()[0])
        except OSError:
            await trio.aclose_forcefully(stream)
            return  # gone before it was looked at
        caller = Caller(address, is_loopback(address))
        if not self._has_room_for(caller):
            RPC_CONNECTIONS_REFUSED.inc()
            await self._turn_away(stream)
            return
        self.connection_count += 1
        self._held[address] += 1
        RPC_CONNECTIONS.inc()
        try:
            connection = Connection(stream, caller, self.house)
            await run_guarded(self._log, "connection", connection.serve)
        finally:
            self.connection_count -= 1
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
            RPC_CONNECTIONS.dec()
            await trio.aclose_forcefully(stream)

    def _has_room_for(self, caller: Caller) -> bool:
        """Return whether this one may connect: nobody from outside takes all there are."""
        most_count = self.house.settings.connections_max_count
        share_count = max(1, most_count // limits.CONNECTIONS_SHARE)
        return self.connection_count < most_count and (
            caller.loopback or self._held[caller.address] < share_count
        )

    async def _turn_away(self, stream: trio.SocketStream) -> None:
        """Say that the house is full, if the other side listens."""
        full = problem(503, "as many connections as this node serves", (("retry-after", "1"),))
        try:
            with trio.move_on_after(FULL_DEADLINE_S):
                await stream.send_all(full.written(keep_alive=False))
                await stream.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # gone already
        finally:
            await trio.aclose_forcefully(stream)


def _cannot_serve(host: str, port: int, fault: OSError) -> CannotServe:
    if any(error.errno == errno.EADDRINUSE for error in (fault, *_causes(fault))):
        return CannotServe(
            "rpc_port_taken",
            f"port {port} of {host} is taken by another program",
            spared="nothing was started",
            hint="choose another with rpc.port, or stop that program",
            host=host,
            port=port,
        )
    return CannotServe(
        "rpc_address",
        f"cannot listen on {host}:{port} ({fault.strerror or fault})",
        spared="nothing was started",
        hint="rpc.host is an address of this machine: 127.0.0.1 unless others may ask",
        host=host,
        port=port,
    )


def _causes(fault: OSError) -> list[OSError]:
    """Return the faults that trio folds into one when it tried several addresses."""
    cause = fault.__cause__
    if isinstance(cause, BaseExceptionGroup):
        return [error for error in cause.exceptions if isinstance(error, OSError)]
    return [cause] if isinstance(cause, OSError) else []
