"""MARG-095, MARG-096: which dates end soon, and the pins that follow from them."""

from chain.kit import replace
from derivatives.instruments.state import EXPIRIES, SETTLEMENTS
from derivatives.margin.charges.pins import PINNED_FROM_MS, Pin
from derivatives.margin.charges.soon import keep_soon, pins_under, range_of, soon_in
from derivatives.margin.state import FAMILIES, SOON, FamilyTerms, Soon, SoonDate
from tests.given_dated import FUTURE
from tests.given_market import UNIT_E8
from tests.given_options import CALL, Optioned


def terms(market: Optioned, family: str = FUTURE, schedule: str = "portfolio") -> FamilyTerms:
    found = market.state.get(FAMILIES, ("main", schedule, family))
    assert found is not None
    return found


def pinned(market: Optioned, family: str = FUTURE, schedule: str = "portfolio") -> tuple[Pin, ...]:
    of = terms(market, family, schedule)
    return pins_under(market.state, "main", schedule, family, of)


def soonest(market: Optioned) -> Soon | None:
    return market.state.get(SOON, "main")


def test_a_date_with_options_and_its_strikes_are_written() -> None:
    market = Optioned()

    found = soonest(market)

    assert found is not None
    assert SoonDate(FUTURE, market.ends_ms, (64_000 * UNIT_E8,)) in found.dates


def test_a_date_is_written_with_eight_days_left_and_no_sooner() -> None:
    market = Optioned()
    for left_ms, known in ((PINNED_FROM_MS, True), (PINNED_FROM_MS + 1, False)):
        expiry = replace(market.expiry, expiry_ms=market.time_ms + left_ms)
        market.state.put(EXPIRIES, CALL, expiry)

        soon = soon_in(market.state, market.time_ms)

        ends = [date.expiry_ms for dates in soon.values() for date in dates.dates]
        assert known == (expiry.expiry_ms in ends)


def test_what_is_settled_is_soon_no_more() -> None:
    market = Optioned()
    market.minutes(60)

    assert None is not market.state.get(SETTLEMENTS, CALL)
    assert None is soonest(market)
    assert () == pinned(market)


def test_nothing_is_written_where_nothing_is_news() -> None:
    market = Optioned()
    before = soonest(market)

    keep_soon(market.state, market.time_ms)

    assert before is soonest(market)


def test_pins_are_of_what_offsets_together_where_options_are_charged() -> None:
    market = Optioned()
    market.forward(65_000)

    found = pinned(market)

    # 64,000 is 1.53846 % below, of a range of 16 %.
    assert [-96_154] == [pin.place_ppm for pin in found]
    assert found is pinned(market, "BTC") is pinned(market, "ETH")
    # Under `standard` each family is alone, with a range of 4 %.
    assert [-384_615] == [pin.place_ppm for pin in pinned(market, FUTURE, "standard")]
    assert () == pinned(market, "BTC", "standard")


def test_range_is_the_largest_move_that_counts_whole() -> None:
    market = Optioned()

    assert (160_000, 180_000, 40_000) == (
        range_of(terms(market)),
        range_of(terms(market, "ETH")),
        range_of(terms(market, "BTC", "standard")),
    )
