"""The accounts of one market in arrays, as the kernel passes over them.

An account has a *slot*; its positions stand together anywhere in the arrays of positions.
One that comes to hold more moves to their end; what it leaves is waste, and when half of all
is waste everything is written anew.

Source: docs/specs/margin.md, MARG-018.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from derivatives.ids import AccountId
from derivatives.margin.book.market import Market
from derivatives.margin.book.opening import Opened
from derivatives.margin.book.reading import IS_STALE, Packed, Reading
from derivatives.margin.kernel.level import kernel
from derivatives.margin.sweep import Maintenance

FIGURES_COUNT = 6
SAYS_DECLINED = 2
ROOM_COUNT = 4
WASTE_MIN_COUNT = 4_096
AS_STALE = bytes(flags | IS_STALE if flags else 0 for flags in range(256))


class Moved(NamedTuple):
    """How far the index of each place came in a block, and its funding index before it."""

    values_quantums: "array[int]"
    before_lows: "array[int]"
    before_highs: "array[int]"


class Gained(NamedTuple):
    """What a block brought the accounts of one market, by slot; -1 where nobody knows yet."""

    names: tuple[AccountId | None, ...]
    gains_quantums: "array[int]"
    held_counts: "array[int]"
    figures: "array[int]"

    def standing_of(self, slot: int) -> Maintenance:
        """Return how the account in a slot stood in step 5."""
        at = slot * FIGURES_COUNT
        return Maintenance(*self.figures[at : at + FIGURES_COUNT])


class Slab:
    """Accounts by slot, what they hold, and how they stood when last looked at."""

    def __init__(self) -> None:
        """Begin empty."""
        self.slots: dict[AccountId, int] = {}
        self.holders = array("i")
        """How many accounts hold each place of the market."""
        self.looked_count = 0
        """How many accounts the last pass looked at anew."""
        self._names: list[AccountId | None] = []
        self._free: list[int] = []
        self._waste = 0
        self._starts, self._counts, self._rooms = array("i"), array("i"), array("i")
        self._cash, self._figures, self._listed = array("q"), array("q"), array("i")
        self._flags, self._says = bytearray(), bytearray()
        self._places = array("i")
        self._sizes, self._entries = array("q"), array("q")
        self._lows, self._highs = array("Q"), array("q")

    def put(self, account: AccountId, reading: Reading) -> None:
        """Put an account as it is now, in place of what it was."""
        slot = self.slots.get(account)
        if slot is None:
            slot = self.slots[account] = self._new_slot()
            self._names[slot] = account
        self._let_go(slot)
        count = len(reading.held)
        if count > self._rooms[slot]:
            self._move(slot, count)
        self._counts[slot] = count
        self._cash[slot] = reading.cash_quantums
        self._flags[slot] = reading.flags
        if count:
            places, sizes, entries, lows, highs = zip(*reading.held, strict=True)
            self.holders.extend((0,) * (1 + max(places) - len(self.holders)))
            for place in places:
                self.holders[place] += 1
            start = self._starts[slot]
            end = start + count
            self._places[start:end] = array("i", places)
            self._sizes[start:end] = array("q", sizes)
            self._entries[start:end] = array("q", entries)
            self._lows[start:end] = array("Q", lows)
            self._highs[start:end] = array("q", highs)

    def append(self, opened: Opened) -> None:
        """Put accounts that are not here yet, behind all others, with no room to spare."""
        first = len(self._names)
        self.slots.update((name, first + at) for at, name in enumerate(opened.names))
        self._names.extend(opened.names)
        starts = accumulate(opened.counts, initial=len(self._places))
        self._starts.extend(array("i", starts)[:-1])
        self._counts.extend(opened.counts)
        self._rooms.extend(opened.counts)
        self._cash.extend(opened.cash_quantums)
        self._flags.extend(opened.flags)
        count = len(opened.names)
        self._says.extend(bytes(count))
        self._listed.extend(array("i", bytes(4 * count)))
        self._figures.extend(array("q", bytes(8 * FIGURES_COUNT * count)))
        self._places.extend(opened.places)
        self._sizes.extend(opened.sizes)
        self._entries.extend(opened.entries)
        self._lows.extend(opened.funding_lows)
        self._highs.extend(opened.funding_highs)
        held = Counter(opened.places)
        self.holders.extend((0,) * (1 + max(held, default=-1) - len(self.holders)))
        for place, holders_count in held.items():
            self.holders[place] += holders_count

    def patch(self, account: AccountId, held: Packed) -> bool:
        """Put one position as it is now, and return whether it was among the account's."""
        slot = self.slots[account]
        start = self._starts[slot]
        try:
            at = self._places.index(held.place, start, start + self._counts[slot])
        except ValueError:
            return False
        self._sizes[at], self._entries[at] = held.size_lots, held.entry_quantums
        self._lows[at], self._highs[at] = held.funding_low, held.funding_high
        self._flags[slot] |= IS_STALE
        return True

    def patch_cash(self, account: AccountId, cash_quantums: int) -> None:
        """Put an account's cash as it is now."""
        slot = self.slots[account]
        self._cash[slot] = cash_quantums
        self._flags[slot] |= IS_STALE

    def remove(self, account: AccountId) -> None:
        """Take an account away."""
        slot = self.slots.pop(account)
        self._let_go(slot)
        self._names[slot] = None
        self._flags[slot] = self._says[slot] = 0
        self._free.append(slot)

    def _let_go(self, slot: int) -> None:
        """Count what a slot held as held no more."""
        start = self._starts[slot]
        for place in self._places[start : start + self._counts[slot]]:
            self.holders[place] -= 1
        self._counts[slot] = 0

    def _new_slot(self) -> int:
        if self._free:
            return self._free.pop()
        for numbers in (self._starts, self._counts, self._rooms, self._listed, self._cash):
            numbers.append(0)
        self._figures.extend((0,) * FIGURES_COUNT)
        self._flags.append(0)
        self._says.append(0)
        self._names.append(None)
        return len(self._names) - 1

    def _move(self, slot: int, count: int) -> None:
        """Give a slot room for so many positions, at the end of all."""
        self._waste += self._rooms[slot]
        if self._waste > WASTE_MIN_COUNT and 2 * self._waste > len(self._places):
            self._write_anew()
        room = count + (-count % ROOM_COUNT)
        self._starts[slot], self._rooms[slot] = len(self._places), room
        self._places.extend((0,) * room)
        for numbers in (self._sizes, self._entries, self._lows, self._highs):
            numbers.extend((0,) * room)

    def _write_anew(self) -> None:
        """Let the positions of all slots stand one after the other."""
        columns = (self._places, self._sizes, self._entries, self._lows, self._highs)
        packed = [array(column.typecode) for column in columns]
        for slot, count in enumerate(self._counts):
            start, room = self._starts[slot], count + (-count % ROOM_COUNT)
            self._starts[slot], self._rooms[slot] = len(packed[0]), room
            for column, kept in zip(columns, packed, strict=True):
                kept.extend(column[start : start + count])
                kept.extend((0,) * (room - count))
        self._places, self._sizes, self._entries, self._lows, self._highs = packed
        self._waste = 0

    def see_all_anew(self) -> None:
        """Let the next pass look at every account."""
        self._flags = self._flags.translate(AS_STALE)

    def stand(self, market: Market) -> Iterator[tuple[AccountId, Maintenance | None]]:
        """Pass over all accounts, and return of whom something is to be said.

        None for how an account stands where the kernel declines it.
        """
        assert kernel is not None
        found, self.looked_count = kernel.stand(
            market.terms,
            market.rows,
            market.bounds,
            market.new,
            market.leans,
            market.pins,
            market.pin_weights,
            market.weights,
            market.family_terms,
            market.scales,
            self._starts,
            self._counts,
            self._cash,
            self._places,
            self._entries,
            self._lows,
            self._highs,
            self._sizes,
            self._flags,
            self._figures,
            self._says,
            self._listed,
        )
        market.new = bytearray(len(market.new))
        for slot in self._listed[:found]:
            account = self._names[slot]
            assert account is not None
            if self._says[slot] == SAYS_DECLINED:
                yield account, None
            else:
                yield account, self.figures_of(slot)

    def gain(self, market: Market, moved: Moved) -> "Gained":
        """Return what positions brought every account, after `stand`; a copy of what it needs."""
        assert kernel is not None
        gains = array("q", bytes(8 * len(self._names)))
        held = array("i", bytes(4 * len(self._names)))
        kernel.gain(
            market.terms,
            *moved,
            self._starts,
            self._counts,
            self._places,
            self._sizes,
            self._lows,
            self._highs,
            self._flags,
            self._figures,
            self._says,
            gains,
            held,
        )
        return Gained(tuple(self._names), gains, held, self._figures[:])

    def figures_of(self, slot: int) -> Maintenance:
        """Return how the account in a slot stood when it was last looked at."""
        at = slot * FIGURES_COUNT
        return Maintenance(*self._figures[at : at + FIGURES_COUNT])
