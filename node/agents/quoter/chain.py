"""What a quoter sees of the options of a date, and which of them it quotes.

Source: docs/specs/agents.md, AGT-075 and AGT-076.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.agents.limits import USD_PLACES
from node.client.amounts import quantums_of

E8_PLACES = 8
TICK_VALUE_PLACES = 16
"""A tick on a lot is worth `tick_size_e8 x lot_size_e8 x 10^decimals / 10^16` (INST-001)."""


@dataclass(frozen=True)
class OptionSeen:
    """One option: its state, its best prices in ticks, 0 for none, and what moves its value."""

    instrument: str
    strike_e8: int
    is_open: bool
    bid_ticks: int
    ask_ticks: int
    mark_ticks: int
    """0 before the first one."""
    vega_quantums: int
    """What a lot gains when volatility grows by 1.00."""
    delta_ppm: int


@dataclass(frozen=True)
class ChainSeen:
    """The options of one date, ascending by strike."""

    expiry_ms: int
    forward: str
    forward_e8: int
    """0 before its first price."""
    lot_size_e8: int
    tick_value_quantums: int
    options: tuple[OptionSeen, ...]


def dates_of(answer: Mapping[str, Any]) -> list[int]:
    """Return when the dates with options end, of what a node says of an underlying, ascending."""
    return sorted(int(row["expiry_ms"]) for row in answer["dates"])


def chain_of(answer: Mapping[str, Any]) -> ChainSeen | None:
    """Return the date that a node answered with, None where no date has options."""
    if answer["expiry_ms"] is None:
        return None
    expiry_ms = int(answer["expiry_ms"])
    date = next(row for row in answer["dates"] if int(row["expiry_ms"]) == expiry_ms)
    tick_size_e8 = quantums_of(answer["tick_size"], E8_PLACES, "tick")
    lot_size_e8 = quantums_of(answer["lot_size"], E8_PLACES, "lot")
    return ChainSeen(
        expiry_ms=expiry_ms,
        forward=str(date["forward"]),
        forward_e8=int(date["forward_e8"] or 0),
        lot_size_e8=lot_size_e8,
        tick_value_quantums=tick_size_e8 * lot_size_e8 * 10**USD_PLACES // 10**TICK_VALUE_PLACES,
        options=tuple(
            _option(int(strike["strike_e8"]), strike[side])
            for strike in answer["strikes"]
            for side in ("call", "put")
            if strike[side] is not None
        ),
    )


def _option(strike_e8: int, row: Mapping[str, Any]) -> OptionSeen:
    return OptionSeen(
        instrument=str(row["instrument"]),
        strike_e8=strike_e8,
        is_open=row["state"] == "open",
        bid_ticks=int(row["bid_price_ticks"] or 0),
        ask_ticks=int(row["ask_price_ticks"] or 0),
        mark_ticks=int(row["mark_price_ticks"] or 0),
        vega_quantums=int(row["vega_quantums"] or 0),
        delta_ppm=int(row["delta_ppm"] or 0),
    )


def nearest(chain: ChainSeen, strikes_count: int) -> Sequence[OptionSeen]:
    """Return the options of the strike nearest to the forward, and of so many on each side of it.

    The nearest first; of two that are equally near, the lower one.
    """
    strikes = sorted({option.strike_e8 for option in chain.options})
    if not strikes or not chain.forward_e8:
        return ()

    def apart(strike_e8: int) -> tuple[int, int]:
        return abs(strike_e8 - chain.forward_e8), strike_e8

    middle = strikes.index(min(strikes, key=apart))
    chosen = strikes[max(0, middle - strikes_count) : middle + strikes_count + 1]
    found = [option for option in chain.options if option.strike_e8 in chosen]
    return sorted(found, key=lambda option: apart(option.strike_e8))
