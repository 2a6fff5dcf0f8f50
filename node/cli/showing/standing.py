"""Show how an account stands beside how it would: after an order, a deposit, a move of prices.

Source: docs/specs/cli.md, CLI-085.
"""

from collections.abc import Mapping
from typing import Any

from node.cli.output import table
from node.cli.session import Session
from node.client.amounts import decimal_of, money
from node.client.instruments import Terms, terms_of

Stand = Mapping[str, Any]
FIELDS = (
    ("equity", "equity_quantums"),
    ("initial margin", "initial_margin_quantums"),
    ("maintenance margin", "maintenance_margin_quantums"),
    ("excess", "excess_quantums"),
)
NONE = "-"
TENTHS = 10
PERMILLE = 1_000


def change_lines(session: Session, receipt: Mapping[str, Any]) -> list[str]:
    """Return how the account of a simulated transaction would change, with its fees, if known."""
    change = receipt.get("change")
    if not change or change["after"] is None:
        return []
    fees = fees_of(receipt, change["account"])
    return [*stand_lines(session, change["before"], change["after"], fees)]


def fees_of(receipt: Mapping[str, Any], account: str) -> int:
    """Return what an account pays in fees for the trades of a receipt, less its rebates."""
    blocks = sum(
        int(event["fee_quantums"])
        for event in receipt["events"]
        if event["name"] == "block_trades.block_traded" and event["accepting_holder"] == account
    )
    return blocks + sum(
        int(event[f"{side}_fee_quantums"])
        for event in receipt["events"]
        if event["name"] == "trades.traded"
        for side in ("buyer", "seller")
        if event[f"{side}_holder"] == account
    )


def stand_lines(
    session: Session, before: Stand | None, after: Stand, fee_quantums: int
) -> list[str]:
    """Return both standings side by side, then fees, then each position with its liquidation."""
    from node.cli.assets import asset_decimals

    asset = after["settlement_asset"]
    decimals = asset_decimals(session, asset)

    def amount(stand: Stand | None, field: str) -> str:
        return NONE if stand is None else money(int(stand[field]), decimals, asset)

    rows = [[label, amount(before, field), amount(after, field)] for label, field in FIELDS]
    rows.append(["leverage", leverage(before), leverage(after)])
    rows.append(["state", before["state"] if before else NONE, after["state"]])
    lines = table(rows, ["", "before", "after"])
    if fee_quantums:
        word = "fee" if fee_quantums > 0 else "rebate"
        lines.append(f"{word} {money(abs(fee_quantums), decimals, asset)}")
    return [*lines, *_position_lines(session, before, after)]


def _position_lines(session: Session, before: Stand | None, after: Stand) -> list[str]:
    held = {one["instrument"]: one for one in (before["positions"] if before else ())}
    lines = []
    for one in after["positions"]:
        terms = terms_of(session.client, one["instrument"])
        old = held.pop(terms.instrument, None)
        sizes = f"{terms.size(old['size_lots']) if old else 0} -> {terms.size(one['size_lots'])}"
        lines.append(f"{terms.instrument} {sizes}, {_liquidation(terms, one)}")
    lines += [
        f"{name} {terms_of(session.client, name).size(one['size_lots'])} -> 0"
        for name, one in held.items()
    ]
    return lines


def _liquidation(terms: Terms, held: Mapping[str, Any]) -> str:
    ticks = held["liquidation_price_ticks"]
    if ticks is None:
        return "no liquidation price"
    price, mark = int(ticks), int(held["mark_price_ticks"])
    away = (price - mark) * PERMILLE // mark if mark else 0
    return f"liquidation price {terms.price(price)} ({decimal_of(away, 1)} %)"


def leverage(stand: Stand | None) -> str:
    """Return what an account has at risk as a multiple of its equity, in tenths. Rounds: down.

    >>> leverage({"equity_quantums": "6000", "delta_quantums": "51208"})
    '8.5x'
    """
    equity = int(stand["equity_quantums"]) if stand else 0
    if stand is None or equity <= 0:
        return NONE
    return f"{decimal_of(int(stand['delta_quantums']) * TENTHS // equity, 1)}x"
