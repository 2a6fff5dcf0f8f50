"""What has several legs: as people write it, as the chain takes it, and what each came to.

Source: docs/specs/cli.md, CLI-075 to CLI-077.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from node.cli.assets import asset_decimals
from node.cli.commands.trading.naming import account_text, events_of
from node.cli.session import Session
from node.cli.writing import send
from node.client.amounts import money, quantums_of
from node.client.failures import VALUE_MALFORMED, Failure
from node.client.instruments import PLACES, Terms, terms_of
from node.client.transport import Client

BUY, SELL = 1, 2


class Leg(NamedTuple):
    """One side of one instrument; `ticks` 0 is without a limit."""

    terms: Terms
    side: int
    lots: int
    ticks: int

    @property
    def plain(self) -> dict[str, Any]:
        """Return the fields that every leg has in a transaction."""
        return {
            "instrument": self.terms.instrument,
            "side": self.side,
            "size_lots": str(self.lots),
            "price_ticks": str(self.ticks),
        }


def leg_of(client: Client, text: str, *, priced: bool = False) -> Leg:
    """Return the leg that `BTC-PERP:-0.5@64_000` means: below zero sells, @ limits the price.

    Refuses: VALUE_MALFORMED, also without a price where one is asked for; AMOUNT_INEXACT;
    NOT_FOUND.
    """
    instrument, colon, rest = text.partition(":")
    size, at, price = rest.partition("@")
    if not instrument or not colon or not size or bool(at) != bool(price) or (priced and not price):
        example = "BTC-PERP:-0.5@64_000" + ("" if priced else " or BTC-PERP:0.5")
        raise Failure(VALUE_MALFORMED, f'"{text}" is no leg', f"like this: {example}")
    terms = terms_of(client, instrument)
    lots = terms.lots(size.lstrip("+-"))
    side = SELL if size.startswith("-") else BUY
    return Leg(terms, side, lots, terms.ticks(price) if price else 0)


def spread_quantums(text: str, terms: Terms, lots: int, decimals: int) -> int:
    """Return what a price difference comes to for so many lots, in quantums of the quote.

    Rounds: down, so that a limit made of it is never looser than what was asked.
    Refuses: VALUE_MALFORMED, AMOUNT_INEXACT.
    """
    spread = quantums_of(text, PLACES, "spread")
    lot = quantums_of(terms.lot_size, PLACES, "step")
    quantums: int = spread * lot * lots * 10**decimals // 10 ** (2 * PLACES)
    return quantums


def send_bundle(
    session: Session, legs: Sequence[Leg], net_limit_quantums: int | None, shrinking: Sequence[str]
) -> None:
    """Send a bundle of --from; legs in the instruments that shrink are reduce-only."""
    plain = {
        "account_holder": account_text(session),
        "legs": [{**leg.plain, "reduce_only": leg.terms.instrument in shrinking} for leg in legs],
        "net_limited": net_limit_quantums is not None,
        "net_limit_quantums": str(net_limit_quantums or 0),
        "self_trade": 0,
    }
    send(session, "orders.bundle", plain, lambda receipt: filled_lines(session, receipt, legs))


def filled_lines(session: Session, receipt: Mapping[str, Any], legs: Sequence[Leg]) -> list[str]:
    """Return what a bundle cost, then each leg with its fills."""
    quote = legs[0].terms.quote
    told = events_of(receipt, "orders.bundle_filled")
    if not told:
        return [f"bundle of {len(legs)} legs taken"]
    net = int(told[0]["net_quantums"])
    amount = money(abs(net), asset_decimals(session, quote), quote)
    total = f"for {amount}" if net >= 0 else f"bringing {amount}"
    return [f"{len(legs)} legs filled {total}", *leg_lines(receipt, legs)]


def leg_lines(receipt: Mapping[str, Any], legs: Sequence[Leg]) -> list[str]:
    """Return each leg with the prices at which it traded."""
    lines = []
    for leg in legs:
        terms = leg.terms
        fills = ", ".join(
            f"{terms.size(event['size_lots'])} at {terms.price(event['price_ticks'])}"
            for event in events_of(receipt, "trades.traded")
            if event["instrument"] == terms.instrument
        )
        verb = "bought" if leg.side == BUY else "sold"
        lines.append(f"{verb} {terms.size(leg.lots)} {terms.instrument}: {fills}")
    return lines
