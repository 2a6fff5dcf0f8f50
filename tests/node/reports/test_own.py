"""REPORT-010 to REPORT-013: a chain of one authority says its own prices, in every block."""

import pytest

from chain.crypto.verification import is_genuine
from chain.state.overlay import Overlay
from derivatives.oracle.section import SignedReport, report_bytes
from derivatives.oracle.state import SURFACE_REPORTERS, SurfaceReporter
from derivatives.oracle.volatility import volatility_bytes
from node.reports.own import (
    STARTING_PRICES_E8,
    UNIT_E8,
    OwnReports,
    confidence_of,
    is_price_of,
    may_be_price_of,
)
from tests import given


def own_of(world: given.World) -> OwnReports:
    return OwnReports(given.key("auth0/oracle"), world.chain_id)


def prices_of(signed: SignedReport | None) -> dict[str, int]:
    assert signed is not None
    return {quote.feed: quote.price_e8 for quote in signed.report.quotes}


def test_a_new_chain_begins_with_the_starting_prices() -> None:
    world = given.world()
    own = own_of(world)

    signed = own.report(world.tables, 0, 0, 1_000, {})

    said = prices_of(signed)
    assert STARTING_PRICES_E8 == {feed: said[feed] for feed in STARTING_PRICES_E8}
    assert signed is not None
    assert (2, 1_000) == (signed.report.round, signed.report.observed_ms)
    assert is_genuine(own.public_key, report_bytes(signed.report), signed.signature)


def test_later_reports_say_what_the_state_holds_unless_it_was_set() -> None:
    world = given.world()
    world.prices_e8 = {"BTC": 50_000 * UNIT_E8}
    world.open_block()
    world.close_block()

    told = prices_of(own_of(world).report(world.tables, 0, 0, 1_000, {"ETH": 9 * UNIT_E8}))

    assert (50_000 * UNIT_E8, 9 * UNIT_E8) == (told["BTC"], told["ETH"])
    assert is_price_of(world.tables, "BTC", 50_000 * UNIT_E8)
    assert not is_price_of(world.tables, "BTC", 50_001 * UNIT_E8)
    assert not is_price_of(world.tables, "ETH", 9 * UNIT_E8)


def test_a_forward_follows_its_spot_until_it_is_set_itself() -> None:
    world = given.world()
    own, year_before_ms = own_of(world), 1_806_048_000_000 - 365 * 86_400_000

    carried = prices_of(own.report(world.tables, 0, 0, year_before_ms, {"BTC": 100 * UNIT_E8}))
    chosen = prices_of(own.report(world.tables, 0, 0, 1_000, {"BTC-26MAR27": 101 * UNIT_E8}))

    assert (105 * UNIT_E8, 101 * UNIT_E8) == (carried["BTC-26MAR27"], chosen["BTC-26MAR27"])


@pytest.mark.parametrize(
    ("feed", "price_e8", "possible"),
    [
        ("BTC", 64_000 * UNIT_E8, True),
        ("BTC", UNIT_E8, False),
        ("BTC", 10_000_000 * UNIT_E8, False),
        ("SILVER", UNIT_E8, None),
    ],
)
def test_a_price_lies_between_the_bounds_of_a_listed_feed(
    feed: str, price_e8: int, possible: bool | None
) -> None:
    assert possible is may_be_price_of(given.world().tables, feed, price_e8)


@pytest.mark.parametrize(("price_e8", "confidence_e8"), [(1, 1), (2_000, 1), (64_000, 32)])
def test_confidence_is_five_basis_points(price_e8: int, confidence_e8: int) -> None:
    assert confidence_e8 == confidence_of(price_e8)


def test_volatility_is_said_of_every_date_once_in_five_seconds() -> None:
    world = given.world()
    own = own_of(world)

    signed = own.volatility(world.tables, 0, 0, 10_000, {})

    assert signed is not None
    (surface,) = signed.report.surfaces
    assert ("BTC", [1_806_048_000_000]) == (
        surface.underlying,
        [one.expiry_ms for one in surface.smiles],
    )
    assert is_genuine(own.public_key, volatility_bytes(signed.report), signed.signature)
    overlay = Overlay(world.tables)
    overlay.put(SURFACE_REPORTERS, own.public_key, SurfaceReporter(signed.report.round, 0, 0))
    assert own.volatility(overlay, 0, 0, 14_999, {}) is None
    assert own.volatility(overlay, 0, 0, 15_000, {}) is not None


def test_nothing_is_said_of_volatility_where_nothing_is_dated_any_more() -> None:
    world = given.world()

    assert own_of(world).volatility(world.tables, 0, 0, 1_806_048_000_000, {}) is None
