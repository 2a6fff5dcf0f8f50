"""`novation dev`: one authority on a chain whose clock is yours."""

from typing import Any

import click

from node.cli.lazy import DURATION, Group
from node.cli.output import document_lines
from node.cli.session import Session
from node.client.target import DEV_FOLDER


@click.group(cls=Group)
def dev() -> None:
    """Run a chain of one authority, and play with any development chain."""


@dev.command("up")
@click.option("--port", type=click.IntRange(1, 65_535), help="RPC port.  [default: 7600]")
@click.option("--block-time-ms", type=click.IntRange(100, 60_000), help="[default: 500]")
@click.option("--manual", is_flag=True, default=None, help="Make blocks on `dev mine` alone.")
@click.option("--detach", is_flag=True, help="Return once it runs, and leave it running.")
@click.option("--agents", "with_agents", is_flag=True, help="With agents that trade.")
@click.option("--reset", is_flag=True, help="Throw the data away and start over.")
@click.pass_obj
def up(session: Session, /, **asked: Any) -> None:
    """Run one authority: a block at once for each transaction, virtual time."""
    from node.cli.running import Running

    how = {name: asked.pop(name) for name in ("detach", "reset", "with_agents")}
    Running(session, "dev", session.folder(DEV_FOLDER)).up(asked, **how)


@dev.command("down")
@click.option("--keep", is_flag=True, help="Keep the data; the next `up` goes on.")
@click.pass_obj
def down(session: Session, keep: bool) -> None:
    """Stop a chain that was left running; without --keep its data goes too."""
    from node.devnet.layout import load_network
    from node.devnet.network import forget, stop_all

    network = load_network(session.folder(DEV_FOLDER))
    stop_all(network, session.reporter.note)
    if not keep:
        forget(network)
    session.reporter.result({"data": str(network.home), "kept": keep}, ["stopped"])


@dev.command("faucet")
@click.argument("to")
@click.argument("amount")
@click.option("--asset", default="USD", show_default=True, help="What is given.")
@click.pass_obj
def faucet(session: Session, to: str, amount: str, asset: str) -> None:
    """Give an account money, on development chains only."""
    from chain.crypto.addresses import text_of
    from node.cli.assets import asset_decimals
    from node.client import sending
    from node.client.amounts import decimal_of, money, quantums_of
    from node.client.keyring import account_name
    from node.clock import Clock
    from node.devnet.processes import pause

    decimals = asset_decimals(session, asset)
    quantums = quantums_of(amount, decimals, asset)
    owner = account_name(to).owner
    address = text_of(session.keyring.address(owner))
    amount = decimal_of(quantums, decimals)
    answer = session.client.call("dev_faucet", account=address, asset=asset, amount=amount)
    said = f"{owner} received {money(quantums, decimals, asset)}"
    if session.no_wait:
        session.reporter.result({**answer, "final": False}, [f"{said}, not waited for"])
        return
    patience = sending.Patience(session.wait_ms, Clock(), pause)
    receipt = sending.wait(session.client, answer["id"], patience)
    session.reporter.result(
        {**receipt, "final": True}, [f"{said} in block {receipt['height']}, final"]
    )


@dev.command("mine")
@click.argument("blocks", type=click.IntRange(1, 10_000), default=1)
@click.pass_obj
def mine(session: Session, blocks: int) -> None:
    """Make blocks now (`novation dev up` only)."""
    answer = session.client.call("dev_mine", blocks=blocks)
    session.reporter.result(answer, [f"made {blocks}", *document_lines(answer, "  ")])


@dev.command("advance")
@click.argument("time", type=DURATION)
@click.pass_obj
def advance(session: Session, time: int) -> None:
    """Move the chain's clock forward (`novation dev up` only)."""
    answer = session.client.call("dev_advanceTime", ms=time)
    session.reporter.result(answer, [f"moved {time} ms on", *document_lines(answer, "  ")])


@dev.command("price")
@click.argument("feed")
@click.argument("price")
@click.option("--over", "over_ms", type=DURATION, help="Go there in steps, this long.")
@click.pass_obj
def price(session: Session, feed: str, price: str, over_ms: int | None) -> None:
    """Set a feed's price on every node here; `free` instead of a price gives it back."""
    from node.cli.pricing import PRICE_DECIMALS, clients_of, price_of, set_everywhere, steps_of
    from node.client.amounts import quantums_of
    from node.devnet.processes import pause

    with clients_of(session) as clients:
        now_e8 = price_of(clients[0], feed)
        if price == "free":
            height = set_everywhere(clients, feed, [None], pause)
            said = f"{feed} is its feeders' again"
        else:
            wanted_e8 = quantums_of(price, PRICE_DECIMALS, feed)
            way = steps_of(now_e8 or wanted_e8, wanted_e8, over_ms or 0)
            height = set_everywhere(clients, feed, list(way), pause)
            where = "1 node" if len(clients) == 1 else f"{len(clients)} nodes"
            said = f"{feed} is set to {price} on {where}"
    session.reporter.result(
        {"feed": feed, "price": price, "height": str(height), "nodes": len(clients)},
        [f"{said} (block {height})"],
    )


@dev.command("snapshot")
@click.pass_obj
def snapshot(session: Session) -> None:
    """Keep state and vote log as they are now (`novation dev up` only)."""
    answer = session.client.call("dev_snapshot")
    session.reporter.result(answer, document_lines(answer))


@dev.command("revert")
@click.argument("name")
@click.pass_obj
def revert(session: Session, name: str) -> None:
    """Go back to a snapshot (`novation dev up` only)."""
    answer = session.client.call("dev_revert", id=name)
    session.reporter.result(answer, [f"back at {name}", *document_lines(answer, "  ")])
