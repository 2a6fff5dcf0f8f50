"""`novation devnet`: a whole network on this machine, from nothing to blocks."""

from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import NOT_RUNNING, Failure
from node.client.target import DEVNET_FOLDER


@click.group(cls=Group)
def devnet() -> None:
    """Run a network of several authorities on this machine."""


@devnet.command("up")
@click.option("-n", "node_count", type=click.IntRange(1, 100), help="Authorities.  [default: 4]")
@click.option("--detach", is_flag=True, help="Return once it runs, and leave it running.")
@click.option("--port", type=click.IntRange(1, 65_535), help="First RPC port.  [default: 7600]")
@click.option("--block-time-ms", type=click.IntRange(100, 60_000), help="[default: 500]")
@click.option("--genesis", type=click.Path(exists=True, dir_okay=False), help="Another genesis.")
@click.option("--no-agents", is_flag=True, help="Without price feeders and traders.")
@click.option("--reset", is_flag=True, help="Throw the data away and start over.")
@click.pass_obj
def up(session: Session, /, *, detach: bool, reset: bool, no_agents: bool, **asked: Any) -> None:
    """Make a network, or go on with the one there is; Ctrl-C stops it and keeps its data."""
    from node.cli.running import Running

    running = Running(session, "devnet", session.folder(DEVNET_FOLDER))
    running.up(asked, detach=detach, reset=reset, with_agents=not no_agents)


@devnet.command("down")
@click.option("--keep", is_flag=True, help="Keep the data; the next `up` goes on.")
@click.pass_obj
def down(session: Session, keep: bool) -> None:
    """Stop every node; without --keep the data goes too."""
    from node.devnet.layout import load_network
    from node.devnet.network import forget, stop_all

    network = load_network(session.folder(DEVNET_FOLDER))
    stop_all(network, session.reporter.note)
    if not keep:
        forget(network)
    kept = f"data kept in {network.home}" if keep else f"data removed from {network.home}"
    session.reporter.result({"data": str(network.home), "kept": keep}, [f"stopped; {kept}"])


@devnet.command("status")
@click.pass_obj
def status(session: Session) -> None:
    """Show every node and agent: its process, how far it is, what it waits for."""
    from node.clock import Clock
    from node.devnet.agents import programs_of
    from node.devnet.layout import load_network
    from node.devnet.standing import Watch, best_of, line_of

    network = load_network(session.folder(DEVNET_FOLDER))
    around = [(program, program.pids) for program in programs_of(network)]
    watch = Watch(network)
    standings = watch.standings()
    watch.close()
    if best_of(standings) is None:
        raise Failure(
            NOT_RUNNING,
            f"no node of {network.home} answers",
            "start them: novation devnet up",
            details={"nodes": [standing.shape() for standing in standings]},
        )
    rows = [
        [s.name, s.state, s.pid or "-", s.height if s.height is not None else "-", s.why or "-"]
        for s in standings
    ]
    rows += [
        [program.name, "up" if pids else "down", pids[0] if pids else "-", "-", "-"]
        for program, pids in around
    ]
    line = line_of(standings, Clock().wall_ms())
    session.reporter.result(
        {
            "chain_id": f"0x{network.chain_id.hex()}",
            "degraded": any(s.status is None for s in standings),
            "nodes": [s.shape() for s in standings],
            "agents": [
                {"name": program.name, "pid": pids[0] if pids else None} for program, pids in around
            ],
        },
        [line, *(f"  {row}" for row in table(rows, ["name", "state", "pid", "height", "why"]))],
    )


@devnet.command("accounts")
@click.pass_obj
def accounts(session: Session) -> None:
    """List the funded development accounts and their keys, worthless outside this network."""
    from node.devnet.layout import KEYS_FOLDER, load_network
    from node.keystore.store import Keystore

    network = load_network(session.folder(DEVNET_FOLDER))
    store = Keystore([network.home / KEYS_FOLDER])
    items = []
    for name, address in network.accounts:
        key = store.find(name)
        items.append(
            {
                "name": name,
                "address": address,
                "public_key": f"0x{key.public_key.hex()}",
                "seed": f"0x{key.seed().hex()}",
                "file": str(key.path),
            }
        )
    rows = [[item["name"], item["address"], item["seed"]] for item in items]
    session.reporter.result(
        {"items": items, "worthless": True},
        [
            "WORTHLESS OUTSIDE THIS NETWORK: everybody knows these keys",
            *table(rows, ["name", "address", "seed"]),
        ],
    )


@devnet.command("logs")
@click.argument("name", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.pass_obj
def logs(session: Session, name: str | None, follow: bool) -> None:
    """Print the logs of all nodes, or of one node or agent, each line under its name."""
    from node.cli.running import print_logs
    from node.devnet.agents import program_named
    from node.devnet.layout import load_network
    from node.folder import DataFolder

    network = load_network(session.folder(DEVNET_FOLDER))
    program = program_named(network, name)
    places = [network.place(name)] if name and not program else list(network.nodes)
    nodes = {place.name: DataFolder(network.folder_of(place)).log for place in places}
    print_logs(session, {program.name: program.log} if program else nodes, follow=follow)


@devnet.command("kill")
@click.argument("name")
@click.pass_obj
def kill(session: Session, name: str) -> None:
    """Kill one node or agent at once (kill -9), as a power cut would."""
    from node.devnet import agents, processes
    from node.devnet.layout import load_network

    network = load_network(session.folder(DEVNET_FOLDER))
    program = agents.program_named(network, name)
    pid = (
        agents.kill(program)
        if program is not None
        else processes.kill(network.folder_of(network.place(name)))
    )
    if pid is None:
        raise Failure(
            NOT_RUNNING, f"{name} does not run", f"start it: novation devnet start {name}"
        )
    session.reporter.result(
        {"name": name, "pid": pid},
        [f"{name} killed (pid {pid})", f"  start it again: novation devnet start {name}"],
    )


@devnet.command("start")
@click.argument("name")
@click.pass_obj
def start(session: Session, name: str) -> None:
    """Start one node that does not run and wait until it answers, or start one agent."""
    from node.cli.running import start_agent, start_one
    from node.devnet.agents import program_named
    from node.devnet.layout import load_network

    network = load_network(session.folder(DEVNET_FOLDER))
    program = program_named(network, name)
    if program is not None:
        start_agent(session, program)
    else:
        start_one(session, network, network.place(name))


@devnet.command("partition")
@click.argument("names", metavar="A,B")
@click.pass_obj
def partition(session: Session, names: str) -> None:
    """Cut the named nodes off from the rest; `heal` ends it."""
    from node.devnet.layout import load_network
    from node.devnet.network import isolate
    from node.devnet.standing import Watch

    network = load_network(session.folder(DEVNET_FOLDER))
    apart = [name for name in names.split(",") if name]
    rest = isolate(network, Watch(network), apart)
    session.reporter.result(
        {"sides": [apart, rest]},
        [
            f"cut: {', '.join(apart)}  |  {', '.join(rest)}",
            "  a side with fewer than the quorum makes no blocks; end it: novation devnet heal",
        ],
    )


@devnet.command("heal")
@click.pass_obj
def heal(session: Session) -> None:
    """Let every node talk to every other again."""
    from node.devnet.layout import load_network
    from node.devnet.network import isolate
    from node.devnet.standing import Watch

    network = load_network(session.folder(DEVNET_FOLDER))
    isolate(network, Watch(network), [])
    session.reporter.result(
        {"sides": [[place.name for place in network.nodes]]}, ["healed: all nodes may talk again"]
    )
