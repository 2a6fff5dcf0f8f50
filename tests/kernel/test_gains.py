"""INS-020: the pass over gains and sums without bounds agree bit for bit, or it declines."""

import random
from array import array
from typing import Any

import pytest

from chain.kit import divide_up
from derivatives.margin.kernel import level
from tests.kernel.stands import COLLATERAL, E18, Crowd, arguments, crowd, halves_of, signed

pytestmark = pytest.mark.skipif(level.kernel is None, reason="no kernel of this revision is built")
native = pytest.importorskip("derivatives.margin.kernel.native")

CROWDS, ACCOUNTS = 300, 20
SHARED = ("starts", "counts", "places", "sizes", "funding_low", "funding_high")
AFTER = ("flags", "figures", "says")


def _given(dice: random.Random) -> tuple[Crowd, list[int], list[int], dict[str, Any]]:
    """Return a crowd that stands, how far its places came, their funding before, and arguments."""
    one = crowd(dice, ACCOUNTS)
    stood = arguments(one)
    native.stand(*stood.values())
    wide = 0 if one.is_moderate else 40
    moved = [signed(dice, 20 + wide) for _ in one.terms]
    before = [
        dice.choice((0 if term.kind == COLLATERAL else term.extra, signed(dice, 60 + wide)))
        for term in one.terms
    ]
    halves = [halves_of(index) for index in before]
    given = {
        "terms": stood["terms"],
        "moved": array("q", moved),
        "before_low": array("q", [low for low, _ in halves]),
        "before_high": array("q", [high for _, high in halves]),
        **{name: stood[name] for name in (*SHARED, *AFTER)},
        "gains": array("q", bytes(8 * ACCOUNTS)),
        "held": array("i", bytes(4 * ACCOUNTS)),
    }
    return one, moved, before, given


def _expected(
    one: Crowd, moved: list[int], before: list[int], account: int, most: int
) -> tuple[int, int]:
    """Return what an account gained and how many positions it has, in integers without bounds."""
    gained = held = 0
    for place, size, _, funding in one.accounts[account]:
        term = one.terms[place]
        if term.kind == COLLATERAL:
            continue
        held += 1
        gained += size * moved[place]
        gained += divide_up(size * (before[place] - funding), E18)
        gained -= divide_up(size * (term.extra - funding), E18)
    return max(0, min(most, gained)), held


def test_pass_and_plain_sums_agree_bit_for_bit() -> None:
    dice = random.Random(1)
    wrong = declined = gained = 0
    for _ in range(CROWDS):
        one, moved, before, given = _given(dice)
        refused = native.gain(*given.values())
        assert refused == sum(gain < 0 for gain in given["gains"])
        for account, gain in enumerate(given["gains"]):
            if gain < 0:
                declined += 1
                wrong += one.is_moderate
                continue
            most = given["figures"][6 * account + 2]
            right = _expected(one, moved, before, account, most)
            wrong += right != (gain, given["held"][account])
            gained += gain > 0

    assert 0 == wrong
    assert 0 < declined < CROWDS * ACCOUNTS // 2
    assert 0 < gained


def _moderate() -> dict[str, Any]:
    return _given(random.Random(7))[3]


NAMES = tuple(_moderate()) if level.kernel is not None else ()
NUMBERS = ("before_high", "starts", "counts", "places", "funding_high")


@pytest.mark.parametrize("name", NAMES)
def test_buffer_of_another_size_is_refused_and_nothing_stored(name: str) -> None:
    for changed in (lambda value: value[:-1], lambda value: value + value[-1:]):
        given = _moderate()
        given[name] = changed(given[name])
        before = given["gains"].tobytes(), given["held"].tobytes()

        with pytest.raises(ValueError, match="of a wrong size"):
            native.gain(*given.values())

        assert before == (given["gains"].tobytes(), given["held"].tobytes())


@pytest.mark.parametrize("name", NUMBERS)
def test_number_out_of_range_is_refused(name: str) -> None:
    given = _moderate()
    numbers = given[name]
    lowest = -(2 ** (8 * numbers.itemsize - 1))
    given[name] = array(numbers.typecode, [lowest] * len(numbers))

    with pytest.raises(ValueError, match="out of range"):
        native.gain(*given.values())
