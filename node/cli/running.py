"""What `devnet up` and `dev up` show while a network runs, and how they leave it.

Source: docs/specs/cli.md, CLI-043 to CLI-049.
"""

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from node.cli.session import Session
from node.client.failures import CHILD_ENDED, FLAGS_CHANGED, NOT_RUNNING, Failure
from node.client.keyring import short
from node.clock import Clock
from node.devnet import agents, processes
from node.devnet import network as networks
from node.devnet.layout import (
    Network,
    Place,
    find_network,
    ports_of,
    require_same_choices,
)
from node.devnet.standing import Standing, Watch, line_of, seconds
from node.devnet.writing import choices_of, make_network
from node.folder import DataFolder

LIVE_EVERY_S = 0.5
OPENING_BLOCKS_COUNT = 8
"""Four seconds of a dev chain: its first prices, and the auction by which a market opens."""
LOG_EVERY_S = 0.2
QUITTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
UNWRITTEN = "\r\x1b[K"


class Running:
    """One `up`: from the folder as it is found to a network that is left as it was asked."""

    def __init__(self, session: Session, kind: str, home: Path) -> None:
        self._session = session
        self._report = session.reporter
        self._kind = kind
        self._home = home
        self._clock = Clock()
        self._command = "novation dev" if kind == "dev" else "novation devnet"

    def up(
        self, asked: dict[str, Any], *, detach: bool, reset: bool, with_agents: bool = False
    ) -> None:
        """Make or find the network, start what does not run, tell, and stay unless detached."""
        began_ms = self._clock.monotonic_ms()
        if self._session.dry_run:
            choices = choices_of(self._kind, asked)
            data = {"data": str(self._home), "ports": ports_of(choices)}
            self._report.result(data, [f"would use {self._home} and ports {data['ports']}"])
            return
        network = self._found(asked, reset=reset)
        self._quit_on_hangup()
        watch = Watch(network)
        missing = networks.missing_of(network)
        try:
            standings = self._brought_up(network, watch, missing)
            if with_agents:
                self._around(network, watch)
            took_ms = self._clock.monotonic_ms() - began_ms
            banner = self._banner(network, took_ms, detach=detach)
            self._report.result(self._document(network, standings), banner)
            if not detach:
                self._stay(network, watch)
        except KeyboardInterrupt:
            self._leave(network, [] if detach else network.nodes, missing)
            if not self._report.is_done:
                raise
        except BrokenPipeError:
            # Whoever read along has gone, and with them whoever would stop it.
            self._leave(network, [] if detach else network.nodes, missing)
            raise
        except Failure:
            # What was not running before must not be left half alive.
            self._leave(network, network.nodes if self._report.is_done else [], missing)
            raise
        finally:
            watch.close()

    def _brought_up(
        self, network: Network, watch: Watch, missing: Sequence[Place]
    ) -> Sequence[Standing]:
        """Start what does not run, and return where all stand once each has a new block."""
        networks.start(network, missing)
        count = len(network.nodes)
        what = "the node" if count == 1 else f"a final block on {count} nodes"
        self._report.note(f"waiting for {what} …")
        return networks.wait_for_blocks(
            network,
            watch,
            self._session.timeout_ms or networks.START_LIMIT_MS,
            self._clock,
            must_grow=self._kind != "dev",
        )

    def _around(self, network: Network, watch: Watch) -> None:
        """Start feeders and traders, and wait until there is something to trade with."""
        programs = agents.programs_of(network)
        agents.start(programs)
        maker = next((one for one in programs if one.kind == "maker"), None)
        if maker is None or network.choices.manual:
            return
        self._report.note("waiting for the market …")
        if network.choices.kind == "dev":
            # Nobody makes blocks there but who asks for them, and a market opens by an auction.
            watch.client(network.nodes[0]).call("dev_mine", blocks=OPENING_BLOCKS_COUNT)
        if not networks.wait_for_market(network, watch, networks.MARKET_LIMIT_MS):
            self._report.warn(f"no market is quoted yet; why: {maker.log}")

    def _leave(self, network: Network, running: Sequence[Place], started: Sequence[Place]) -> None:
        """Stop the nodes of a network that was told of, else those that were just started.

        A second Ctrl-C changes nothing: the nodes have been asked, and the wait is bounded.
        """
        for number in QUITTING:
            signal.signal(number, signal.SIG_IGN)
        places = running if self._report.is_done else started
        self._report.note("stopping …")
        folders = [network.folder_of(place) for place in places]
        is_whole = len(places) == len(network.nodes)
        around = agents.programs_of(network, None if is_whole else places)
        killed = agents.stop(around) + processes.stop(folders)
        if killed:
            self._report.note(f"{len(killed)} processes did not end by themselves and were killed")
        if self._report.is_done and places:
            go_on = f"{self._command} up"
            self._report.note(f"stopped; data kept in {network.home}; go on: {go_on}")

    def _found(self, asked: dict[str, Any], *, reset: bool) -> Network:
        network = find_network(self._home)
        if network is not None and reset:
            networks.stop_all(network, self._report.note)
            networks.forget(network)
            network = None
        if network is not None:
            self._require_same(network, asked)
            return network
        networks.require_empty(self._home)
        choices = choices_of(self._kind, asked)
        networks.require_free(ports_of(choices))
        return make_network(self._home, choices, self._clock.wall_ms())

    def _require_same(self, network: Network, asked: dict[str, Any]) -> None:
        if network.choices.kind != self._kind:
            raise Failure(
                FLAGS_CHANGED,
                f"{network.home} holds a network of kind {network.choices.kind}",
                "name another folder: --data DIR      start over: --reset",
            )
        require_same_choices(network, choices_given(asked))

    def _quit_on_hangup(self) -> None:
        """Leave as on Ctrl-C when the terminal closes or somebody asks politely."""

        def interrupt(_number: int, _frame: object) -> None:
            raise KeyboardInterrupt

        for number in QUITTING:
            signal.signal(number, interrupt)

    def _document(self, network: Network, standings: Sequence[Standing]) -> dict[str, Any]:
        return {
            "kind": network.choices.kind,
            "chain_name": network.chain_name,
            "chain_id": f"0x{network.chain_id.hex()}",
            "data": str(network.home),
            "block_time_ms": network.choices.block_time_ms,
            "nodes": [
                {
                    "name": place.name,
                    "rpc": place.rpc,
                    "websocket": websocket_of(place.rpc),
                    "p2p": place.p2p,
                    "pid": standing.pid,
                    "height": standing.status and standing.status["height"],
                }
                for place, standing in zip(network.nodes, standings, strict=True)
            ],
            "agents": [
                {"name": program.name, "pid": pid, "log": str(program.log)}
                for program in agents.programs_of(network)
                for pid in program.pids
            ],
            "accounts": [
                {"name": name, "address": address, "key": f"{network.home}/keys/{name}.json"}
                for name, address in network.accounts
            ],
        }

    def _banner(self, network: Network, took_ms: int, *, detach: bool) -> list[str]:
        count = len(network.nodes)
        who = "1 authority" if count == 1 else f"{count} authorities"
        choices = network.choices
        lines = [f"{network.chain_name} · {who} · block time {choices.block_time_ms} ms"]
        lines[0] += f" · data {network.home}  (started in {seconds(took_ms)})"
        lines += [
            f"  {place.name}  RPC {place.rpc}   WS {websocket_of(place.rpc)}   p2p {place.p2p}"
            for place in network.nodes
        ]
        first = network.nodes[0]
        is_devnet = self._kind == "devnet"
        stop = f"{self._command} down" if detach or is_devnet else "Ctrl-C"
        logs = f"{self._command} logs -f" if is_devnet else f"{network.folder_of(first)}/node.log"
        lines += [
            f"  explorer {first.rpc}/explorer/      metrics {first.rpc}/metrics",
            f"  logs {logs}      stop {stop}",
            *agents_lines(network),
            "  DEV KEYS, WORTHLESS OUTSIDE THIS NETWORK",
            *(f"    {name:<11} {short(address)}" for name, address in network.accounts),
            "  try: novation account balances alice · novation watch",
            "       novation account deposit 10_000 --from alice",
            "       novation order place BTC-PERP buy 0.5 --market --from alice",
        ]
        if detach:
            lines.append("  it goes on by itself; this command is done")
        return lines

    def _stay(self, network: Network, watch: Watch) -> None:
        """Show the live line until somebody interrupts."""
        live = Live(self._session, network)
        try:
            while True:
                live.show(watch.standings(), self._clock.wall_ms(), watch.prices())
                processes.pause(LIVE_EVERY_S)
        finally:
            live.clear()


class Live:
    """The status line: rewritten on a terminal, elsewhere only what changes."""

    def __init__(self, session: Session, network: Network) -> None:
        self._session = session
        self._network = network
        self._on_terminal = sys.stderr.isatty() and not session.reporter.quiet
        self._down: set[str] = set()

    def show(self, standings: list[Standing], now_ms: int, prices: str = "") -> None:
        """Show where the network stands; a process that ended by itself is told once.

        Refuses: CHILD_ENDED, when the last of them has ended.
        """
        down = {standing.name for standing in standings if standing.pid is None}
        for name in sorted(down - self._down):
            self._tell_ended(name)
        for name in sorted(self._down - down):
            self.clear()
            self._session.reporter.note(f"{name} runs again")
        self._down = down
        if len(down) == len(standings):
            raise Failure(CHILD_ENDED, "every node has ended", "go on: novation devnet up")
        if self._on_terminal:
            told = [line_of(standings, now_ms), *([prices] if prices else [])]
            sys.stderr.write(f"{UNWRITTEN}  {' · '.join(told)}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the status line away, so that something else can be said."""
        if self._on_terminal:
            sys.stderr.write(UNWRITTEN)
            sys.stderr.flush()

    def _tell_ended(self, name: str) -> None:
        self.clear()
        place = self._network.place(name)
        ended = networks.child_ended(self._network, place)
        self._session.reporter.note(
            f"{ended.message}; start it again: novation devnet start {name}"
        )
        for line in ended.advice:
            self._session.reporter.note(f"  {line}")


def choices_given(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked in the form in which a network remembers it."""
    genesis = asked.get("genesis")
    return {**asked, "genesis": str(Path(genesis).absolute()) if genesis else None}


def websocket_of(rpc: str) -> str:
    """Return the WebSocket address of a node.

    >>> websocket_of("http://127.0.0.1:7600")
    'ws://127.0.0.1:7600/ws'
    """
    return rpc.replace("http", "ws", 1) + "/ws"


def agents_lines(network: Network) -> list[str]:
    """Return who runs around the nodes, in a line; nothing where nobody does."""
    names = [program.name for program in agents.programs_of(network) if program.pids]
    feeders = sum(name.endswith(agents.FEEDER) for name in names)
    told = [f"{feeders} price feeders"] if feeders else []
    told += [name for name in names if not name.endswith(agents.FEEDER)]
    return [f"  agents {', '.join(told)}"] if told else []


def start_agent(session: Session, program: agents.Program) -> None:
    """Start one program around the nodes that does not run."""
    was_running = program.pids
    started = agents.start([program])
    pid = (was_running or started)[0]
    session.reporter.result(
        {"name": program.name, "pid": pid, "started": not was_running},
        [f"{program.name} runs (pid {pid})", f"  its log: {program.log}"],
    )


def start_one(session: Session, network: Network, place: Place) -> None:
    """Start one node that does not run, and wait until it answers.

    Refuses: CHILD_ENDED with its last words.
    """
    folder = network.folder_of(place)
    pid = processes.running_pid(folder)
    if pid is not None:
        session.reporter.result(
            {"name": place.name, "pid": pid, "started": False}, [f"{place.name} runs (pid {pid})"]
        )
        return
    networks.require_free(networks.ports_of(network, place))
    process = processes.start(folder)
    watch = Watch(network)
    answered = processes.wait_until(
        lambda: watch.answers(place) or process.poll() is not None,
        session.timeout_ms or networks.START_LIMIT_MS,
    )
    watch.close()
    if process.poll() is not None:
        raise networks.child_ended(network, place)
    if not answered:
        raise Failure(
            NOT_RUNNING,
            f"{place.name} runs (pid {process.pid}) and does not answer yet",
            f"its log: {DataFolder(folder).log}",
        )
    session.reporter.result(
        {"name": place.name, "pid": process.pid, "started": True},
        [f"{place.name} runs (pid {process.pid}) and answers at {place.rpc}"],
    )


def print_logs(session: Session, logs: Mapping[str, Path], *, follow: bool) -> None:
    """Print what was written to these logs, a line under each name; go on if asked."""
    tails = [Tail(name, path) for name, path in logs.items()]
    while True:
        for tail in tails:
            for line in tail.fresh():
                session.reporter.stream(
                    {"node": tail.name, "line": line},
                    f"{tail.name}  {line}" if len(tails) > 1 else line,
                )
        if not follow:
            return
        processes.pause(LOG_EVERY_S)


class Tail:
    """A log that grows: gives each whole line once; begins anew when the file does."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._file: IO[bytes] | None = None
        self._rest = b""

    def fresh(self) -> list[str]:
        """Return the lines written since the last time."""
        if self._file is not None and self._was_replaced():
            self._file.close()
            self._file = None
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except OSError:
                return []
            self._rest = b""
        data = self._rest + self._file.read()
        whole, separator, self._rest = data.rpartition(b"\n")
        return whole.decode(errors="replace").split("\n") if separator else []

    def _was_replaced(self) -> bool:
        assert self._file is not None
        try:
            return self._path.stat().st_size < self._file.tell()
        except OSError:
            return True
