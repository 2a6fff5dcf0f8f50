"""AGT-075 to AGT-088: what a quoter asks, what it places anew, and when its orders must go."""

from dataclasses import replace
from typing import Any

from node.agents.quoter.form import Chain, QuoterSettings
from node.agents.quoter.quoting import Quoter
from node.agents.seen import RELIEF_LANE, AccountSeen, Plan, Resting, Seen
from tests.node.agents.quoter.sights import (
    DAY_MS,
    ENDS_MS,
    FORWARD,
    LATER_MS,
    chain,
    option,
    standing,
)
from tests.node.agents.sights import ACCOUNT, TIME_MS, USD, seen

ME = "nov1q/0"
TOLD = Chain(dates_count=1, strikes_count=1)
SETTINGS = QuoterSettings(chains={"BTC": TOLD})
AT_64 = f"{FORWARD}-64000-C"


def quoter(**changed: Any) -> Quoter:
    """Return a quoter that has seen which dates there are, and which option to ask for."""
    one = Quoter(replace(SETTINGS, **changed), ME)
    one.questions()
    one.decide(sight(chain()))
    one.questions()
    return one


def sight(*answers: Any, account: AccountSeen | None = ACCOUNT, **more: Any) -> Seen:
    return seen(account, None, answers=answers, **more)


def placed_by(plans: Any) -> AccountSeen:
    """Return the account as it is once plans are done, its dead man far."""
    orders = [
        Resting(
            number,
            fields["client_id"],
            fields["instrument"],
            fields["side"],
            int(fields["price_ticks"]),
            int(fields["size_lots"]),
            fields["good_till_ms"],
        )
        for plan in plans
        for number, (kind, fields) in enumerate(plan.actions)
        if kind == "orders.place"
    ]
    return replace(ACCOUNT, orders=tuple(orders), dead_man_ms=TIME_MS + 30_000)


def quoted(one: Quoter) -> AccountSeen:
    """Return the account with all that it quotes resting, and its next questions asked."""
    account = placed_by(one.decide(sight(chain(), standing())))
    one.questions()
    return account


def names(plans: Any) -> list[str]:
    return [plan.name for plan in plans]


def kinds(plan: Plan) -> list[str]:
    return [kind for kind, _ in plan.actions]


def cancelled(plan: Plan) -> list[str]:
    assert RELIEF_LANE == plan.lane
    return [fields["instrument"] for kind, fields in plan.actions if kind == "orders.cancel_all"]


def test_it_asks_for_the_next_date_then_for_each_of_those_told_and_one_of_its_options() -> None:
    one = Quoter(QuoterSettings(chains={"BTC": Chain()}), ME)

    first = one.questions()
    one.decide(sight(chain()))
    second = one.questions()

    assert [("market_getChain", {"underlying": "BTC"})] == first
    assert [
        ("market_getChain", {"underlying": "BTC", "expiry_ms": ENDS_MS}),
        ("query_call", {"name": "instruments.standing", "fields": {"instrument": AT_64}}),
        ("market_getChain", {"underlying": "BTC", "expiry_ms": LATER_MS}),
    ] == second


def test_its_account_is_opened_backed_and_margined_as_told_in_one_list() -> None:
    first = Quoter(SETTINGS, ME).decide(sight(account=None))
    other = Quoter(replace(SETTINGS, schedule="standard"), "nov1q/1").decide(sight(account=None))

    assert [["accounts.deposit", "margin.set_schedule"]] == [kinds(plan) for plan in first]
    assert {"account_holder": ME, "schedule": "portfolio"} == first[0].actions[-1][1]
    assert [["accounts.open", "accounts.deposit"]] == [kinds(plan) for plan in other]


def test_all_of_a_date_is_one_signed_list_with_the_dead_man_behind() -> None:
    (plan,) = quoter().decide(sight(chain(), standing()))

    # Three strikes, a call and a put at each, a bid and an ask of each.
    assert [*["orders.place"] * 12, "orders.set_dead_man"] == kinds(plan)
    first = plan.actions[0][1]
    assert (AT_64, "2881", "200", True, TIME_MS + 120_000) == tuple(
        first[name]
        for name in ("instrument", "price_ticks", "size_lots", "post_only", "good_till_ms")
    )
    assert f"{AT_64}/b" == first["client_id"]


def test_a_list_has_at_most_64_actions_and_the_rest_comes_next() -> None:
    many = tuple(range(50_000, 80_000, 1_000))
    strikes = [
        {"strike_e8": str(usd * 10**8), "call": option(usd, "C"), "put": option(usd, "P")}
        for usd in many
    ]
    one = quoter(chains={"BTC": replace(TOLD, strikes_count=10, total_max="100")})

    (first,) = one.decide(sight(chain(strikes=strikes), standing()))
    one.questions()
    account = placed_by([first])
    (second,) = one.decide(sight(chain(strikes=strikes), standing(), account=account))

    # 42 options want 84 orders: 31 of them fit with the dead man, 11 are left.
    assert (63, 23) == (len(first.actions), len(second.actions))


def test_what_is_good_is_left_alone_and_only_what_is_not_is_placed_anew() -> None:
    one = quoter()
    account = quoted(one)

    kept = one.decide(sight(chain(), standing(), account=account))
    one.questions()
    moved = option(64_000, "C", mark_price_ticks="3090")
    strikes = [
        {**row, "call": moved} if row["strike_e8"] == "6400000000000" else row
        for row in chain()["strikes"]
    ]
    (anew,) = one.decide(sight(chain(strikes=strikes), standing(), account=account))

    assert [] == names(kept)
    assert f"{FORWARD} quoted" == one.standing
    assert ["orders.cancel_all", "orders.place", "orders.place", "orders.set_dead_man"] == kinds(
        anew
    )
    assert {AT_64} == {fields["instrument"] for _, fields in anew.actions[:3]}


def test_what_is_half_way_to_being_off_goes_along_with_what_is_off() -> None:
    one = quoter()
    account = quoted(one)
    strikes = chain()["strikes"]
    # The tolerance is 82 ticks: 45 go along and 40 do not, and alone 45 are left alone.
    strikes[2]["put"] = option(64_000, "P", mark_price_ticks="3045")
    strikes[1]["put"] = option(63_000, "P", mark_price_ticks="3040")

    alone = one.decide(sight(chain(strikes=strikes), standing(), account=account))
    one.questions()
    strikes[2]["call"] = option(64_000, "C", mark_price_ticks="3090")
    (plan,) = one.decide(sight(chain(strikes=strikes), standing(), account=account))

    assert [] == names(alone)
    assert [AT_64, f"{FORWARD}-64000-P"] == [
        fields["instrument"] for kind, fields in plan.actions if kind == "orders.cancel_all"
    ]


def test_orders_are_placed_anew_before_they_end() -> None:
    one = quoter()
    account = quoted(one)
    first, *others = account.orders
    ending = replace(first, good_till_ms=TIME_MS + 29_999)

    (plan,) = one.decide(
        sight(chain(), standing(), account=replace(account, orders=(ending, *others)))
    )

    assert ["orders.cancel_all", "orders.place", "orders.place", "orders.set_dead_man"] == kinds(
        plan
    )


def test_the_dead_man_is_set_again_when_half_of_it_is_gone() -> None:
    one = quoter()
    account = quoted(one)

    near = one.decide(
        sight(chain(), standing(), account=replace(account, dead_man_ms=TIME_MS + 14_999))
    )

    assert [("dead man", RELIEF_LANE)] == [(plan.name, plan.lane) for plan in near]


def test_where_a_price_or_the_volatility_may_not_be_trusted_all_of_it_goes() -> None:
    one = quoter()
    account = quoted(one)

    (plan,) = one.decide(sight(chain(), standing(may_open=False), account=account))

    assert [""] == cancelled(plan)
    assert f"{FORWARD} not quoted: its price or volatility may not be trusted now" == one.standing


def test_an_option_that_does_not_trade_or_has_no_mark_goes_alone() -> None:
    one = quoter()
    account = quoted(one)
    strikes = chain()["strikes"]
    strikes[2]["call"] = option(64_000, "C", state="auction")
    strikes[2]["put"] = option(64_000, "P", mark_price_ticks=None)

    (plan,) = one.decide(sight(chain(strikes=strikes), standing(), account=account))

    assert [AT_64, f"{FORWARD}-64000-P"] == cancelled(plan)


def test_a_strike_that_the_forward_has_left_goes_and_the_next_is_quoted() -> None:
    one = quoter()
    account = quoted(one)
    dates = [{"expiry_ms": ENDS_MS, "forward": FORWARD, "forward_e8": "6510000000000"}]

    retreat, anew = one.decide(sight(chain(dates=dates), standing(), account=account))

    assert [f"{FORWARD}-63000-C", f"{FORWARD}-63000-P"] == sorted(cancelled(retreat))
    assert {f"{FORWARD}-66000-C", f"{FORWARD}-66000-P"} == {
        fields["instrument"] for kind, fields in anew.actions if kind == "orders.place"
    }


def test_a_date_that_is_about_to_end_is_left_for_the_next() -> None:
    one = quoter(chains={"BTC": replace(TOLD, stop_ms=4 * DAY_MS)})

    assert {"underlying": "BTC", "expiry_ms": LATER_MS} == one.questions()[0][1]


def test_an_answer_of_another_height_changes_nothing_for_a_turn() -> None:
    one = quoter()
    account = quoted(one)

    unsure = one.decide(sight(chain(height="8"), standing(), account=account))
    one.questions()
    untold = one.decide(sight(chain(), None, account=account))

    assert ([], []) == (names(unsure), names(untold))


def test_a_date_that_is_refused_is_forgotten_and_the_dates_are_asked_anew() -> None:
    one = quoter()
    account = quoted(one)

    kept = one.decide(sight(None, None, account=account))

    assert [] == names(kept)
    assert [("market_getChain", {"underlying": "BTC"})] == [
        call for call in one.questions() if call[0] == "market_getChain"
    ]


def test_an_underlying_without_options_is_not_quoted_and_told() -> None:
    one = Quoter(SETTINGS, ME)
    one.questions()

    plans = one.decide(sight(chain(expiry_ms=None, dates=[], strikes=[])))

    assert ([], "BTC not quoted: no options are listed") == (names(plans), one.standing)


def test_what_is_not_its_own_goes_at_its_start() -> None:
    one = quoter()
    other = Resting(1, "by hand", "BTC-PERP", 1, 100, 5)
    account = quoted(one)

    (plan,) = one.decide(
        sight(chain(), standing(), account=replace(account, orders=(*account.orders, other)))
    )

    assert ["BTC-PERP"] == cancelled(plan)


def test_after_a_refusal_the_orders_of_the_date_go_and_the_reason_is_told() -> None:
    one = quoter()
    account = quoted(one)
    refused = {f"quote {FORWARD}": "margin.initial_margin_short"}

    plans = one.decide(sight(chain(), standing(), account=account, refused=refused))

    assert ["retreat"] == names(plans)
    assert f"{FORWARD} not quoted: refused, margin.initial_margin_short" == one.standing


def test_what_is_held_in_all_options_counts_for_the_room_of_each() -> None:
    held = {f"{FORWARD}-64000-C": -700, "BTC-11DEC26-60000-P": -200, "BTC-PERP": -5_000}
    one = quoter(chains={"BTC": replace(TOLD, total_max="1")})

    (plan,) = one.decide(sight(chain(), standing(), account=replace(ACCOUNT, positions_lots=held)))

    sides = [fields["side"] for kind, fields in plan.actions if kind == "orders.place"]
    # A tenth of a bitcoin may yet be sold, of the nearest; a whole one bought, in five orders.
    assert (1, 5) == (sides.count(2), sides.count(1))


def test_beyond_its_loss_limit_it_withdraws_and_does_not_come_back() -> None:
    one = quoter(loss_max="1000")
    account = quoted(one)
    poor = replace(account, equity_quantums=499_000 * USD - 1)

    beyond = one.decide(sight(chain(), standing(), account=poor))
    one.questions()
    recovered = one.decide(sight(chain(), standing(), account=account))

    assert [["retreat"]] * 2 == [names(beyond), names(recovered)]
    assert "not quoted: the loss limit is reached" == one.standing


def test_at_the_end_everything_it_has_is_cancelled() -> None:
    (plan,) = quoter().farewell()

    assert [""] == cancelled(plan)
