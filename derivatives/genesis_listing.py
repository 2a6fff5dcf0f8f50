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


def dated_families(
    families: list[dict[str, Any]], options: list[dict[str, Any]], dated: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the families that the dates of each underlying are margined like.

    They are like the family `dated`; where families offset each other one moves with its
    underlying, by its scenarios.
    """
    found, charged = [], []
    for underlying in CYCLES:
        own = {"family": family_of_dates(underlying)}
        scenarios = {
            row["schedule"]: row["scenarios"] for row in families if row["family"] == underlying
        }
        for row in families:
            if row["family"] == dated:
                moving = {"moves_with": underlying, "scenarios": scenarios[row["schedule"]]}
                found.append(row | own | (moving if row["offsets"] else {}))
        charged += [row | own for row in options if row["family"] == dated]
    return found, charged
