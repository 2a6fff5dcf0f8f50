"""`novation block`: what is final, and whether it really is."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.lazy import LazyGroup
from node.cli.output import document_lines, table
from node.cli.session import Session

LIST_COUNT = 10


TRADES = "node.cli.commands.trading.offers"


@click.group(
    cls=LazyGroup,
    lazy={name: f"{TRADES}:{name}" for name in ("offer", "sign", "accept", "revoke")},
)
def block() -> None:
    """Show and check blocks of the chain; agree on block trades off the book."""


def asked_block(where: str) -> dict[str, str]:
    """Return the parameters that name a block: nothing for the newest, a height, an id."""
    if where == "head":
        return {}
    return {"block_id": where} if where.startswith("0x") else {"height": where.replace("_", "")}


@block.command("show")
@click.argument("where", default="head", metavar="[HEIGHT|ID]")
@click.pass_obj
def show(session: Session, where: str) -> None:
    """Show a block: its header, what its transactions came to, who made it final."""
    answer = session.client.call("chain_getBlock", **asked_block(where))
    session.reporter.result(answer, block_lines(answer))


def block_lines(answer: Mapping[str, Any]) -> list[str]:
    """Return a block for people."""
    header, certificate = answer["header"], answer["certificate"]
    count = len(answer["transactions"])
    lines = [
        f"block {header['height']} · {count} transactions · {header['proposer_name']}",
        f"  id          {header['block_id']}",
        f"  parent      {header['parent_id']}",
        f"  state root  {header['state_root']}",
        f"  time        {header['time_ms']} ms, view {header['view']}",
    ]
    if certificate:
        names = ", ".join(certificate.get("signer_names", ()))
        lines.append(f"  final by    {names} (certificate of block {certificate['height']})")
    rows = [
        [f"  {item['id']}", item["kind"], "ok" if item["receipt"]["ok"] else outcome(item)]
        for item in answer["transactions"]
    ]
    return lines + table(rows)


def outcome(item: Mapping[str, Any]) -> str:
    """Return why a transaction of a block was refused."""
    return f"refused: {item['receipt']['reason']}"


@block.command("list")
@click.option("--count", type=click.IntRange(1, 100), default=LIST_COUNT, show_default=True)
@click.option("--before", type=click.IntRange(1), help="Only blocks below this height.")
@click.pass_obj
def list_(session: Session, count: int, before: int | None) -> None:
    """List the newest blocks, newest first."""
    head = int(session.client.call("chain_getStatus")["height"])
    top = min(head, before - 1) if before else head
    items = []
    for height in range(top, max(-1, top - count), -1):
        answer = session.client.call("chain_getBlock", height=str(height))
        header = answer["header"]
        items.append(
            {
                "height": header["height"],
                "block_id": header["block_id"],
                "time_ms": header["time_ms"],
                "proposer_name": header.get("proposer_name"),
                "tx_count": header["tx_count"],
            }
        )
    rows = [
        [item["height"], item["block_id"], item["tx_count"], item["proposer_name"]]
        for item in items
    ]
    session.reporter.result(
        {"items": items}, table(rows, ["height", "id", "transactions", "proposer"])
    )


@block.command("verify")
@click.argument("where", default="head", metavar="[HEIGHT|ID]")
@click.pass_obj
def verify(session: Session, where: str) -> None:
    """Check on this machine that a quorum of the authorities made a block final."""
    from node.client.verifying import anchor_of, verified_block

    anchor = anchor_of(session.client, session.target.folder)
    if not anchor.from_genesis:
        session.reporter.warn(
            "no genesis at hand: who the authorities are is the node's own word (--data DIR)"
        )
    answer = session.client.call("chain_getBlock", **asked_block(where))
    found = verified_block(answer, anchor)
    data = {
        "verified": True,
        "height": str(found.header.height),
        "block_id": f"0x{found.block_id.hex()}",
        "state_root": f"0x{found.header.state_root.hex()}",
        "certified_height": str(found.certified_height),
        "signers": list(found.signers),
        "quorum_count": found.quorum_count,
        "anchor": "genesis" if anchor.from_genesis else "node",
    }
    signed = f"{len(found.signers)} of {len(anchor.members)} authorities signed"
    session.reporter.result(
        data,
        [
            f"block {found.header.height} is final: {signed}",
            *document_lines(data, "  "),
        ],
    )
