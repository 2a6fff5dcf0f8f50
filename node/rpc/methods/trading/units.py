"""Numbers as people read them: quantums in whole units, ticks as prices, lots as sizes.

Source: docs/specs/rpc.md, RPC-097.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chain.kit import View
from chain.kit.fields import unit_of
from chain.kit.holder import MalformedHolder, holder_from
from chain.modules.ledger.state import ASSETS
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS
from derivatives.instruments.state import INSTRUMENTS, Instrument
from node.rpc.methods.trading.markets import decimal_e8

PPM_TO_PER_CENT_E8 = 10_000

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Units:
    """What one transaction's numbers are counted in, beside what an event says of itself."""

    decimals: Mapping[str, int]
    instruments: Mapping[str, Instrument]
    asset: str | None
    instrument: str | None

    def shown(self, name: str, value: Any, beside: Fields) -> str:
        """Return a number in words, with its asset or underlying where that is known."""
        unit = unit_of(name)
        instrument = _text(beside, "instrument") or self.instrument
        terms = self.instruments.get(instrument or "")
        if unit == "quantums":
            asset = _text(beside, "asset") or (terms.quote if terms else None) or self.asset
            if asset is not None and asset in self.decimals:
                return f"{whole_units(int(value), self.decimals[asset])} {asset}"
        if terms is not None and unit == "ticks":
            return f"{signed_e8(int(value) * terms.tick_size_e8)} {terms.quote}"
        if terms is not None and unit == "lots":
            return f"{signed_e8(int(value) * terms.lot_size_e8)} {terms.underlying}"
        return str(value)


def units_of(view: View, *sources: Fields) -> Units:
    """Return the units of a transaction from its facts and fields, the first that says wins.

    Where no asset is named, it is the one that a compartment or the account's own settles in.
    """
    asset = next((found for one in sources if (found := _text(one, "asset"))), None)
    instrument = next((found for one in sources if (found := _text(one, "instrument"))), None)
    if asset is None:
        asset = _settlement(view, sources)
    return Units(
        decimals={str(key): record.decimals for key, record in view.scan(ASSETS)},
        instruments={str(key): record for key, record in view.scan(INSTRUMENTS)},
        asset=asset,
        instrument=instrument,
    )


def _settlement(view: View, sources: tuple[Fields, ...]) -> str | None:
    for source in sources:
        terms = view.get(COMPARTMENTS, _text(source, "compartment") or "")
        if terms is not None:
            return terms.settlement_asset
        for name in ("account", "account_holder"):
            record = view.get(ACCOUNTS, _holder(source.get(name)))
            terms = None if record is None else view.get(COMPARTMENTS, record.compartment)
            if terms is not None:
                return terms.settlement_asset
    return None


def _holder(text: object) -> str:
    try:
        return holder_from(text) if isinstance(text, str) else ""
    except MalformedHolder:
        return ""


def _text(fields: Fields, name: str) -> str | None:
    found = fields.get(name)
    return found if isinstance(found, str) and found else None


def signed_e8(value_e8: int) -> str:
    """Return hundred-millionths as a decimal, below zero too.

    >>> signed_e8(-250_000_000)
    '-2.5'
    """
    return ("-" if value_e8 < 0 else "") + decimal_e8(abs(value_e8))


def per_cent(share_ppm: int) -> str:
    """Return millionths as per cent.

    >>> per_cent(115_000), per_cent(300)
    ('11.5 %', '0.03 %')
    """
    return f"{signed_e8(share_ppm * PPM_TO_PER_CENT_E8)} %"


def whole_units(amount_quantums: int, decimals: int) -> str:
    """Return an amount in whole units, exactly.

    >>> whole_units(-1_500_000, 6)
    '-1.500000'
    """
    digits = str(abs(amount_quantums)).rjust(decimals + 1, "0")
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if amount_quantums < 0 else "") + whole + ("." + part if part else "")
