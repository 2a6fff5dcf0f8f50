"""What a door is struck with: good bytes changed, as bytes and as what they mean."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from tests.fuzz.tree import Form, changed

NO_FORM = (ValueError, TypeError, OverflowError, LookupError, RecursionError)


class Inputs:
    """A supply without end, the same for the same dice.

    Of a door whose bytes have a form, three in four keep it, and a third of these is changed as
    bytes once more; the others are good bytes changed.
    """

    def __init__(
        self, dice: random.Random, good: Sequence[bytes], input_max_bytes: int, form: Form | None
    ) -> None:
        self._dice = dice
        self._good = good
        self._input_max_bytes = input_max_bytes
        self._form = form
        self._trees = [] if form is None else _trees_of(form, good)

    @property
    def has_form(self) -> bool:
        """Return whether anything that is good has the form."""
        return bool(self._trees)

    def __iter__(self) -> Iterator[bytes]:
        """Give the next, for ever."""
        while True:
            yield self.next()

    def some(self, count: int) -> Iterator[bytes]:
        """Give the next so many."""
        return islice(self, count)

    def next(self) -> bytes:
        """Return the next."""
        data = self._formed() if self._trees and self._dice.random() < 0.75 else b""
        if not data:
            return mutated(self._dice, self._good, self._input_max_bytes)
        if self._dice.random() < 0.33:
            return mutated(self._dice, [data], self._input_max_bytes)
        return data

    def _formed(self) -> bytes:
        """Return a tree changed in a few places, or nothing where that cannot be written."""
        assert self._form is not None
        tree = self._dice.choice(self._trees)
        for _ in range(self._dice.choice((1, 1, 1, 2, 2, 3, 5))):
            tree = changed(self._dice, tree, self._trees)
        try:
            data = self._form.bytes_of(tree)
        except NO_FORM:
            return b""
        return data if len(data) <= self._input_max_bytes else b""


def _trees_of(form: Form, good: Sequence[bytes]) -> list[Any]:
    trees = []
    for data in good:
        try:
            trees.append(form.tree_of(data))
        except NO_FORM:
            continue
    return trees


def mutated(dice: random.Random, seeds: Sequence[bytes], input_max_bytes: int) -> bytes:
    """Return good bytes with a few changed, left out, doubled, made up or put from another."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 5)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[place : place + dice.randint(1, 30)]
            case 2:
                data[place:place] = data[place : place + dice.randint(1, 30)]
            case 3:
                data[place:place] = dice.randbytes(dice.randint(1, 9))
            case 4:
                other = dice.choice(seeds)
                start = dice.randrange(len(other) + 1)
                data[place : place + 20] = other[start : start + dice.randint(1, 40)]
            case _:
                data[place : place + 1] = dice.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\xcf"))
    return bytes(data[:input_max_bytes])
