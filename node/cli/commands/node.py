"""`novation node`: one node of a chain, on this machine or anywhere."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session
from node.client.failures import NOT_READY, USAGE, Failure


@click.group(cls=Group)
def node() -> None:
    """Set up, run and question one node."""


def _own_folder(session: Session) -> Path:
    """Return the folder of the node that is meant.

    Refuses: USAGE, when none is named.
    """
    if not session.data:
        raise Failure(USAGE, "which node? name its folder: --data DIR")
    return Path(session.data).expanduser()


@node.command("init")
@click.option("--genesis", required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--name", default="node", show_default=True, help="How people call this node.")
@click.option("--authority", is_flag=True, help="With a key and a vote log of its own.")
@click.option("--port", type=click.IntRange(1, 65_535), default=7600, show_default=True)
@click.option("--p2p-port", type=click.IntRange(1, 65_535), default=7700, show_default=True)
@click.option("--peer", "peers", multiple=True, metavar="NAME=HOST:PORT/PEER_ID")
@click.pass_obj
def init(session: Session, /, **asked: Any) -> None:
    """Write a node's folder: configuration, genesis, identity, and keys of an authority."""
    from node.cli.passphrase import new_passphrase
    from node.devnet.setting import initialise

    made = initialise(_own_folder(session), asked, new_passphrase)
    lines = [
        f"{made['name']} is set up in {made['folder']} for chain {made['chain_id'][:10]}…",
        f"  peer id         {made['peer_id']}",
        *(
            [
                f"  consensus key   {made['consensus_key']}",
                "  an authority becomes one when the chain's own set names this key",
            ]
            if made["consensus_key"]
            else []
        ),
        f"  start it: novation node start --data {made['folder']}",
    ]
    session.reporter.result(made, lines)


@node.command("start")
@click.pass_obj
def start(session: Session) -> None:
    """Run the node of --data in this process until Ctrl-C; it writes node.log."""
    from node.devnet.processes import command_of, running_pid

    folder = _own_folder(session)
    if not (folder / "config.toml").is_file():
        raise Failure(
            USAGE,
            f"{folder} holds no node (no config.toml)",
            f"make one: novation node init --genesis FILE --data {folder}",
        )
    pid = running_pid(folder)
    if pid is not None:
        raise Failure(USAGE, f"the node of {folder} runs already (pid {pid})")
    words = command_of(folder)
    session.reporter.note(f"running the node of {folder}; its log: {folder}/node.log")
    sys.stderr.flush()
    os.execv(words[0], words)  # noqa: S606  # our own interpreter and module


@node.command("status")
@click.option("--why", is_flag=True, help="Say what is missing for the next block, and of whom.")
@click.pass_obj
def status(session: Session, why: bool) -> None:
    """Show where a node stands; exits 8 when it answers and is not ready."""
    answer = session.client.call("chain_getStatus")
    place = f"epoch {answer['epoch']} · view {answer['view']} · leader {answer['leader']}"
    lines = [
        f"{answer['name']} · block {answer['height']} · {place}",
        f"  chain     {answer['chain_name']} ({answer['kind']}) {answer['chain_id']}",
        f"  peers     {', '.join(answer['peers']) or 'none'}",
        f"  signing   {'yes' if answer['signing'] else answer['not_signing_why'] or 'no key'}",
        f"  waiting   {answer['waiting_count']} transactions",
    ]
    if answer["halt_height"] is not None:
        lines.append(f"  halts     after block {answer['halt_height']}, as ordered")
    data: dict[str, Any] = dict(answer)
    if why:
        stall = session.client.call("node_explainStall")
        data["stall"] = stall
        lines += why_lines(stall)
    if not answer["ready"]:
        for line in lines:
            session.reporter.note(line)
        raise Failure(
            NOT_READY,
            f"{answer['name']} is not ready: block {answer['height']} of {answer['best_height']}",
            "why: novation node status --why",
            details=data,
        )
    session.reporter.result(data, lines)


def why_lines(stall: Mapping[str, Any]) -> list[str]:
    """Return what the next block waits for, for people."""
    lines = [f"  why       {stall['why']}"]
    for tally in stall["votes"]:
        missing = ", ".join(tally["missing"]) or "nobody"
        lines.append(
            f"  view {tally['view']}  {tally['kind']} {len(tally['voted'])}"
            f" of {tally['needed_count']} needed; missing: {missing}"
        )
    if stall["silent"]:
        lines.append(f"  silent    {', '.join(stall['silent'])}")
    if stall["clock_offset_ms"] is not None:
        lines.append(f"  clock     {stall['clock_offset_ms']} ms from the median")
    lines += [f"  alarm     {alarm}" for alarm in stall["alarms"]]
    return lines


@node.command("halt-at")
@click.argument("height", type=click.IntRange(min=1), required=False)
@click.option("--cancel", is_flag=True, help="Take the order back.")
@click.pass_obj
def halt_at(session: Session, height: int | None, cancel: bool) -> None:
    """Have a node end after a block, for a change of the program at that height.

    The node signs nothing more once the block is on disk, and exits with 0. Only from its own
    machine. The order does not outlive the process.

    novation node halt-at 1200 --rpc auth1
    """
    if cancel == (height is not None):
        raise Failure(
            USAGE,
            "after which block? like this: novation node halt-at 1200",
            "take it back: novation node halt-at --cancel",
        )
    answer = session.client.call("node_haltAt", height=None if cancel else str(height))
    if answer["halt_height"] is None:
        line = f"goes on; it is at block {answer['height']}"
    else:
        line = f"ends after block {answer['halt_height']}; it is at block {answer['height']}"
    session.reporter.result(answer, [line])


@node.command("peers")
@click.pass_obj
def peers(session: Session) -> None:
    """List the peers of a node: linked or not, how far, how good."""
    from node.devnet.layout import find_network

    folder = session.target.folder
    network = find_network(folder) if folder else None
    names = {place.peer_id: place.name for place in network.nodes} if network else {}
    answer = session.client.call("node_getPeers")
    rows = [
        [
            peer["name"] or names.get(peer["peer_id"], peer["peer_id"]),
            "linked" if peer["linked"] else "connected" if peer["connected"] else "away",
            peer["address"],
            "-" if peer["rtt_ms"] is None else peer["rtt_ms"],
            peer["score"],
            peer["last_error"] or "-",
        ]
        for peer in answer["peers"]
    ]
    lines = [f"{answer['name']}  {answer['peer_id']}"]
    lines += table(rows, ["peer", "state", "address", "rtt ms", "score", "last error"])
    session.reporter.result(answer, lines)
