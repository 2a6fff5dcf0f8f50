"""`novation synthetic`: assets that are worth what a feed says, minted and redeemed."""

from collections.abc import Mapping
from typing import Any

import click

from node.cli.lazy import Group
from node.cli.output import table
from node.cli.session import Session

PERCENT_DECIMALS = 4


@click.group(cls=Group)
def synthetic() -> None:
    """Assets that are minted against collateral and redeemed at the index."""


@synthetic.command("list")
@click.pass_obj
def list_synthetics(session: Session, /) -> None:
    """List synthetics: how much there is and may be, what it is worth, what a debt needs."""
    from node.cli.assets import asset_decimals
    from node.client.amounts import decimal_of
    from node.client.instruments import terms_of

    answer = session.client.call("synthetic_list")
    rows = []
    for item in answer["items"]:
        terms = terms_of(session.client, item["instrument"])
        decimals = asset_decimals(session, item["quote"])
        unit_lots = terms.lots("1")
        worth = decimal_of(
            int(item["index_value_quantums"]) * unit_lots, decimals, group=True, least=2
        )
        minted, pending = (terms.size(item[f]) for f in ("hour_minted_lots", "pending_lots"))
        supply, waiting = terms.size(item["supply_lots"]), item["requests_count"]
        rows.append(
            [
                item["asset"],
                f"{worth} {item['quote']}" if item["is_priced"] else "no price now",
                f"{supply} of {terms.size(item['supply_cap_lots'])}",
                f"{minted} of {terms.size(item['mint_hour_cap_lots'])}",
                f"{decimal_of(item['collateral_ratio_ppm'], PERCENT_DECIMALS)} %",
                f"{decimal_of(item['mint_fee_ppm'], PERCENT_DECIMALS)} %",
                f"{pending} in {waiting} requests",
            ]
        )
    head = ["asset", "worth", "supply", "minted this hour", "ratio", "fee", "waiting"]
    lines = [f"synthetics at height {answer['height']}", *(f"  {r}" for r in table(rows, head))]
    session.reporter.result(answer, lines)


@synthetic.command("requests")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.option("--cursor", help="Go on after an earlier answer's next_cursor.")
@click.pass_obj
def list_requests(session: Session, /, name: str | None, **page: Any) -> None:
    """List what waits for its price, of everybody or of one signer."""
    from chain.crypto.addresses import text_of
    from node.client.instruments import terms_of
    from node.client.keyring import account_name

    asked = {key: value for key, value in page.items() if value is not None}
    if name is not None:
        asked["signer"] = text_of(session.keyring.address(account_name(name).owner))
    answer = session.client.call("synthetic_listRequests", **asked)
    rows = [
        [
            str(item["request_id"]),
            item["kind"],
            terms_of(session.client, item["instrument"]).size(item["size_lots"]),
            item["instrument"],
            _due(item["due_ms"] - answer["time_ms"]),
        ]
        for item in answer["items"]
    ]
    count = "nothing waits" if not rows else f"{len(rows)} waiting"
    lines = [f"{count} at height {answer['height']}"]
    lines += [f"  {r}" for r in table(rows, ["request", "kind", "size", "asset", "due"])]
    session.reporter.result(answer, lines if rows else lines[:1])


def _due(left_ms: int) -> str:
    return f"in {left_ms} ms" if left_ms > 0 else "at the next price"


@synthetic.command("mint")
@click.argument("asset", metavar="SYNTHETIC")
@click.argument("size")
@click.pass_obj
def mint(session: Session, asset: str, size: str) -> None:
    """Ask to mint against the account of --from, for its owner's wallet. Cannot be taken back.

    novation synthetic mint sGOLD 0.5 --from alice
    """
    _ask(session, "mint", asset, size, of_account=True)


@synthetic.command("burn")
@click.argument("asset", metavar="SYNTHETIC")
@click.argument("size")
@click.pass_obj
def burn(session: Session, asset: str, size: str) -> None:
    """Ask to give up what the wallet has, so that the account of --from owes less.

    Cannot be taken back.
    """
    _ask(session, "burn", asset, size, of_account=True)


@synthetic.command("redeem")
@click.argument("asset", metavar="SYNTHETIC")
@click.argument("size")
@click.pass_obj
def redeem(session: Session, asset: str, size: str) -> None:
    """Ask for the index value of what the wallet has, in collateral. Cannot be taken back."""
    _ask(session, "redeem", asset, size, of_account=False)


def _ask(session: Session, verb: str, asset: str, size: str, *, of_account: bool) -> None:
    from node.cli.commands.trading.naming import account_text
    from node.cli.writing import send
    from node.client.instruments import terms_of

    terms = terms_of(session.client, asset)
    plain = {"instrument": terms.instrument, "size_lots": str(terms.lots(size))}
    if of_account:
        plain["account_holder"] = account_text(session)
    send(session, f"synthetics.{verb}", plain, lambda receipt: asked_lines(receipt, terms))


def asked_lines(receipt: Mapping[str, Any], terms: Any) -> list[str]:
    """Return what was asked, and when it meets its price."""
    from node.cli.commands.trading.naming import events_of
    from node.clock import moment_of

    return [
        f"request {event['request_id']}: {terms.size(event['size_lots'])} {terms.instrument},"
        f" filled at the first price observed after {moment_of(event['due_ms'])}"
        for event in events_of(receipt, "synthetics.synthetic_requested")
    ]
