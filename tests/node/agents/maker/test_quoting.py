"""AGT-030 to AGT-044: which orders a maker wants, and when those it has must go."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.agents.maker.form import Ladder, MakerSettings
from node.agents.maker.quoting import Maker, best_of_others, quotes
from node.agents.quotes import Quote
from node.agents.seen import BUY, RELIEF_LANE, SELL, AccountSeen, MarketSeen, Plan, Resting
from tests.node.agents.sights import ACCOUNT, MARKET, TIME_MS, USD, seen

LADDER = Ladder(levels_count=2, size="1", position_max="10")
SETTINGS = MakerSettings(markets={"BTC-PERP": LADDER})


def resting(quote: Quote, number: int, **changed: Any) -> Resting:
    order = Resting(
        number, quote.client_id, "BTC-PERP", quote.side, quote.price_ticks, quote.size_lots
    )
    return replace(order, **changed)


def placed(wanted: list[Quote]) -> tuple[Resting, ...]:
    return tuple(resting(quote, number) for number, quote in enumerate(wanted, 1))


def prices(wanted: list[Quote]) -> list[tuple[int, int, int]]:
    return [(one.side, one.price_ticks, one.size_lots) for one in wanted]


def test_a_ladder_stands_on_both_sides_of_the_index() -> None:
    # 64,000 less 200 and 400 ppm, and more: 63,987.2 down to the half dollar, and so on.
    assert [
        (BUY, 127_974, 1_000),
        (BUY, 127_948, 1_000),
        (SELL, 128_026, 1_000),
        (SELL, 128_052, 1_000),
    ] == prices(quotes(MARKET, LADDER, 0, ()))


def test_a_ladder_may_stand_around_the_mark() -> None:
    ladder = replace(LADDER, around="mark", levels_count=1)

    # 128,100 ticks less 200 ppm is 128,074.38.
    assert [128_074, 128_126] == [one.price_ticks for one in quotes(MARKET, ladder, 0, ())]


def test_the_middle_leans_against_the_position_and_no_further_than_the_skew() -> None:
    ladder = replace(LADDER, levels_count=1, skew_ppm=1_000)

    half_long, full_long, beyond = (
        quotes(MARKET, ladder, lots, ())[-1].price_ticks for lots in (5_000, 10_000, 20_000)
    )

    # 500 ppm below 64,000 is 63,968; 1,000 ppm below is 63,936: and 200 ppm above that.
    assert (127_962, 127_898, 127_898) == (half_long, full_long, beyond)


def test_no_side_may_bring_the_position_beyond_its_limit() -> None:
    bids = [one.size_lots for one in quotes(MARKET, LADDER, 8_500, ()) if one.side == BUY]
    at_limit = [one.side for one in quotes(MARKET, LADDER, 10_000, ())]

    assert [1_000, 500] == bids
    assert [SELL, SELL] == at_limit


def test_no_order_would_meet_what_others_have_resting() -> None:
    crowded = replace(MARKET, bids=((128_030, 3),), asks=((128_200, 1),))

    # The best of others is a bid above our first ask.
    assert [128_031, 128_052] == [
        one.price_ticks for one in quotes(crowded, LADDER, 0, ()) if one.side == SELL
    ]


def test_own_orders_are_not_taken_for_those_of_others() -> None:
    own = [Resting(1, "BTC-PERP/a0", "BTC-PERP", SELL, 128_026, 700)]
    market = replace(MARKET, asks=((128_026, 700), (128_030, 2)))

    assert 128_030 == best_of_others(market, own, BUY)
    assert 128_026 == best_of_others(market, (), BUY)
    assert 0 == best_of_others(market, (), SELL)


@given(
    position=st.integers(-12_000, 12_000),
    index=st.integers(1_000, 10_000_000),
    skew=st.integers(0, 200_000),
    levels=st.integers(1, 30),
    best=st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)),
)
@settings(max_examples=200)
def test_whatever_is_seen_a_ladder_never_crosses_and_never_exceeds(
    position: int, index: int, skew: int, levels: int, best: tuple[int, int]
) -> None:
    best_bid, best_ask = best
    market = replace(
        MARKET,
        index_price_e8=index * 10**7,
        bids=((best_bid, 1),) if best_bid else (),
        asks=((best_ask, 1),) if best_ask else (),
    )
    ladder = replace(LADDER, skew_ppm=skew, levels_count=levels)

    wanted = quotes(market, ladder, position, ())

    bids = [one for one in wanted if one.side == BUY]
    asks = [one for one in wanted if one.side == SELL]
    assert all(one.price_ticks > 0 and one.size_lots > 0 for one in wanted)
    assert not best_ask or all(one.price_ticks < best_ask for one in bids)
    assert not best_bid or all(one.price_ticks > best_bid for one in asks)
    assert position + sum(one.size_lots for one in bids) <= max(10_000, position)
    assert position - sum(one.size_lots for one in asks) >= min(-10_000, position)
    assert len({one.client_id for one in wanted}) == len(wanted)


def test_a_ladder_within_tolerance_is_left_alone() -> None:
    account = replace(ACCOUNT, orders=placed(quotes(MARKET, LADDER, 0, ())))
    at_rest = replace(account, dead_man_ms=TIME_MS + 15_000)

    # 800 ppm of the first bid, 127,974 ticks, are 102 whole ticks: 51 USD of the index.
    near, far = (
        names(Maker(SETTINGS, "nov1m/0").decide(seen(at_rest, moved_to(cents))))
        for cents in (6_405_100, 6_405_200)
    )

    assert ([], ["quote BTC-PERP"]) == (near, far)


def moved_to(cents: int) -> MarketSeen:
    return replace(MARKET, index_price_e8=cents * 10**6)


def names(plans: Any) -> list[str]:
    return [plan.name for plan in plans]


def kinds(plan: Plan) -> list[str]:
    return [kind for kind, _ in plan.actions]


def test_an_account_that_is_not_open_is_opened_by_a_deposit() -> None:
    (plan,) = Maker(SETTINGS, "nov1m/0").decide(seen(account=None))

    assert (
        ("accounts.deposit", {
            "account_holder": "nov1m/0", "asset": "USD", "amount_quantums": "500000000000"
        }),
    ) == plan.actions  # fmt: skip


def test_a_stale_ladder_is_placed_anew_in_one_list_with_the_dead_man_behind() -> None:
    (plan,) = Maker(SETTINGS, "nov1m/0").decide(seen())

    assert ["orders.cancel_all", *["orders.place"] * 4, "orders.set_dead_man"] == kinds(plan)
    placing = [fields for kind, fields in plan.actions if kind == "orders.place"]
    assert all(fields["post_only"] for fields in placing)
    assert {TIME_MS + 60_000} == {fields["good_till_ms"] for fields in placing}
    assert {"account_holder": "nov1m/0", "timeout_ms": 15_000} == plan.actions[-1][1]


def quoted(**changed: Any) -> AccountSeen:
    return replace(ACCOUNT, **{"orders": placed(quotes(MARKET, LADDER, 0, ())), **changed})


def test_a_good_ladder_needs_nothing_until_its_dead_man_is_near() -> None:
    maker = Maker(SETTINGS, "nov1m/0")

    fresh = maker.decide(seen(quoted(dead_man_ms=TIME_MS + 7_500)))
    near = maker.decide(seen(quoted(dead_man_ms=TIME_MS + 7_499)))

    assert [] == names(fresh)
    assert ["dead man"] == names(near)
    assert RELIEF_LANE == near[0].lane


def test_orders_are_placed_anew_before_they_end() -> None:
    lasting = [replace(one, good_till_ms=TIME_MS + 15_000) for one in quoted().orders]
    ending = [*lasting[1:], replace(lasting[0], good_till_ms=TIME_MS + 14_999)]
    good = TIME_MS + 9_000

    kept, placed_anew = (
        Maker(SETTINGS, "nov1m/0").decide(seen(quoted(dead_man_ms=good, orders=tuple(orders))))
        for orders in (lasting, ending)
    )

    assert [] == names(kept)
    assert ["quote BTC-PERP"] == names(placed_anew)


@pytest.mark.parametrize(
    ("market", "why"),
    [
        (replace(MARKET, is_open=False), "may not be trusted"),
        (replace(MARKET, index_price_e8=0), "no price yet"),
        (None, "no such market"),
    ],
)
def test_where_the_market_cannot_be_quoted_the_orders_go(
    market: MarketSeen | None, why: str
) -> None:
    maker = Maker(SETTINGS, "nov1m/0")

    (plan,) = maker.decide(seen(quoted(dead_man_ms=TIME_MS + 9_000), market))
    idle = maker.decide(seen(market=market))

    assert ("retreat BTC-PERP", RELIEF_LANE, ["orders.cancel_all"]) == (
        plan.name,
        plan.lane,
        kinds(plan),
    )
    assert [] == names(idle)
    assert why in maker.standing


def test_after_a_refusal_the_orders_go_and_the_reason_is_told() -> None:
    maker = Maker(SETTINGS, "nov1m/0")

    plans = maker.decide(
        seen(
            quoted(dead_man_ms=TIME_MS + 9_000),
            refused={"quote BTC-PERP": "margin.initial_margin_short"},
        )
    )

    assert ["retreat BTC-PERP"] == names(plans)
    assert "refused, margin.initial_margin_short" in maker.standing


def test_beyond_its_loss_limit_it_withdraws_and_does_not_come_back() -> None:
    maker = Maker(replace(SETTINGS, loss_max="1000"), "nov1m/0")
    maker.decide(seen())

    at_limit = maker.decide(seen(replace(ACCOUNT, equity_quantums=499_000 * USD)))
    beyond = maker.decide(seen(quoted(equity_quantums=499_000 * USD - 1)))
    recovered = maker.decide(seen(quoted(equity_quantums=600_000 * USD)))

    assert ["quote BTC-PERP"] == names(at_limit)
    assert [["retreat BTC-PERP"]] * 2 == [names(beyond), names(recovered)]
    assert "loss limit" in maker.standing


def test_at_the_end_everything_it_has_is_cancelled() -> None:
    (plan,) = Maker(SETTINGS, "nov1m/0").farewell()

    assert (
        ("orders.cancel_all", {"account_holder": "nov1m/0", "instrument": "BTC-PERP"}),
    ) == plan.actions
    assert () == Maker(SETTINGS, "nov1m/0").questions()
    assert "" == Maker(SETTINGS, "nov1m/0").judge(plan, ())
