"""Write the genesis of a development chain with its clearinghouse.

What any chain has comes from `chain.machine.genesis_development`; here are the feeds, the
permissions and the markets, every parameter with its unit in its name.

Source: docs/specs/oracle.md, instruments.md, accounts.md, perpetuals.md.
"""

from typing import Any

from chain.kit import PPM, divide_down
from chain.kit.fields import TEXT_UNITS
from chain.machine import genesis_development as chain_genesis
from derivatives.genesis_listing import dated_families, listing_rows
from derivatives.pricing.scenarios import DOWN, FLAT, UP

# Row: state; columns: open, reduce, withdraw, liquidate, quote, settle (docs/specs/oracle.md).
PERMISSIONS = (
    (0, 0, 2, 2, 0, 0),
    (1, 1, 1, 1, 1, 1),
    (1, 1, 2, 1, 0, 0),
    (0, 1, 2, 2, 0, 0),
    (0, 1, 2, 2, 0, 0),
    (3, 1, 2, 2, 0, 0),
)
SIGMA_1S_PPM = {"BTC": 90, "BTC-26MAR27": 90, "ETH": 120, "GOLD": 30}
UNIT_E8 = 10**8
USD = 10**6
MAIN = "main"

PERPETUALS: dict[str, dict[str, int | str]] = {
    "BTC-PERP": {
        "kind": 1,
        "underlying": "BTC",
        # Half a dollar a bitcoin, on a thousandth of one: 500 micro-dollars.
        "tick_size_e8": divide_down(UNIT_E8, 2),
        "lot_size_e8": divide_down(UNIT_E8, 1_000),
        "tick_value_quantums": 500,
        # A thousand bitcoin may be open; a size add-on begins beyond two hundred.
        "open_interest_cap_lots": 1_000_000,
        "external_depth_lots": 200_000,
        "half_spread_ppm": 100,
    },
    "ETH-PERP": {
        "kind": 1,
        "underlying": "ETH",
        "tick_size_e8": divide_down(UNIT_E8, 20),
        "lot_size_e8": divide_down(UNIT_E8, 100),
        "tick_value_quantums": 500,
        "open_interest_cap_lots": 2_000_000,
        "external_depth_lots": 300_000,
        "half_spread_ppm": 150,
    },
}
# 26 March 2027, 08:00 UTC.
MARCH_2027_MS = 1_806_048_000_000
FUTURES: dict[str, dict[str, int | str]] = {
    "BTC-26MAR27": {**PERPETUALS["BTC-PERP"], "kind": 2, "open_interest_cap_lots": 500_000},
}
EXPIRIES: dict[str, dict[str, int | str]] = {
    # The feed of a future's forward has its name.
    "BTC-26MAR27": {"forward": "BTC-26MAR27", "expiry_ms": MARCH_2027_MS},
}
# A call and a put on each date at each of its strikes, in dollars.
STRIKES_USD = {"BTC-26MAR27": (56_000, 64_000, 72_000)}
OPTION_TERMS: dict[str, int] = {
    "open_interest_cap_lots": 200_000,
    # Premiums are small beside what they are premiums of, so shares of them are larger.
    "half_spread_ppm": 20_000,
    "band_ppm": 10_000,
    "limit_distance_ppm": 100_000,
    "taker_fee_ppm": 3_000,
    "maker_rebate_ppm": 0,
}
EXPIRY = {
    # The mean of the last half hour, of which 80 % must count; five minutes more, 24 times.
    "window_ms": 1_800_000,
    "coverage_ppm": 800_000,
    "extension_ms": 300_000,
    "extensions_max_count": 24,
}


def option_chain(future: str, strikes_usd: tuple[int, ...]) -> dict[str, dict[str, int | str]]:
    """Return the terms of a call and a put at every strike of a future's date, by name."""
    return {
        f"{future}-{strike_usd}-{letter}": {**FUTURES[future], **OPTION_TERMS, "kind": kind}
        for strike_usd in strikes_usd
        for letter, kind in (("C", 3), ("P", 4))
    }


OPTIONS = {
    name: terms
    for future, strikes_usd in STRIKES_USD.items()
    for name, terms in option_chain(future, strikes_usd).items()
}
SYNTHETICS: dict[str, dict[str, int | str]] = {
    "sGOLD": {
        "kind": 5,
        "underlying": "GOLD",
        # A cent an ounce, on a ten-thousandth of one, which is a quantum of the asset.
        "tick_size_e8": divide_down(UNIT_E8, 100),
        "lot_size_e8": divide_down(UNIT_E8, 10_000),
        "tick_value_quantums": 1,
        # 12,500 ounces may be minted; a size add-on begins beyond two and a half thousand.
        "open_interest_cap_lots": 125_000_000,
        "external_depth_lots": 25_000_000,
        "half_spread_ppm": 200,
        # Ten basis points of what is minted; nobody makes a market, so there is no rebate.
        "taker_fee_ppm": 1_000,
        "maker_rebate_ppm": 0,
    },
}
SYNTHETIC_DECIMALS = {"sGOLD": 4}
SYNTHETIC_TERMS = {
    # The first price two seconds on; a hundredth of an ounce at least, a tenth of the cap an hour.
    "delay_ms": 2_000,
    "size_min_lots": 100,
    "mint_hour_cap_lots": 12_500_000,
    "signer_requests_max_count": 8,
}
INSTRUMENTS = PERPETUALS | FUTURES | OPTIONS | SYNTHETICS
TERMS_OF_EVERY_INSTRUMENT = {
    "impact_notional_quantums": 100_000 * USD,
    "band_ppm": 50_000,
    "limit_distance_ppm": 500_000,
    "mark_clamp_ppm": 20_000,
    "taker_fee_ppm": 300,
    "maker_rebate_ppm": 50,
}
FUNDING = {
    # Maintenance of a lot: 0.8 of the scan range of 4 % under the standard schedule.
    "premium_limit_ppm": 32_000,
    "interest_8h_e9": 100_000,
    "interest_band_8h_e9": 500_000,
}
COMPARTMENT = {
    "debt_limit_ppm": 100_000,
    "debt_interest_ppm": 100_000,
    "debt_total_limit_ppm": 200_000,
    "outflow_floor_quantums": 1_000_000 * USD,
    "outflow_limit_ppm": 100_000,
    "insurance_fee_share_ppm": 200_000,
    "insurance_hourly_limit_ppm": 250_000,
}
COMPARTMENT_COUNTS = {
    "debt_convert_after_ms": 3_600_000,
    "accounts_max_count": 100_000,
    "account_positions_max_count": 512,
    "account_orders_max_count": 1_024,
}
# Asset: feed, haircut, and how much of it the compartment takes in all.
COLLATERAL = {
    "USD": ("", 0, 2_000_000_000 * USD),
    "BTC": ("BTC", 100_000, 20_000 * UNIT_E8),
    "ETH": ("ETH", 150_000, 200_000 * UNIT_E8),
    # A debt of gold needs 20.625 % beside it, so no less is taken off gold as collateral.
    "sGOLD": ("GOLD", 250_000, 125_000_000),
}
AUCTION_MS = 2_000
INSURANCE = {
    "slices_limit_ppm": 10_000,
    "slices_hourly_limit_ppm": 50_000,
    "tear_up_after_ms": 60_000,
    "tear_up_latest_ms": 300_000,
}
LIQUIDATION = {
    # From 10 % of the most an account may give, 3 % more a second, to 75 %.
    "ramp_start_ppm": 100_000,
    "ramp_second_ppm": 30_000,
    "ramp_limit_ppm": 750_000,
    "house_after_ms": 2_000,
    "insurance_share_ppm": 200_000,
    "insurance_buy_after_ms": 30_000,
    "insurance_buy_ppm": 50_000,
    "slices_max_count": 4,
}
STANDARD_SCHEDULE = {
    "initial_ppm": 1_250_000,
    "maintenance_ppm": 800_000,
    "recovery_ppm": 150_000,
    "gains_ppm": 1_000_000,
    "withdrawal_delta_ppm": 50_000,
    "equity_entry_min_quantums": 0,
    "offset_ppm": 0,
    "offset_floor_ppm": 1_000_000,
}
# Eleven prices within the scan range of 4 %, each counted whole.
STANDARD_SHOCKS_PPM = (-40_000, -28_000, -18_000, -10_000, -4_000, 0)
# What is minted is backed for a range four times as wide.
STANDARD_RANGE_FACTOR = {"GOLD": 4}
# Thirteen places of a far wider range, in which families offset each other; entered with equity
# of 100,000 USD.
PORTFOLIO_SCHEDULE = STANDARD_SCHEDULE | {
    "equity_entry_min_quantums": 100_000 * USD,
    "offset_ppm": 500_000,
    "offset_floor_ppm": 400_000,
}
PORTFOLIO_RANGE_PPM = {
    "BTC": 160_000,
    "BTC-26MAR27": 160_000,
    "ETH": 180_000,
    "GOLD": 160_000,
}
PORTFOLIO_MOVES_WITH = {"BTC-26MAR27": "BTC"}
# What has no date parts from nothing; a date by 0.5 % and 6 % for each year that is left.
PORTFOLIO_BASIS = {"basis_ppm": 0, "basis_year_ppm": 0}
PORTFOLIO_DATED_BASIS = {"basis_ppm": 5_000, "basis_year_ppm": 60_000}
# Under both schedules half of what a lean of the smile moves, a tenth of volatility's shock on
# each date, 0.3 % of what is sold at a strike; 3 % less of what is worth something, 2 % more of
# what is owed.
OPTION_CHARGES = {
    "skew_ppm": 500_000,
    "vega_ppm": 100_000,
    "short_ppm": 3_000,
    "long_cut_ppm": 30_000,
    "short_rise_ppm": 20_000,
    "rate_year_ppm": 50_000,
    "vega_threshold_quantums": 2_000_000 * USD,
    "vega_unit_quantums": 1_000_000 * USD,
    "vega_concentration_ppm": 50_000,
    "vega_limit_ppm": 500_000,
}
PORTFOLIO_PLACES_PPM = (-1_000_000, -820_000, -620_000, -430_000, -260_000, -120_000, 0)
# Where volatility is left as it is too: what gains by it both ways may lose most in between.
PORTFOLIO_FLAT_PLACES_PPM = (-1_000_000, 0)
# Beyond the range each counts 0.75 x range / distance: about three quarters of the range's loss.
PORTFOLIO_TAILS_PPM = (
    -660_000,
    -330_000,
    500_000,
    1_000_000,
    2_000_000,
    3_000_000,
    4_000_000,
    5_000_000,
)
PORTFOLIO_TAIL_PPM = 750_000
# Four standard deviations of a day and a share of the wildest day, between the range above and
# 60 %; up by 10 % an hour and down by 2 % a day at most.
PORTFOLIO_STRESS_PPM = {"BTC": 300_000, "ETH": 360_000}
PORTFOLIO_RANGE = {
    "multiple_ppm": 4_000_000,
    "stress_share_ppm": 250_000,
    "cap_ppm": 600_000,
    "rise_hour_ppm": 100_000,
    "fall_day_ppm": 20_000,
}
STANDARD_FAMILY = {
    "basis_ppm": 5_000,
    "basis_year_ppm": 0,
    "concentration_threshold_quantums": 20_000_000 * USD,
    "concentration_unit_quantums": 10_000_000 * USD,
    "concentration_ppm": 10_000,
    "concentration_limit_ppm": 100_000,
}


def development_genesis(
    count: int,
    time_ms: int = chain_genesis.SHIPPED_TIME_MS,
    kind: str = "devnet",
    *,
    lists: bool = True,
    **how: Any,
) -> dict[str, Any]:
    """Return the JSON object of a development genesis, clearinghouse included.

    It lists chains of options by rule, if it is to.  Takes what
    `chain.machine.genesis_development.development_genesis` takes.
    """
    genesis = chain_genesis.development_genesis(count, time_ms, kind, **how)
    genesis["tables"] |= clearing_tables()
    genesis["tables"]["assets"] += [
        {"asset": asset, "decimals": decimals} for asset, decimals in SYNTHETIC_DECIMALS.items()
    ]
    if lists:
        tables = genesis["tables"]
        tables["listing_rules"] = listing_rules()
        families, charges = tables["margin_families"], tables["margin_options"]
        of_dates = dated_families([*families], [*charges], *FUTURES)
        families += of_dates[0]
        charges += of_dates[1]
    return genesis


def clearing_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows that the clearinghouse's tables begin with."""
    oracle_tables: dict[str, list[dict[str, Any]]] = {
        "feeds": [
            {
                "feed": feed,
                "compartment": MAIN,
                "sigma_1s_ppm": sigma_1s_ppm,
                "sources_min_count": 1,
                "price_min_e8": str(UNIT_E8),
                "price_max_e8": str(10_000_000 * UNIT_E8),
            }
            for feed, sigma_1s_ppm in SIGMA_1S_PPM.items()
        ],
        "permissions": [
            {"state": state, "action": action, "allowed": allowed}
            for state, row in enumerate(PERMISSIONS)
            for action, allowed in enumerate(row, 1)
        ],
    }
    return oracle_tables | market_tables() | margin_tables()


def listing_rules() -> list[dict[str, Any]]:
    """Return the rule of each underlying: its futures and options are like those of the day."""
    perpetuals = {str(terms["underlying"]): terms for terms in PERPETUALS.values()}
    futures = {name: {**terms, "kind": 2} for name, terms in perpetuals.items()}
    options = {name: {**terms, **OPTION_TERMS, "kind": 3} for name, terms in futures.items()}
    return listing_rows(
        {name: _terms_of(terms) for name, terms in futures.items()},
        {name: _terms_of(terms) for name, terms in options.items()},
        EXPIRY,
    )


def _terms_of(terms: dict[str, int | str]) -> dict[str, Any]:
    """Return an instrument's terms as JSON writes them."""
    whole = TERMS_OF_EVERY_INSTRUMENT | terms
    return {
        "quote": "USD",
        "compartment": MAIN,
        **{name: _text(name, value) for name, value in whole.items()},
        "auction_ms": AUCTION_MS,
    }


def market_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the compartment `main`, its collateral, its perpetuals and futures."""
    return {
        "instruments": [
            {"instrument": instrument, **_terms_of(terms)}
            for instrument, terms in INSTRUMENTS.items()
        ],
        "trading": [
            {"instrument": instrument, "state": 1, "since_ms": 0, "auction_until_ms": 0}
            for instrument in INSTRUMENTS
        ],
        "instrument_expiries": [
            {"instrument": instrument} | EXPIRIES[_date_of(instrument)] | EXPIRY
            for instrument in FUTURES | OPTIONS
        ],
        "strikes": [
            {"instrument": name, "strike_ticks": str(_strike_ticks(name))} for name in OPTIONS
        ],
        "compartments": [
            {"compartment": MAIN, "settlement_asset": "USD"}
            | {name: _text(name, value) for name, value in COMPARTMENT.items()}
            | COMPARTMENT_COUNTS
        ],
        "insurance_terms": [
            {"compartment": MAIN} | {name: _text(name, value) for name, value in INSURANCE.items()}
        ],
        "liquidation_terms": [{"compartment": MAIN} | LIQUIDATION],
        "collateral": [
            {
                "compartment": MAIN,
                "asset": asset,
                "feed": feed,
                "haircut_ppm": haircut_ppm,
                "cap_quantums": str(cap_quantums),
            }
            for asset, (feed, haircut_ppm, cap_quantums) in COLLATERAL.items()
        ],
        "synthetics": [
            {"instrument": instrument}
            | {name: _text(name, value) for name, value in SYNTHETIC_TERMS.items()}
            for instrument in SYNTHETICS
        ],
        "funding_terms": [
            {"instrument": instrument}
            | {name: _text(name, value) for name, value in FUNDING.items()}
            for instrument in PERPETUALS
        ],
    }


def _date_of(instrument: str) -> str:
    return "-".join(instrument.split("-")[:2])


def _strike_ticks(option: str) -> int:
    strike_usd = int(option.split("-")[2])
    return divide_down(strike_usd * UNIT_E8, int(OPTIONS[option]["tick_size_e8"]))


def margin_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of both schedules: how risk is scaled, shocked and offset."""
    schedules = (("standard", STANDARD_SCHEDULE), ("portfolio", PORTFOLIO_SCHEDULE))
    return {
        "margin_schedules": [
            {"compartment": MAIN, "schedule": schedule}
            | {name: _text(name, value) for name, value in terms.items()}
            for schedule, terms in schedules
        ],
        "margin_families": [
            {
                "compartment": MAIN,
                "schedule": schedule,
                "family": family,
                "scenarios": scenarios_of(schedule, family),
                "offsets": offsets,
                "moves_with": PORTFOLIO_MOVES_WITH.get(family, "") if offsets else "",
            }
            | {name: _text(name, value) for name, value in STANDARD_FAMILY.items()}
            | _basis_of(schedule, family)
            for schedule, _ in schedules
            for family in SIGMA_1S_PPM
            for offsets in (schedule == "portfolio",)
        ],
        "margin_range_terms": [
            {"compartment": MAIN, "schedule": "portfolio", "family": family}
            | {"stress_ppm": stress_ppm}
            | PORTFOLIO_RANGE
            for family, stress_ppm in PORTFOLIO_STRESS_PPM.items()
        ],
        "margin_options": [
            {"compartment": MAIN, "schedule": schedule, "family": family}
            | {name: _text(name, value) for name, value in OPTION_CHARGES.items()}
            for schedule, _ in schedules
            for family in STRIKES_USD
        ],
    }


def _basis_of(schedule: str, family: str) -> dict[str, int]:
    if schedule == "standard":
        return {}
    return PORTFOLIO_DATED_BASIS if family in EXPIRIES else PORTFOLIO_BASIS


def scenarios_of(schedule: str, family: str) -> list[dict[str, int]]:
    """Return the moves of a family's price under a schedule, each with what it counts.

    Where options are, volatility goes up and down with every place; beyond the range, up.
    """
    if schedule == "standard":
        both = (UP, DOWN) if family in STRIKES_USD else (FLAT,)
        factor = STANDARD_RANGE_FACTOR.get(family, 1)
        shocks = [shock * factor for shock in _both(STANDARD_SHOCKS_PPM)]
        return [_move(shock, PPM, way) for shock in shocks for way in both]
    range_ppm = PORTFOLIO_RANGE_PPM[family]
    tail_ppm = divide_down(PORTFOLIO_TAIL_PPM * range_ppm, PPM)
    return [
        *(
            _move(divide_down(place * range_ppm, PPM), PPM, way)
            for place in _both(PORTFOLIO_PLACES_PPM)
            for way in (UP, DOWN)
        ),
        *(
            _move(divide_down(place * range_ppm, PPM), PPM, FLAT)
            for place in _both(PORTFOLIO_FLAT_PLACES_PPM)
        ),
        *(
            _move(shock, divide_down(tail_ppm * PPM, abs(shock)), UP)
            for shock in PORTFOLIO_TAILS_PPM
        ),
    ]


def _move(shock_ppm: int, weight_ppm: int, way: int) -> dict[str, int]:
    return {"shock_ppm": shock_ppm, "weight_ppm": weight_ppm, "volatility": way}


def _both(places: tuple[int, ...]) -> list[int]:
    return sorted({*places, *(-place for place in places)})


def _text(name: str, value: int | str) -> int | str:
    """Return a number as JSON writes it: as text where its unit may exceed a double."""
    return str(value) if name.rpartition("_")[2] in TEXT_UNITS else value
