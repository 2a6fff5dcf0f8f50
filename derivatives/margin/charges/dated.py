"""What the time left makes of a family's terms.

    level       = basis_ppm + ceil(basis_year_ppm x years)
    long cut    = 10^6 - floor((10^6 - long_cut_ppm) x e^(-rate x years))
    short rise  = ceil((10^6 + short_rise_ppm) x e^(rate x years)) - 10^6

Time is that of the family's last price, so that a charge follows from records alone.

Source: docs/specs/margin.md, MARG-090 and MARG-094.
"""

from operator import is_
from typing import Any, NamedTuple

from chain.kit import PPM, divide_down, divide_up
from derivatives.ids import CompartmentId
from derivatives.margin.state import FamilyTerms, OptionTerms
from derivatives.oracle.state import FeedPrice
from derivatives.pricing.power import exp_q62
from derivatives.pricing.q62 import BITS_Q62
from derivatives.pricing.tables import YEAR_MS

MEMO_MAX = 1_024


class Charges(NamedTuple):
    """What a family is charged now, in ppm: its rung of the ladder, and what options count."""

    level_ppm: int
    skew_ppm: int = 0
    vega_ppm: int = 0
    short_ppm: int = 0
    long_cut_ppm: int = 0
    short_rise_ppm: int = 0
    options: OptionTerms | None = None


def charges_now(terms: FamilyTerms, options: OptionTerms | None, left_ms: int) -> Charges:
    """Return a family's charges with so much time left. Rounds: against the account.

    >>> terms = FamilyTerms((), False, "", 5_000, 60_000, 0, 0, 0, 0)
    >>> [charges_now(terms, None, days * YEAR_MS // 365).level_ppm for days in (0, 1, 73, 365)]
    [5000, 5165, 17000, 65000]
    >>> charges_now(terms, OptionTerms(0, 0, 0, 30_000, 20_000, 50_000, 0, 0, 0, 0), YEAR_MS)[4:6]
    (77308, 72297)
    """
    level_ppm = terms.basis_ppm + divide_up(terms.basis_year_ppm * left_ms, YEAR_MS)
    if options is None:
        return Charges(level_ppm)
    grown_q62 = divide_up((options.rate_year_ppm * left_ms) << BITS_Q62, PPM * YEAR_MS)
    kept_q62 = exp_q62(-grown_q62)
    kept_ppm = divide_down((PPM - options.long_cut_ppm) * kept_q62, 1 << BITS_Q62)
    # The exponential is rounded down, by less than two units.
    owed_ppm = divide_up((PPM + options.short_rise_ppm) * (exp_q62(grown_q62) + 2), 1 << BITS_Q62)
    if grown_q62 == 0:
        kept_ppm, owed_ppm = PPM - options.long_cut_ppm, PPM + options.short_rise_ppm
    return Charges(
        level_ppm,
        options.skew_ppm,
        options.vega_ppm,
        options.short_ppm,
        PPM - kept_ppm,
        owed_ppm - PPM,
        options,
    )


_KNOWN: dict[tuple[CompartmentId, str, str], tuple[tuple[Any, ...], Charges]] = {}


def charges_of(
    place: tuple[CompartmentId, str, str],
    terms: FamilyTerms,
    options: OptionTerms | None,
    price: FeedPrice | None,
    expiry_ms: int | None,
) -> Charges:
    """Return a family's charges at its last price, the same object while nothing differs."""
    known = _KNOWN.get(place)
    made_of = (terms, options, price)
    if known is not None and known[0][3] == expiry_ms and all(map(is_, known[0][:3], made_of)):
        return known[1]
    left_ms = 0
    if expiry_ms is not None and price is not None:
        left_ms = max(0, expiry_ms - price.updated_ms)
    made = charges_now(terms, options if expiry_ms is not None else None, left_ms)
    if known is not None and known[1] == made:
        made = known[1]
    if len(_KNOWN) >= MEMO_MAX:
        _KNOWN.clear()
    _KNOWN[place] = ((*made_of, expiry_ms), made)
    return made
