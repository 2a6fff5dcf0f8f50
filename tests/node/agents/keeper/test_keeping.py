"""AGT-060 to AGT-072: whom a keeper takes from, whether it pays, and how it gets rid of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.agents.keeper.form import KeeperSettings
from node.agents.keeper.keeping import Keeper, is_met, next_pledge, unloading, value_of
from node.agents.seen import BUY, SELL, AccountSeen, MarketSeen, Plan
from node.client.building import one
from tests import given as worlds
from tests.node.agents.sights import ACCOUNT, MARKET, USD, seen

SETTINGS = KeeperSettings(profit_min="1", cost_ppm=1_000, value_max="100000", collateral_max="1000")
KEEPER = "nov1k/0"
ALICE = "nov1a/0"
BOOK = replace(MARKET, bids=((127_900, 5),), asks=((128_100, 5),))


def closing(account: str = ALICE, **changed: Any) -> dict[str, Any]:
    told = {"account_holder": account, "reason": "", "converting_ms": 0, "cash_quantums": "5"}
    return {**told, **changed}


def answer(*accounts: dict[str, Any]) -> dict[str, Any]:
    return {"value": {"accounts": list(accounts)}}


OWING = closing(reason="liquidation.not_flagged", converting_ms=7, cash_quantums="-9")
PLEDGES = [
    {"asset": "USD", "amount_quantums": "-9", "value_quantums": "-9", "haircut_ppm": 0},
    {"asset": "ETH", "amount_quantums": "50", "value_quantums": "5", "haircut_ppm": 150_000},
    {"asset": "BTC", "amount_quantums": "400", "value_quantums": "900", "haircut_ppm": 100_000},
]


def plans(
    keeper: Keeper, *answers: Any, account: AccountSeen = ACCOUNT, market: MarketSeen = BOOK
) -> list[Plan]:
    return list(keeper.decide(seen(account, market, answers=answers)))


def taken(
    allowance: int, value: int, collateral: int = 0, name: str = "BTC-PERP"
) -> dict[str, Any]:
    return {
        "name": "liquidation.slice_taken",
        "allowance_quantums": str(allowance),
        "legs": [{"instrument": name, "value_quantums": str(value)}],
        "collateral": [{"asset": "BTC", "value_quantums": str(collateral)}] if collateral else [],
    }


def converted(allowance: int, value: int) -> dict[str, Any]:
    return {
        "name": "liquidation.collateral_converted",
        "allowance_quantums": str(allowance),
        "value_quantums": str(value),
    }


def judged(*events: dict[str, Any], account: AccountSeen = ACCOUNT) -> str:
    keeper = Keeper(SETTINGS, KEEPER)
    plans(keeper, answer(), account=account)
    return keeper.judge(Plan("liquidate", ()), events)


def test_who_is_closed_is_asked_of_one_compartment() -> None:
    (question,) = Keeper(SETTINGS, KEEPER).questions()

    assert ("query_call", {"name": "liquidation.closing", "fields": {"compartment": "main"}}) == (
        question
    )


def test_who_may_be_taken_from_is_tried_first() -> None:
    waiting = closing("nov1b/0", reason="liquidation.feed_waits")

    (plan,) = plans(Keeper(SETTINGS, KEEPER), answer(closing(), waiting))

    assert (f"liquidate {ALICE}", True) == (plan.name, plan.is_tried_first)
    assert {"account_holder": KEEPER, "target_holder": ALICE, "slices_count": 4} == (
        plan.actions[0][1]
    )


def test_its_owner_is_nobody_it_takes_from() -> None:
    assert [] == plans(Keeper(SETTINGS, KEEPER), answer(closing("nov1k/3")))


def test_where_the_node_does_not_say_nobody_is_taken_from() -> None:
    assert [] == plans(Keeper(SETTINGS, KEEPER), None)
    assert [] == plans(Keeper(SETTINGS, KEEPER))


def test_collateral_of_who_owes_is_looked_at_and_then_bought() -> None:
    keeper = Keeper(SETTINGS, KEEPER)

    first = plans(keeper, answer(OWING))
    questions = keeper.questions()
    (plan,) = plans(keeper, answer(OWING), {"account": ALICE, "collateral": PLEDGES})

    assert [] == first
    assert ("account_get", {"account": ALICE}) == questions[1]
    assert (f"convert {ALICE}", "BTC", "400", True) == (
        plan.name,
        plan.actions[0][1]["asset"],
        plan.actions[0][1]["amount_quantums"],
        plan.is_tried_first,
    )


def test_no_more_collateral_is_bought_than_it_may_hold() -> None:
    keeper = Keeper(replace(SETTINGS, collateral_max="0.001"), KEEPER)
    rich = replace(ACCOUNT, collateral_quantums={"BTC": 400})
    owed = {"account": ALICE, "collateral": PLEDGES}

    plans(keeper, answer(OWING), account=rich)
    (plan,) = plans(keeper, answer(OWING), owed, account=rich)
    full = plans(
        keeper, answer(OWING), owed, account=replace(ACCOUNT, collateral_quantums={"BTC": 1_000})
    )

    # 600 of 900 quantums of value are left: two thirds of 400.
    assert "266" == plan.actions[0][1]["amount_quantums"]
    assert [] == full


def test_the_least_haircut_is_converted_first() -> None:
    assert PLEDGES[2] == next_pledge(PLEDGES)
    assert PLEDGES[1] == next_pledge(PLEDGES[:2])
    assert None is next_pledge(PLEDGES[:1])


def test_what_gains_more_than_it_costs_is_worth_it() -> None:
    # 0.1 % of 10,000 USD is 10, and 1 is wanted beyond.
    assert "" == judged(taken(11 * USD, 10_000 * USD))
    assert "gains" in judged(taken(11 * USD - 1, 10_000 * USD))
    assert "" == judged(taken(6 * USD, 5_000 * USD), taken(5 * USD, 5_000 * USD))
    assert "" == judged(converted(2 * USD, 1_000 * USD))
    assert "gains" in judged(converted(2 * USD - 1, 1_000 * USD))
    assert "gains" in judged()


def test_what_would_be_too_much_is_left() -> None:
    held = replace(ACCOUNT, positions_lots={"BTC-PERP": -1_000})
    pledged = replace(ACCOUNT, collateral_quantums={"ETH": 500 * USD})

    # 1,000 lots at the mark of 64,050 are 64,050 USD: 35,950 are left.
    assert "" == judged(taken(10_000 * USD, 35_950 * USD), account=held)
    assert "positions" in judged(taken(10_000 * USD, 35_951 * USD), account=held)
    assert "" == judged(taken(10_000 * USD, 5, 500 * USD), account=pledged)
    assert "collateral" in judged(taken(10_000 * USD, 5, 501 * USD), account=pledged)
    assert "none of its markets" in judged(taken(10_000 * USD, 5, name="SOL-PERP"))


def test_what_it_took_over_is_closed_where_somebody_meets_it() -> None:
    long = replace(ACCOUNT, positions_lots={"BTC-PERP": 300})

    (plan,) = plans(Keeper(SETTINGS, KEEPER), answer(), account=long)

    # 64,000 less 1,500 ppm is 63,904: 127,808 ticks, and 127,900 is bid.
    fields = plan.actions[0][1]
    assert (SELL, "127808", "300", 2, True) == tuple(
        fields[name]
        for name in ("side", "price_ticks", "size_lots", "time_in_force", "reduce_only")
    )


@pytest.mark.parametrize(
    "market",
    [
        replace(BOOK, bids=()),
        replace(BOOK, bids=((127_807, 9),)),
        replace(BOOK, may_reduce=False),
        replace(BOOK, index_price_e8=0),
    ],
)
def test_where_nobody_does_it_waits(market: MarketSeen) -> None:
    long = replace(ACCOUNT, positions_lots={"BTC-PERP": 300, "SOL-PERP": 1})

    assert [] == plans(Keeper(SETTINGS, KEEPER), answer(), account=long, market=market)


@given(index=st.integers(1, 10**14), ppm=st.integers(0, 200_000), tick=st.integers(1, 10**9))
def test_it_never_closes_further_from_the_index_than_told(index: int, ppm: int, tick: int) -> None:
    market = replace(MARKET, index_price_e8=index, tick_size_e8=tick)

    sell, lowest = unloading(market, 1, ppm)
    buy, highest = unloading(market, -1, ppm)

    assert (SELL, BUY) == (sell, buy)
    assert lowest * tick * 1_000_000 >= index * (1_000_000 - ppm)
    assert highest * tick * 1_000_000 <= index * (1_000_000 + ppm)


def test_an_order_is_met_by_the_best_of_the_other_side() -> None:
    assert [True, False] == [is_met(BOOK, BUY, price) for price in (128_100, 128_099)]
    assert [True, False] == [is_met(BOOK, SELL, price) for price in (127_900, 127_901)]
    assert not is_met(MARKET, BUY, 10**9)


def test_positions_are_worth_their_marks_long_or_short() -> None:
    account = replace(ACCOUNT, positions_lots={"BTC-PERP": -2, "SOL-PERP": 9})

    assert 2 * 128_100 * 500 == value_of(account, {"BTC-PERP": MARKET})


def test_beyond_its_loss_limit_it_only_closes() -> None:
    keeper = Keeper(replace(SETTINGS, loss_max="1000"), KEEPER)
    plans(keeper, answer())
    poor = replace(ACCOUNT, equity_quantums=498_999 * USD, positions_lots={"BTC-PERP": -300})

    found = plans(keeper, answer(closing()), account=poor)

    assert ["unload BTC-PERP"] == [plan.name for plan in found]
    assert "loss limit" in keeper.standing


def test_it_opens_its_account_and_leaves_nothing_behind() -> None:
    keeper = Keeper(SETTINGS, KEEPER)

    (plan,) = keeper.decide(seen(account=None))

    assert "deposit" == plan.name
    assert () == keeper.farewell()


def test_what_it_asks_for_is_what_the_chain_takes() -> None:
    me, other = (f"{worlds.text_of(worlds.address(name))}/0" for name in ("keeper", "alice"))
    keeper = Keeper(SETTINGS, me)
    owing = {**OWING, "account_holder": other, "reason": ""}
    plans(keeper, answer(owing))

    found = plans(keeper, answer(owing), {"account": other, "collateral": PLEDGES})

    names = [one(*plan.actions[0]).name for plan in found]
    assert ["liquidation.liquidate", "liquidation.convert"] == names
