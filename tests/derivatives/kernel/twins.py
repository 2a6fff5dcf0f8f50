"""The same book twice, one with the kernel and one without, and programs of orders for both.

After every step the two are held against each other: what was told and touched or why it was
refused, how many changes were made, of which keys in which order, and what they hold now.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import pytest

from chain.codec.canonical import encode
from chain.codec.record import Wide
from chain.kit import Context, Refusal, replace
from chain.machine.application import Application
from chain.modules.ledger.state import BALANCES, Balance
from chain.state.overlay import Overlay
from derivatives.accounts.state import MODE_CROSS
from derivatives.accounts.transactions import Open
from derivatives.ids import AccountId
from derivatives.instruments.state import TRADING, TRADING_OPEN, Trading
from derivatives.kernel import level
from derivatives.margin.withdrawal import begin_hours
from derivatives.orders.state import (
    BOOK,
    FILL_OR_KILL,
    GOOD_TILL_CANCELLED,
    IMMEDIATE_OR_CANCEL,
    SIDE_BUY,
    SIDE_SELL,
)
from derivatives.orders.transactions import Amend, Cancel, CancelAll, Place
from derivatives.perpetuals.state import FUNDING
from derivatives.registry import REGISTRY
from tests import given
from tests.given_book import NAMES, Book, placing
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

COLLATERAL = (("bob", "BTC", 2 * UNIT_E8), ("erin", "ETH", 31 * UNIT_E8), ("erin", "BTC", 12_345))
TWICE = ("erin", "frank")
MARKS_TICKS = {BTC_PERP: 128_000, ETH_PERP: 32_000}
E18 = 10**18

MALFORMED: tuple[dict[str, Any], ...] = (
    {"side": 3},
    {"size_lots": 0},
    {"time_in_force": 4},
    {"self_trade": 2},
    {"trigger_kind": 3},
    {"trigger_ticks": 128_000},
    {"client_id": "two words"},
    {"client_id": "x" * 37},
    {"client_id": "caf\xe9"},
    {"post_only": True, "time_in_force": IMMEDIATE_OR_CANCEL},
    {"price_ticks": 0, "time_in_force": GOOD_TILL_CANCELLED},
    {"good_till_ms": 10**13, "time_in_force": FILL_OR_KILL},
)
"""What `check` refuses of an order that is else as it should be."""

APPLICATION = Application(REGISTRY)
END_TRANSACTION = APPLICATION.end_transaction

Step = Callable[[Book], list[Any]]


def changes_of(book: Book) -> list[Any]:
    """Return what an open block has changed, table by table and key by key, in its order."""
    return [(table.name, list(rows.items())) for table, rows in book.state.changes.items()]


def _funded(book: Book) -> list[Any]:
    """Give some accounts other collateral than cash, and some signers a second account."""
    state = book.state
    for name, asset, amount_quantums in COLLATERAL:
        state.put(BALANCES, (account_of(name), asset), Balance(amount_quantums))
    for name in TWICE:
        second = account_of(name, 1)
        book.send(name, Open(second, "main", MODE_CROSS, "standard"))
        state.put(BALANCES, (second, "USD"), Balance(40_000 * USD))
    begin_hours(state, book.time_ms)
    return []


class Twins:
    """Two books that are told the same; the first has the kernel, the second has not."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Open both, with hours of outflow begun, as every block of a chain begins them."""
        self._patch = patch
        self.kernel = level.kernel
        self.taken: Counter[str] = Counter()
        self.books = (Book(), Book())
        self.each(_funded)

    def each(self, step: Step) -> Any:
        """Do the same to both, and return what came of it. Fails where it is not the same."""
        came: list[Any] = []
        for book, kernel in zip(self.books, (self.kernel, None), strict=True):
            self._patch.setattr(level, "kernel", kernel)
            mark = book.state.mark()
            told = step(book)
            former = book.state.former_since(mark)
            changed = [(table.name, key, old) for (table, key), old in former.items()]
            came.append((told, changed, book.state.mark() - mark))
        self._patch.setattr(level, "kernel", self.kernel)
        assert came[1] == came[0]
        return came[0][0]

    def send(self, signer: bytes, payload: Any) -> Any:
        """Apply a transaction to both, its end included, and return what it came to."""
        return self.each(lambda book: self._sent(book, signer, payload))

    def _sent(self, book: Book, signer: bytes, payload: Any) -> list[Any]:
        context = book.context()
        context.signer = signer
        state = context.state
        assert isinstance(state, Overlay)
        context.start_mark = mark = state.mark()
        try:
            if not self._is_taken_in(payload, context):
                payload.check()
                payload.apply(context)
            for hook in END_TRANSACTION:
                self._end(hook, context)
            state.check_since(mark)
        except Refusal as refusal:
            state.rollback(mark)
            return [refusal.reason.slug, refusal.facts]
        self.taken.update(type(event).__name__ for event in context.events)
        told = [(type(event).__name__, encode(event)) for event in context.events]
        return [*told, list(context.touched)]

    def _is_taken_in(self, payload: Any, context: Context) -> bool:
        """Return whether the kernel took it in; where it did not, nothing is changed."""
        if level.kernel is None or not isinstance(payload, Place):
            return False
        answer = level.kernel.place(payload, context)
        self.taken["yes" if answer else "no"] += 1
        if answer is True:
            payload.check()
            return True
        assert answer is None
        assert context.start_mark == cast("Overlay", context.state).mark()
        assert not context.events
        assert not context.touched
        return False

    def _end(self, hook: Callable[..., None], context: Context) -> None:
        """Run a hook even where it may be passed, and hold that it does nothing then."""
        state = cast("Overlay", context.state)
        mark, told = state.mark(), len(context.events)
        passed = APPLICATION.quick[hook](context, context.touched)
        hook(context, context.touched)
        self.taken[f"{hook.__name__} passed" if passed else f"{hook.__name__} asked"] += 1
        if passed:
            assert (mark, told) == (state.mark(), len(context.events))

    def stack(self) -> None:
        """Seal what is open, and open the next block on it."""
        for book in self.books:
            book.state.seal()
            book.state = Overlay(book.state)

    def judge(self) -> None:
        """Hold all changes of the open block against each other, and then its root."""
        with_kernel, without = self.books
        assert changes_of(without) == changes_of(with_kernel)
        self.stack()
        assert without.state.parent.root == with_kernel.state.parent.root


def _opened(book: Book) -> list[Any]:
    """Open what a price beyond the band has sent into an auction."""
    for instrument in (BTC_PERP, ETH_PERP):
        book.state.put(TRADING, instrument, Trading(TRADING_OPEN, 0, 0))
    return []


class Program:
    """Steps from one seed: mostly orders near the mark, and what makes them meet and fail."""

    def __init__(self, twins: Twins, seed: int) -> None:
        """Begin with nothing done."""
        self._twins = twins
        self._dice = random.Random(seed)
        self._prices = {"BTC": 64_000 * UNIT_E8, "ETH": 3_200 * UNIT_E8}

    def step(self) -> None:
        """Do one thing more."""
        steps = (self._place, self._end_order, self._amend, self._move_price, self._fund)
        self._dice.choices(steps, (80, 8, 5, 4, 3))[0]()
        if self._dice.random() < 0.1:
            self._twins.each(_opened)

    def _account(self) -> tuple[str, AccountId]:
        name = self._dice.choice(NAMES)
        number = self._dice.randint(0, 1) if name in TWICE else 0
        return name, account_of(name, number)

    def _place(self) -> None:
        dice = self._dice
        name, holder = self._account()
        instrument = dice.choices((BTC_PERP, ETH_PERP), (4, 1))[0]
        mark_ticks = MARKS_TICKS[instrument]
        near = dice.choices((20, 400, 8_000, mark_ticks // 5), (70, 22, 6, 2))[0]
        price_ticks = mark_ticks + dice.randint(-near, near)
        kinds = (GOOD_TILL_CANCELLED, IMMEDIATE_OR_CANCEL, FILL_OR_KILL)
        how: dict[str, Any] = {
            "account_holder": holder,
            "instrument": instrument,
            "time_in_force": dice.choices(kinds, (7, 2, 1))[0],
            "self_trade": dice.randint(0, 1),
        }
        kept = how["time_in_force"] == GOOD_TILL_CANCELLED
        how["post_only"] = kept and dice.random() < 0.2
        if not kept and dice.random() < 0.3:
            price_ticks = 0
        how["reduce_only"] = dice.random() < 0.05
        if dice.random() < 0.15:
            how["client_id"] = f"name-{dice.randint(0, 5)}"
        time_ms = self._twins.books[0].time_ms
        if kept and dice.random() < 0.1:
            how["good_till_ms"] = time_ms + dice.choice((-1, 400, 60_000))
        most = dice.choices((5, 60, 4_000, 2_000_000), (70, 20, 8, 2))[0]
        side = dice.choice((SIDE_BUY, SIDE_SELL))
        order = placing(name, side, dice.randint(1, most), price_ticks, **how)
        if dice.random() < 0.05:
            order = replace(order, **dice.choice(MALFORMED))
        signer = dice.choices((name, "dave"), (97, 3))[0]
        self._twins.send(given.address(signer), order)

    def _open_order(self) -> Any:
        rows = list(self._twins.books[0].state.scan(BOOK))
        return self._dice.choice(rows)[1] if rows else None

    def _end_order(self) -> None:
        order = self._open_order()
        if order is None:
            return
        owner = bytes.fromhex(order.account_holder[:64])
        if self._dice.random() < 0.1:
            self._twins.send(owner, CancelAll(order.account_holder, ""))
        else:
            self._twins.send(owner, Cancel(order.account_holder, order.order_id, ""))

    def _amend(self) -> None:
        order = self._open_order()
        if order is None:
            return
        lots = max(1, order.remaining_lots + self._dice.randint(-2, 2))
        ticks = max(1, order.price_ticks + self._dice.choice((0, 0, -3, 3)))
        owner = bytes.fromhex(order.account_holder[:64])
        self._twins.send(owner, Amend(order.account_holder, order.order_id, ticks, lots))

    def _move_price(self) -> None:
        feed = self._dice.choice(("BTC", "ETH"))
        usual = (64_000 if feed == "BTC" else 3_200) * UNIT_E8
        self._prices[feed] = usual + usual * self._dice.randint(-60, 60) // 10_000
        price_e8 = self._prices[feed]
        self._twins.judge()

        def moved(book: Book) -> list[Any]:
            book.price(feed, price_e8)
            book.block(self._dice_ms)
            begin_hours(book.state, book.time_ms)
            return []

        self._dice_ms = self._dice.randint(1, 2_000)
        self._twins.each(moved)

    def _fund(self) -> None:
        instrument = self._dice.choice((BTC_PERP, ETH_PERP))
        moved_e18 = self._dice.choice((1, -1)) * self._dice.randint(1, 50 * E18)
        rate_8h_e9 = self._dice.randint(-50_000, 50_000)

        def funded(book: Book) -> list[Any]:
            held = book.state.get(FUNDING, instrument)
            assert held is not None
            index_e18 = Wide(held.index_e18 + moved_e18)
            changed = replace(held, index_e18=index_e18, rate_8h_e9=rate_8h_e9)
            book.state.put(FUNDING, instrument, changed)
            return []

        self._twins.each(funded)
