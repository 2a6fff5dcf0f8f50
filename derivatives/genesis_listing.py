"""What a development chain lists by rule: whole chains of options on bitcoin and ether.

Source: docs/specs/listing.md.
"""

from typing import Any

from derivatives.instruments.state import (
    PERIOD_DAY,
    PERIOD_MONTH,
    PERIOD_QUARTER,
    PERIOD_WEEK,
)

HOUR_MS = 3_600_000
# Underlying: period, dates ahead, step in millionths of the forward, strikes on each side.
CYCLES = {
    "BTC": (
        (PERIOD_DAY, 1, 10_000, 5),
        (PERIOD_WEEK, 2, 20_000, 6),
        (PERIOD_MONTH, 1, 40_000, 8),
        (PERIOD_QUARTER, 2, 80_000, 8),
    ),
    "ETH": (
        (PERIOD_WEEK, 1, 20_000, 5),
        (PERIOD_MONTH, 1, 40_000, 6),
    ),
}
LISTING = {
    "day_end_ms": 8 * HOUR_MS,
    "closing_ms": 2 * HOUR_MS,
    "kept_ms": 6 * HOUR_MS,
    "request_reach_ppm": 500_000,
    "strikes_max_count": 64,
    # 6 % of basis a year, on what a spot has.
    "basis_year_ppm": 60_000,
}


def family_of_dates(underlying: str) -> str:
    """Return the family whose terms every date of an underlying has."""
    return f"{underlying}-DATED"


def listing_rows(
    futures: dict[str, dict[str, Any]],
    options: dict[str, dict[str, Any]],
    expiry: dict[str, int],
) -> list[dict[str, Any]]:
    """Return the rows of `listing_rules`, from the terms of each underlying's instruments."""
    return [
        {
            "feed": underlying,
            "future": futures[underlying],
            "option": options[underlying],
            "family": family_of_dates(underlying),
            **expiry,
            **LISTING,
            "cycles": [
                {
                    "period": period,
                    "dates_count": dates_count,
                    "step_ppm": step_ppm,
                    "strikes_count": strikes_count,
                }
                for period, dates_count, step_ppm, strikes_count in cycles
            ],
        }
        for underlying, cycles in CYCLES.items()
    ]


def dated_families(rows: list[dict[str, Any]], dated: str) -> list[dict[str, Any]]:
    """Return the rows of the family that every date of an underlying is margined like.

    Where families offset each other it moves with its underlying; elsewhere it is like the
    family `dated`, of which there are options.
    """
    found = []
    for underlying in CYCLES:
        of_underlying = {row["schedule"]: row for row in rows if row["family"] == underlying}
        for row in rows:
            if row["family"] == dated:
                like = of_underlying[row["schedule"]] if row["offsets"] else row
                found.append(
                    like
                    | {
                        "family": family_of_dates(underlying),
                        "moves_with": underlying if row["offsets"] else "",
                    }
                )
    return found
