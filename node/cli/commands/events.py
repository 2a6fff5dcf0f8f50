"""`novation events`, `novation watch`: what the chain tells, as it tells it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from node.cli.lazy import Command
from node.cli.session import Session
from node.client.failures import UNANSWERED, UNREACHABLE, USAGE, Failure

RESUME_PAUSE_S = 0.5
POLL_S = 0.25
RECENT_COUNT = 20
WATCH_EVERY_S = 0.5
WHOLE_TOPICS = ("blocks", "consensus", "liquidations")
MARKET_TOPICS = ("trades", "mark", "book")


@click.command(cls=Command)
@click.argument("topic", required=False, metavar="[TOPIC]")
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--from-seq", type=click.IntRange(0), help="Begin with this number, if kept.")
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@click.pass_obj
def events(
    session: Session, topic: str | None, follow: bool, from_seq: int | None, count: int | None
) -> None:
    """Print events of all modules by number, or what is told of one topic: an entry a line.

    Topics: blocks, consensus, liquidations, tx:ID, account:NAME, trades:M, mark:M, book:M.

    novation events --from-seq 0      novation events account:alice --follow
    """
    named = resolved(session, topic) if topic else None
    if named is None:
        entries = _stored(session, from_seq or 0, follow=follow)
    else:
        if from_seq is None and count is not None and not follow and is_numbered(named):
            from_seq = 0  # so many are counted from where its past begins
        entries = _told(session, named, from_seq, follow=follow or count is not None)
    speak = speaker(session)
    for number, entry in enumerate(entries, 1):
        session.reporter.stream(entry, line_of(entry, speak))
        if number == count:
            return


def _stored(session: Session, from_seq: int, *, follow: bool) -> Iterator[dict[str, Any]]:
    """Yield stored events of all modules; asks again for more while following.

    A node that is away for a moment is waited for: the number says where to go on.
    """
    from node.devnet.processes import pause

    next_seq = from_seq
    while True:
        try:
            answer = session.client.call("events_list", from_seq=str(next_seq))
        except Failure as failure:
            if not follow or failure.kind not in {UNREACHABLE, UNANSWERED}:
                raise
            pause(RESUME_PAUSE_S)
            continue
        yield from answer["items"]
        next_seq = int(answer["next_seq"])
        if not answer["items"]:
            if not follow:
                return
            pause(POLL_S)


def resolved(session: Session, topic: str) -> str:
    """Return the topic with a name of a key turned into its address.

    Refuses: USAGE, for what is no topic at all.
    """
    kind, colon, name = topic.partition(":")
    if topic in WHOLE_TOPICS or (kind == "tx" and name):
        return topic
    if kind in MARKET_TOPICS and name:
        return f"{kind}:{name.upper()}"
    if kind == "account" and name:
        from chain.crypto.addresses import text_of

        return f"account:{text_of(session.keyring.address(name))}"
    del colon
    raise Failure(
        USAGE,
        f'no topic "{topic}"',
        "topics: blocks, consensus, liquidations, tx:ID, account:NAME, trades:M, mark:M, book:M",
    )


def _told(
    session: Session, topic: str, from_seq: int | None, *, follow: bool
) -> Iterator[dict[str, Any]]:
    """Yield what is told of a topic; a connection that breaks is made again, nothing is lost.

    Without following, the end is the first heartbeat or, for blocks, the newest one now.
    """
    from node.client.websocket import Closed, Follower
    from node.devnet.processes import pause

    url = session.target.url.replace("http", "ws", 1) + "/ws"
    head = int(session.client.call("chain_getStatus")["height"])
    end = None if follow or topic != "blocks" else head
    next_seq = from_seq if from_seq is not None or follow else _recent(topic, head)
    while True:
        try:
            with contextlib.closing(Follower(url)) as follower:
                for entry in follower.follow(topic, next_seq):
                    if entry["type"] == "heartbeat":
                        if not follow:
                            return
                        continue
                    if is_numbered(topic):
                        next_seq = int(entry["seq"]) + 1
                    yield entry
                    if end is not None and int(entry["seq"]) >= end:
                        return
        except Closed as closed:
            session.reporter.note(f"the node ended the connection ({closed}); going on")
        except Failure as failure:
            # A node that restarts is waited for: the number says where to go on.
            if not follow or failure.kind not in {UNANSWERED, UNREACHABLE}:
                raise
        if not follow:
            return
        pause(RESUME_PAUSE_S)


def is_numbered(topic: str) -> bool:
    """Return whether a topic has a past that can be resumed by number."""
    return topic in {"blocks", "liquidations"} or topic.startswith(("account:", "trades:"))


def _recent(topic: str, head: int) -> int | None:
    """Return the number at which a short look at a topic begins."""
    if topic == "blocks":
        return max(0, head - RECENT_COUNT + 1)
    return 0 if is_numbered(topic) else None


def line_of(entry: Mapping[str, Any], speak: Callable[[str], str] = str) -> str:
    """Return one entry for people: its number, its block, its name, and what it says.

    >>> line_of({"seq": "3", "height": "3", "data": {"height": "3", "tx_count": 0}})
    '#3  block 3  tx_count 0'
    """
    data = entry.get("event") or entry.get("data")
    if isinstance(data, Mapping) and isinstance(data.get("event"), Mapping):
        data = data["event"]
    if not isinstance(data, Mapping):
        return f"#{entry['seq']}  block {entry['height']}  {data}"
    words = [str(data["name"])] if "name" in data else []
    words += [
        f"{name} {speak(value) if isinstance(value, str) else value}"
        for name, value in data.items()
        if name not in {"name", "height", "seq"} and not isinstance(value, list | dict)
    ]
    return f"#{entry['seq']}  block {entry['height']}  {'  '.join(words)}"


def speaker(session: Session) -> Callable[[str], str]:
    """Return how to say a value: an address by its name here, anything else as it is."""
    if session.reporter.as_json:
        return str
    names = session.keyring.names()

    def speak(text: str) -> str:
        owner, slash, number = text.partition("/")
        if owner in names:
            return names[owner] + slash + number
        return short(text) if text.startswith(("nov1", "0x")) else text

    from node.client.keyring import short

    return speak


@click.command(cls=Command)
@click.pass_obj
def watch(session: Session) -> None:
    """Show the chain live: a line on a terminal, an object a line with --json."""
    import sys

    from node.clock import Clock
    from node.devnet.processes import pause
    from node.devnet.standing import seconds

    clock = Clock()
    on_terminal = sys.stdout.isatty() and not session.reporter.as_json
    last = ""
    while True:
        status = session.client.call("chain_getStatus")
        age_ms = max(0, clock.wall_ms() - status["time_ms"])
        line = (
            f"{status['chain_name']} · block {status['height']} · view {status['view']}"
            f" · leader {status['leader']} · {len(status['peers'])} peers"
            f" · {status['waiting_count']} waiting"
        )
        if on_terminal:
            sys.stdout.write(f"\r\x1b[K{line} · {seconds(age_ms)} ago")
            sys.stdout.flush()
        elif status["height"] != last:
            session.reporter.stream(status, line)
        last = status["height"]
        pause(WATCH_EVERY_S)
