"""ORDR-095: a hook at a transaction's end is passed only where it has nothing to do."""

from typing import Any

import pytest

from chain.kit import Context, wallet
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.insurance.hooks import share_withdrawals
from derivatives.kernel import level
from derivatives.margin.events import CollateralWithdrawn
from derivatives.margin.hooks import margin_touched
from derivatives.margin.withdrawal import begin_hours
from derivatives.orders.module import MODULE as ORDERS
from derivatives.positions.state import HOLDINGS, Holdings
from derivatives.solvency.freezing import hold_frozen
from derivatives.solvency.state import FROZEN, Frozen
from derivatives.synthetics.hooks import follow_debts
from derivatives.synthetics.state import SYNTHETICS, Synthetic
from tests import given
from tests.given_book import BUY, NAMES, SELL, TICKS, Book, placing
from tests.given_market import USD, account_of

pytestmark = pytest.mark.skipif(level.kernel is None, reason="built without a compiler")

HOOKS = (hold_frozen, margin_touched, share_withdrawals, follow_debts)


def opened() -> Book:
    """Return a book as a chain has it: its hour begun, accounts known as their owners'."""
    book = Book()
    begin_hours(book.state, book.time_ms)
    margin_touched(book.context(), map(account_of, NAMES))
    return book


def touching(book: Book, *holders: str) -> Context:
    """Return a context that touched these."""
    context = book.context()
    for holder in holders:
        context.touch(holder)
    return context


def is_passed(hook: Any, context: Context) -> bool:
    return level.passing(hook)[hook](context, context.touched) is True


def answers(context: Context) -> tuple[bool, ...]:
    return tuple(is_passed(hook, context) for hook in HOOKS)


def test_account_that_deposited_and_rests_an_order_asks_for_no_hook() -> None:
    book = opened()
    book.place("alice", SELL, 1, TICKS)

    assert (True,) * 4 == answers(
        touching(book, account_of("alice"), wallet(given.address("alice")), "fees/main")
    )


def test_compartment_that_stands_still_is_looked_at() -> None:
    book = opened()
    context = touching(book, account_of("alice"))
    assert is_passed(hold_frozen, context)

    book.state.put(FROZEN, "main", Frozen(0, 0, "custody"))

    assert (False, True, True, True) == answers(context)


def test_account_that_is_short_of_margin_is_looked_at() -> None:
    book = opened()
    book.place("alice", SELL, 60_000, TICKS)
    book.send("bob", placing("bob", BUY, 60_000, TICKS))
    context = touching(book, account_of("bob"))
    assert is_passed(margin_touched, context)

    book.state.put(BALANCES, (account_of("bob"), "USD"), Balance(USD))

    assert not is_passed(margin_touched, context)


def test_withdrawal_is_looked_at() -> None:
    context = touching(opened(), account_of("alice"))
    context.emit(CollateralWithdrawn(account_of("alice"), "USD", USD))

    assert (True, True, False, True) == answers(context)


def test_whoever_holds_a_synthetic_is_looked_at() -> None:
    book = opened()
    context = touching(book, account_of("alice"))
    book.state.put(HOLDINGS, account_of("alice"), Holdings(("USYN",)))
    assert is_passed(follow_debts, context)

    given: dict[str, Any] = dict.fromkeys(Synthetic.__struct_fields__, 1)
    book.state.put(SYNTHETICS, "USYN", Synthetic(**given))

    assert not is_passed(follow_debts, context)


def test_without_a_kernel_every_hook_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level, "kernel", None)

    assert [{}] * 4 == [level.passing(hook) for hook in HOOKS]


def test_order_is_asked_of_the_twin_while_another_tests_margin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = placing("alice", SELL, 1, TICKS)
    is_taken_in = next(iter(ORDERS.quick.values()))

    assert is_taken_in(order, Book().context())
    assert not is_taken_in(order, Book(monkeypatch).context())
