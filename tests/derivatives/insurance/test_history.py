"""INS-040 to INS-046: at most a quarter, in any hour, of what was held an hour before."""

from random import Random

from derivatives.ids import insurance_of
from derivatives.insurance.history import (
    HOUR_MS,
    budget_quantums,
    count_paid,
    count_sliced,
    insured_at,
    limit_quantums,
)
from derivatives.insurance.state import INSURANCE_TERMS, INSURED_BEFORE
from tests.given_insurance import MAIN, Insured
from tests.given_market import account_of


def _pay(market: Insured, amount_quantums: int) -> None:
    """Let insurance pay, as step 6 does, and count it."""
    count_paid(market.state, MAIN, amount_quantums, market.time_ms)
    post_from_fund(market, amount_quantums)


def post_from_fund(market: Insured, amount_quantums: int) -> None:
    market.give_away("alice", -amount_quantums)


def test_limit_counts_what_was_held_an_hour_before_and_paid_since() -> None:
    market = Insured(1_000)
    market.deposit("alice", 10)

    assert 250 == limit_quantums(market.state, MAIN, market.time_ms)
    _pay(market, 200)
    assert 50 == limit_quantums(market.state, MAIN, market.time_ms)
    market.gap(HOUR_MS - 1)
    assert 50 == limit_quantums(market.state, MAIN, market.time_ms)
    market.gap(1)
    assert 200 == limit_quantums(market.state, MAIN, market.time_ms)


def test_what_came_within_the_hour_does_not_count() -> None:
    market = Insured(1_000)
    market.deposit("alice", 10_000)
    market.give_away("alice", 9_000)

    market.gap(HOUR_MS - 1)
    early = limit_quantums(market.state, MAIN, market.time_ms)
    market.gap(1)

    assert (250, 2_500) == (early, limit_quantums(market.state, MAIN, market.time_ms))


def test_history_says_what_was_held_at_any_time_of_the_last_hour() -> None:
    random = Random(7)
    market = Insured(10**6)
    market.deposit("alice", 10**6)
    known: list[tuple[int, int, int]] = []
    paid = 0
    for _ in range(60):
        if random.random() < 0.5:
            amount = random.randint(1, 5_000)
            post_from_fund(market, -amount)
        elif random.random() < 0.5:
            _pay(market, 100)
            paid += 100
        held = market.cash(insurance_of(MAIN))
        known.append((market.time_ms, held, paid))
        market.gap(random.choice((500, 60_000, 700_000)))

    for time_ms, held, paid_then in known:
        if market.time_ms - HOUR_MS <= time_ms:
            then = insured_at(market.state, MAIN, time_ms)
            assert (held, paid_then) == (then.held_quantums, then.paid_quantums)


def test_slices_of_an_hour_have_a_limit_beside_that_of_each_takeover() -> None:
    # INS-062: 1 % of what is held, and no more than is left of 5 % in the hour
    market = Insured(10_000)
    market.deposit("alice", 10_000)
    terms = market.state.get(INSURANCE_TERMS, MAIN)
    assert terms is not None

    def budget() -> int:
        return budget_quantums(market.state, MAIN, terms, market.time_ms)

    found = [budget()]
    for cost in (100, 300, 60):
        count_sliced(market.state, MAIN, cost, market.time_ms)
        post_from_fund(market, cost)
        found.append(budget())
        market.gap(500)
    # Losses have their own limit, which slices leave alone.
    assert 2_500 == limit_quantums(market.state, MAIN, market.time_ms)
    market.gap(HOUR_MS - 1_501)
    within = budget()
    market.gap(1)

    assert [100, 99, 80, 17] == found
    assert (17, 95) == (within, budget())


def test_what_is_older_than_an_hour_is_forgotten() -> None:
    market = Insured(1_000)
    market.deposit("alice", 1_000)
    for _ in range(5):
        market.give_away("alice", 1)
        market.gap(500)

    market.gap(2 * HOUR_MS)
    market.gap()

    assert 0 == sum(1 for _ in market.state.scan(INSURED_BEFORE, (MAIN,)))
    assert account_of("alice")
