"""A chain of options as a table: calls, strikes and puts, the forward between its neighbours.

Source: docs/specs/cli.md, CLI-096.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from node.cli.output import table
from node.client.amounts import decimal_of
from node.client.instruments import shown
from node.clock import moment_of

E8_PLACES = 8
CENT_E8 = 10**6
HEAD = ("open", "delta", "volatility", "bid", "mark", "ask")
"""Of a call, from the left; a put has them the other way round."""


def chain_lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the lines that show a chain: its date, its strikes, and the other dates."""
    dates = {date["expiry_ms"]: date for date in answer["dates"]}
    if answer["expiry_ms"] is None:
        return [f"{answer['underlying']} at height {answer['height']}: no options are listed"]
    date = dates[answer["expiry_ms"]]
    forward_e8 = None if date["forward_e8"] is None else int(date["forward_e8"])
    told = "no forward yet" if forward_e8 is None else f"forward {_price(forward_e8)}"
    ends = moment_of(date["expiry_ms"])
    lines = [f"{date['forward']} at height {answer['height']}: {told}, ends {ends}"]
    rows, marked = [], forward_e8 is None
    for strike in answer["strikes"]:
        strike_e8 = int(strike["strike_e8"])
        if not marked and forward_e8 is not None and strike_e8 > forward_e8:
            rows.append([*[""] * len(HEAD), f"> {_price(forward_e8)}", *[""] * len(HEAD)])
            marked = True
        call = _cells(strike["call"], answer["tick_size"], answer["lot_size"])
        put = _cells(strike["put"], answer["tick_size"], answer["lot_size"])
        rows.append([*call, decimal_of(strike_e8, E8_PLACES, group=True), *reversed(put)])
    lines += [f"  {row}" for row in table(rows, [*HEAD, "strike", *reversed(HEAD)])]
    lines.append(
        "  prices for one unit of the underlying; volatility a year, in per cent, of the mark"
    )
    others = [one["forward"].partition("-")[2] for one in answer["dates"] if one is not date]
    return [*lines, f"  other dates: {' '.join(others)}"] if others else lines


def _cells(option: Mapping[str, Any] | None, tick_size: str, lot_size: str) -> Sequence[str]:
    """Return the cells of a call from the left; of a put they are turned round."""
    if option is None:
        return [""] * len(HEAD)
    lots = int(option["open_interest_lots"])
    delta, volatility = option["delta_ppm"], option["mark_volatility_e9"]
    prices = (option[f"{name}_price_ticks"] for name in ("bid", "mark", "ask"))
    return [
        shown(lots, lot_size) if lots else "",
        "" if delta is None else decimal_of((delta + 5_000) // 10_000, 2, least=2),
        "" if volatility is None else decimal_of((int(volatility) + 500_000) // 10**6, 1, least=1),
        *("-" if ticks is None else shown(int(ticks), tick_size) for ticks in prices),
    ]


def _price(price_e8: int) -> str:
    """Return a price with two places. Rounds: to nearest, halves up."""
    return decimal_of((price_e8 + CENT_E8 // 2) // CENT_E8, 2, group=True)
