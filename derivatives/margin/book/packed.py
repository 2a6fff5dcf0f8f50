"""All accounts that step 5 looks at, packed, and kept from block to block.

    kept at root B, block on parent P:   R = the last root that the ways to B and to P share
    read again                           who changed between R and B, between R and P, and
                                         in the open block

So a proposal that is given up, or a fork that loses, is undone by reading again whom it
touched.  What the open block itself has changed is read as it is now, and again next time.

Source: docs/specs/margin.md, MARG-018, MARG-019.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias, cast

from chain.kit import AnyTable, BlockContext, View
from chain.modules.ledger.state import BALANCES
from chain.state.view import Changes, CommittedView, Step
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS, DEBTORS
from derivatives.ids import AccountId, CompartmentId, is_account
from derivatives.margin.book.market import Market
from derivatives.margin.book.opening import TOGETHER_COUNT, Home, found_at, opened
from derivatives.margin.book.reading import cash_of, is_watched, packed_of, reading_of
from derivatives.margin.book.slab import Slab
from derivatives.margin.kernel.level import kernel
from derivatives.margin.state import WARNINGS
from derivatives.margin.sweep import Maintenance, maintained
from derivatives.positions.state import HOLDINGS, POSITIONS

ROOTS_KEPT_COUNT = 16
BOOKS_KEPT_COUNT = 2
WHOLE: tuple[AnyTable, ...] = (HOLDINGS, ACCOUNTS, WARNINGS)
"""Tables by whose records an account comes, goes or is numbered anew: it is read whole."""

Part: TypeAlias = tuple[AccountId, str]
"""A position by its instrument, or a balance by its asset."""


class Changed(NamedTuple):
    """Of whom something was put or deleted that margin reads: all of them, or a part alone."""

    accounts: dict[AccountId, None]
    positions: dict[Part, None]
    balances: dict[Part, None]

    def and_also(self, other: "Changed") -> "Changed":
        """Return what has changed in either."""
        return Changed(
            self.accounts | other.accounts,
            self.positions | other.positions,
            self.balances | other.balances,
        )


_KEPT: "list[Book]" = []


class Book:
    """Every watched account in the slab of its market, as of a root."""

    def __init__(self, root: bytes, accounts: Iterable[AccountId]) -> None:
        """Begin with nothing read: all accounts are to be."""
        self.root = root
        self._past: deque[tuple[bytes, Changed]] = deque(maxlen=ROOTS_KEPT_COUNT)
        self._unread = Changed(dict.fromkeys(accounts), {}, {})
        self._own = Changed({}, {}, {})
        self._markets: dict[Home, tuple[Market, Slab]] = {}
        self._homes: dict[AccountId, Home] = {}
        self._strays: dict[AccountId, None] = {}

    def leads_to(self, trail: Sequence[Step]) -> bool:
        """Return whether there is a way from here to the state that a trail leads to."""
        roots = [step.root for step in trail]
        return self.root in roots or any(root in roots for root, _ in self._past)

    def follow(self, trail: Sequence[Step]) -> None:
        """Come to the state that a trail leads to; there is a way.

        The first step is the open block's own, whose changes are no part of any root.
        """
        places = {step.root: place for place, step in reversed([*enumerate(trail)])}
        unread = self._unread
        shared = places.get(self.root)
        back_count = 0
        while shared is None:
            back_count += 1
            root, changed = self._past[-back_count]
            unread = unread.and_also(changed)
            shared = places.get(root)
        for _ in range(back_count):
            self._past.pop()
        for step in reversed(trail[1 : shared + 1]):
            changed = changed_in(step.changes)
            self._past.append((step.root, changed))
            unread = unread.and_also(changed)
        self.root, self._own = trail[0].root, changed_in(trail[0].changes)
        self._unread = unread.and_also(self._own)

    def read(self, view: View) -> list[CompartmentId]:
        """Read again whoever may have changed, and return the compartments there are."""
        visible = [str(key) for key, _ in view.scan(COMPARTMENTS)]
        self._read(view, visible)
        return visible

    def stand(self, view: View) -> list[tuple[AccountId, Maintenance]]:
        """Return of whom something is to be said, and how they stand; accounts ascending."""
        visible = self.read(view)
        found: dict[AccountId, Maintenance] = {}
        declined = [*self._strays]
        for (compartment, _), (market, slab) in self._markets.items():
            if compartment not in visible or not slab.slots:
                continue
            if market.refresh(view, slab.holders):
                slab.see_all_anew()
            if not market.is_packable:
                declined.extend(slab.slots)
                continue
            for account, health in slab.stand(market):
                if health is None:
                    declined.append(account)
                else:
                    found[account] = health
        found |= zip(declined, maintained(view, declined), strict=True)
        return sorted(found.items())

    def markets_of(self, compartment: CompartmentId) -> list[tuple[Market, Slab]]:
        """Return the markets of a compartment, with their accounts."""
        return [known for home, known in self._markets.items() if home[0] == compartment]

    @property
    def strays(self) -> list[AccountId]:
        """Return the watched accounts that have no record, hence no market."""
        return [*self._strays]

    def _read(self, view: View, visible: Sequence[CompartmentId]) -> None:
        """Read again whoever may have changed."""
        for place in [*self._markets]:
            market, slab = self._markets[place]
            if place[0] in visible and not market.still_stands(view):
                del self._markets[place]
                for account in slab.slots:
                    del self._homes[account]
                    self._unread.accounts[account] = None
        self._open(view)
        accounts, positions, balances = self._unread
        accounts |= dict.fromkeys(self._unpatched(view, positions))
        accounts |= dict.fromkeys(self._unpatched_cash(view, balances))
        for account in accounts:
            self._read_account(view, account)
        self._unread = self._own

    def _open(self, view: View) -> None:
        """Read together whoever is not known yet, where those are many: not again one by one."""
        accounts = self._unread.accounts
        new = [name for name in accounts if name not in self._homes]
        if len(new) < TOGETHER_COUNT:
            return
        read: dict[AccountId, Home] = {}
        for home, found in found_at(view, new).items():
            market, slab = self._market(view, home)
            for columns in opened(view, market, found):
                slab.append(columns)
                read |= dict.fromkeys(columns.names, home)
        self._homes |= read
        self._strays = {name: None for name in self._strays if name not in read}
        for name in read:
            del accounts[name]

    def _market(self, view: View, home: Home) -> tuple[Market, Slab]:
        known = self._markets.get(home)
        if known is None:
            known = self._markets[home] = (Market(view, *home), Slab())
        return known

    def _unpatched(self, view: View, positions: Iterable[Part]) -> Iterator[AccountId]:
        """Read these positions again, and return the accounts for which that is not enough."""
        for key in positions:
            account = key[0]
            home = self._homes.get(account)
            if home is not None:
                market, slab = self._markets[home]
                packed = packed_of(view, key, market)
                if packed is not None and slab.patch(account, packed):
                    continue
            elif not is_account(account):
                continue
            yield account

    def _unpatched_cash(self, view: View, balances: Iterable[Part]) -> Iterator[AccountId]:
        """Read these balances again, and return the accounts for which that is not enough."""
        for key in balances:
            account = key[0]
            home = self._homes.get(account)
            if home is not None:
                market, slab = self._markets[home]
                if key[1] == market.settlement:
                    slab.patch_cash(account, cash_of(view, account, market))
                    continue
            elif account not in self._strays:  # a balance alone makes nobody watched
                continue
            yield account

    def _read_account(self, view: View, account: AccountId) -> None:
        record = view.get(ACCOUNTS, account)
        watched = is_watched(view, account, record)
        self._strays.pop(account, None)
        home = None
        if watched and record is None:
            self._strays[account] = None
        elif watched and record is not None:
            home = (record.compartment, record.schedule)
        former = self._homes.get(account)
        if former is not None and former != home:
            self._markets[former][1].remove(account)
            del self._homes[account]
        if home is None or record is None:
            return
        market, slab = self._market(view, home)
        slab.put(account, reading_of(view, account, record, market))
        self._homes[account] = home


def changed_in(changes: Changes) -> Changed:
    """Return of whom something that margin reads was put or deleted, and what."""
    names = [str(key) for whole in WHOLE for key in changes.get(whole, ())]
    names += [str(key[1]) for key in changes.get(DEBTORS, ())]  # type: ignore[index]
    accounts = dict.fromkeys([name for name in names if is_account(name)])
    positions, balances = (
        cast("dict[Part, None]", dict.fromkeys(changes.get(table, ())))
        for table in (POSITIONS, BALANCES)
    )
    return Changed(accounts, positions, balances)


def watched_in(view: View) -> list[AccountId]:
    """Return every account with positions or debt, or that is warned, ascending."""
    found = {str(key): None for key, _ in view.scan(HOLDINGS)}
    found |= {str(key[1]): None for key, _ in view.scan(DEBTORS)}  # type: ignore[index]
    found |= {str(key): None for key, _ in view.scan(WARNINGS)}
    return [account for account in sorted(found) if is_account(account)]


def standings(context: BlockContext) -> list[tuple[AccountId, Maintenance]]:
    """Return how accounts stand of which step 5 may have something to say, ascending.

    Without a kernel, or where nobody knows how the state came to be, that is all of them.
    """
    with book_of(context) as book:
        if book is None:
            accounts = watched_in(context.state)
            return [*zip(accounts, maintained(context.state, accounts), strict=True)]
        return book.stand(context.state)


def read_ahead(view: CommittedView) -> None:
    """Read every account of a state before its first block asks for them. May take seconds."""
    if kernel is not None:
        book = Book(view.root, watched_in(view))
        book.read(view)
        _KEPT.append(book)


@contextmanager
def book_of(context: BlockContext) -> Iterator[Book | None]:
    """Give the book of a block's state, nobody else's meanwhile, or None where there is none.

    One that is failed with is not kept: whoever tries again has read everything anew, so that
    no outcome hangs on what a node remembers.
    """
    trail = context.trail()
    if kernel is None or not trail:
        yield None
        return
    book = _kept(trail) or Book(trail[0].root, watched_in(context.before()))
    book.follow(trail)
    yield book
    _KEPT.append(book)


def _kept(trail: Sequence[Step]) -> Book | None:
    """Take a kept book from which there is a way, and nobody else has it then."""
    while len(_KEPT) > BOOKS_KEPT_COUNT:
        _KEPT.pop(0)
    for _ in range(BOOKS_KEPT_COUNT):
        try:
            book = _KEPT.pop()
        except IndexError:  # none is left, or another thread has it
            return None
        if book.leads_to(trail):
            return book
        _KEPT.insert(0, book)
    return None
