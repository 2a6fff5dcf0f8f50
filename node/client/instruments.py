"""Human sizes and prices to lots and ticks and back, exactly or not at all.

Source: docs/specs/cli.md, CLI-070.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.client.amounts import decimal_of, quantums_of
from node.client.failures import AMOUNT_INEXACT, NOT_FOUND, VALUE_MALFORMED, Failure
from node.client.transport import Client
from node.naming.near import near_name

PLACES = 30
"""More decimal places than anybody writes: what is given is read exactly."""


@dataclass(frozen=True)
class Terms:
    """What turns decimals of an instrument into its integers."""

    instrument: str
    quote: str
    tick_size: str
    lot_size: str
    shape: Mapping[str, Any]

    def ticks(self, text: str) -> int:
        """Return a price in ticks, above zero. Refuses: as `steps_of`."""
        return steps_of(text, self.tick_size, f"price of {self.instrument}")

    def lots(self, text: str) -> int:
        """Return a size in lots, above zero. Refuses: as `steps_of`."""
        return steps_of(text, self.lot_size, f"size of {self.instrument}")

    def price(self, ticks: int | str) -> str:
        """Return a price in ticks as people read it."""
        return shown(int(ticks), self.tick_size)

    def size(self, lots: int | str) -> str:
        """Return a size in lots as people read it."""
        return shown(int(lots), self.lot_size)


def terms_of(client: Client, instrument: str) -> Terms:
    """Return the terms of an instrument by name, in either case.

    Refuses: NOT_FOUND, with the nearest name.
    """
    names = [instrument, instrument.upper()]
    rows = {
        row["instrument"]: row for row in client.call("market_list", instruments=names)["items"]
    }
    row = rows.get(instrument) or rows.get(instrument.upper())
    if row is None:
        listed = client.call("market_list", limit=1000)["items"]
        known = [one["instrument"] for one in listed]
        near = near_name(instrument, known)
        raise Failure(
            NOT_FOUND,
            f"no instrument {instrument}" + (f"; did you mean {near}?" if near else ""),
            "list: novation market list",
            details={"instrument": instrument},
        )
    return Terms(row["instrument"], row["quote"], row["tick_size"], row["lot_size"], row)


def steps_of(text: str, step: str, what: str) -> int:
    """Return how many steps a decimal is, at least one.

    Refuses: what is no decimal, or not above zero; what lies between two steps, naming both.

    >>> steps_of("64_000", "0.5", "price"), steps_of("2.5", "0.001", "size")
    (128000, 2500)
    """
    try:
        value, unit = quantums_of(text, PLACES, what), quantums_of(step, PLACES, what)
    except Failure as failure:
        if failure.kind != VALUE_MALFORMED:
            raise
        said = f'"{text}" is no {what}'
        raise Failure(failure.kind, said, *failure.advice, details=failure.details) from failure
    count, rest = divmod(value, unit)
    if rest and value > 0:
        near = [decimal_of(one * unit, PLACES) for one in (count, count + 1) if one > 0]
        raise Failure(
            AMOUNT_INEXACT,
            f"{text} is no {what}: it goes in steps of {step}",
            f"nearest: {' or '.join(near)}",
            details={"value": text, "step": step, "nearest": near},
        )
    if count <= 0:
        raise Failure(
            VALUE_MALFORMED,
            f"{text} is no {what}: it is at least {step}",
            details={"value": text, "step": step},
        )
    return count


def shown(count: int, step: str) -> str:
    """Return a number of steps as a decimal.

    >>> shown(128_001, "0.5"), shown(-2500, "0.001")
    ('64,000.5', '-2.5')
    """
    return decimal_of(count * quantums_of(step, PLACES, "step"), PLACES, group=True)
