"""ORDR-090 to ORDR-096: the kernel and its twin take orders in alike, or it declines."""

from itertools import product
from typing import Any

import pytest

from derivatives.kernel import level
from derivatives.kernel.known import teach
from derivatives.margin.account import health_of
from derivatives.marks.looked import runs_of
from derivatives.orders.state import resting
from tests import given
from tests.derivatives.kernel.twins import TWICE, Program, Twins
from tests.derivatives.kernel.wild import Wild
from tests.given_book import BUY, NAMES, SELL, TICKS, Book, placing
from tests.given_market import BTC_PERP, ETH_PERP, account_of

STEPS = 250
SEEDS = range(8)

needs_kernel = pytest.mark.skipif(level.kernel is None, reason="built without a compiler")


@needs_kernel
@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_and_twin_change_the_same_and_tell_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = Twins(monkeypatch)
    program = Program(twins, seed)

    for _ in range(STEPS):
        program.step()

    twins.judge()
    assert twins.taken["yes"] > STEPS // 5
    assert twins.taken["Traded"] > 0


@needs_kernel
@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_and_twin_margin_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = Twins(monkeypatch)
    program = Program(twins, 1_000 + seed)

    for _ in range(STEPS // 2):
        program.step()
        book = twins.books[0]
        for account in (*map(account_of, NAMES), *(account_of(name, 1) for name in TWICE)):
            quick = level.health(book.state, account)
            assert quick is not None
            book.state.memory.clear()
            with monkeypatch.context() as patch:
                patch.setattr(level, "kernel", None)
                assert health_of(book.state, account) == quick


@needs_kernel
@pytest.mark.parametrize("seed", range(4))
def test_kernel_and_twin_say_the_same_whatever_stands_in_the_way(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = Twins(monkeypatch)
    program = Wild(twins, 3_000 + seed)

    for _ in range(STEPS):
        program.step()

    twins.judge()
    assert twins.taken["yes"] > STEPS // 20
    assert twins.taken["no"] > STEPS // 20


@needs_kernel
@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_and_twin_read_the_same_of_a_side(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MARK-024."""
    twins = Twins(monkeypatch)
    program = Program(twins, 2_000 + seed)

    for _ in range(STEPS // 2):
        program.step()
        for book in twins.books:
            for instrument, side in product((BTC_PERP, ETH_PERP, "NONE-PERP"), (BUY, SELL)):
                rested = tuple(resting(book.state, instrument, side))
                for most in (0, 2, 256):
                    runs = tuple(runs_of(rested[:most]))
                    assert runs == level.rested(book.state, instrument, side, most)


@needs_kernel
def test_plain_order_is_taken_in_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = Twins(monkeypatch)

    twins.send(given.address("alice"), placing("alice", SELL, 2, TICKS))
    twins.send(given.address("bob"), placing("bob", BUY, 3, TICKS))

    assert {"yes": 2, "no": 0} == {answer: twins.taken[answer] for answer in ("yes", "no")}


def test_without_a_kernel_the_twin_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level, "kernel", None)
    book = Book()

    assert level.place(placing("alice", SELL, 1, TICKS), book.context()) is False
    assert level.health(book.state, account_of("alice")) is None
    assert ("a", "b") == level.unsure(book.state, ("a", "b"))
    assert not teach()


@needs_kernel
def test_kernel_that_knows_a_record_otherwise_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level, "kernel", level.kernel)

    class Order:
        """An order with one field fewer."""

        __struct_fields__ = ("order_id",)

    known: list[Any] = [{"Order": Order}, {}, object, object, None, None, None]

    assert level.learn(*known) is False
    assert level.kernel is None

    monkeypatch.undo()
    assert teach()
