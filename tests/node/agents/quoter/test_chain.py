"""AGT-075 and AGT-076: which options of a date are seen, and which of them are quoted."""

from node.agents.quoter.chain import chain_of, dates_of, nearest
from tests.node.agents.quoter.sights import ENDS_MS, FORWARD, LATER_MS, TICK, chain, option


def test_a_date_is_read_with_its_forward_and_the_worth_of_a_tick() -> None:
    seen = chain_of(chain())

    assert seen is not None
    assert (ENDS_MS, FORWARD, 64_010 * 10**8) == (seen.expiry_ms, seen.forward, seen.forward_e8)
    assert (100_000, TICK) == (seen.lot_size_e8, seen.tick_value_quantums)
    assert 10 == len(seen.options)


def test_dates_are_told_by_their_end() -> None:
    assert [ENDS_MS, LATER_MS] == dates_of(chain())


def test_an_underlying_without_options_has_no_date() -> None:
    assert None is chain_of(chain(expiry_ms=None, dates=[], strikes=[], tick_size=None))


def test_what_has_no_price_yet_and_what_is_not_listed_is_no_fault() -> None:
    bare = option(64_000, "C", state="auction", mark_price_ticks=None, delta_ppm=None)
    strikes = [{"strike_e8": "6400000000000", "call": {**bare, "vega_quantums": None}, "put": None}]

    seen = chain_of(chain(strikes=strikes))

    assert seen is not None
    (one,) = seen.options
    assert (False, 0, 0, 0) == (one.is_open, one.mark_ticks, one.vega_quantums, one.delta_ppm)


def test_the_strikes_around_the_forward_are_chosen_the_nearest_first() -> None:
    seen = chain_of(chain())
    assert seen is not None

    chosen = [one.strike_e8 // 10**8 for one in nearest(seen, 1)]

    # 64,010 is 10 from 64,000, 990 from 65,000 and 1,010 from 63,000; a call and a put at each.
    assert [64_000, 64_000, 65_000, 65_000, 63_000, 63_000] == chosen
    assert 10 == len(nearest(seen, 9))


def test_of_two_strikes_as_near_the_lower_is_the_middle() -> None:
    dates = [{"expiry_ms": ENDS_MS, "forward": FORWARD, "forward_e8": "6450000000000"}]
    seen = chain_of(chain(dates=dates))
    assert seen is not None

    assert {64_000 * 10**8} == {one.strike_e8 for one in nearest(seen, 0)}


def test_without_a_forward_nothing_is_chosen() -> None:
    dates = [{"expiry_ms": ENDS_MS, "forward": FORWARD, "forward_e8": None}]
    seen = chain_of(chain(dates=dates))
    assert seen is not None

    assert () == nearest(seen, 5)
