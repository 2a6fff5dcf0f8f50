"""MARG-017, MARG-045: the pass of step 5 and the twin agree bit for bit, or it declines."""

import random
from array import array
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from derivatives.margin.kernel import level
from tests.kernel.stands import STALE, arguments, crowd, differences
from tests.kernel.test_native import wrong

__all__ = ["wrong"]

pytestmark = pytest.mark.skipif(level.kernel is None, reason="no kernel of this revision is built")
native = pytest.importorskip("derivatives.margin.kernel.native")

LEVELS = range(native.level_max() + 1)
CROWDS = 250


@pytest.fixture(autouse=True)
def _widest_again() -> Iterator[None]:
    yield
    native.use_level(native.level_max())


@pytest.mark.parametrize("width", LEVELS)
def test_pass_and_twin_agree_bit_for_bit(width: int) -> None:
    native.use_level(width)

    wrong, declined = differences(native.stand, seed=width, crowds=CROWDS)

    assert 0 == wrong
    assert 0 < declined < CROWDS * 20 // 2


@pytest.mark.parametrize("width", LEVELS)
def test_one_wrong_constant_is_noticed_of_accounts_too(wrong: ModuleType, width: int) -> None:
    wrong.use_level(width)

    assert 0 < differences(wrong.stand, seed=width, crowds=20)[0]


def test_who_is_not_stale_is_not_looked_at() -> None:
    given = arguments(crowd(random.Random(7), 20))
    given["flags"] = bytearray(flags & ~STALE for flags in given["flags"])

    assert (0, 0) == native.stand(*given.values())
    given["new"] = bytearray(b"\1" * len(given["new"]))
    holders = sum(1 for count in given["counts"] if count)
    assert holders == native.stand(*given.values())[1]


def _given() -> dict[str, Any]:
    return arguments(crowd(random.Random(7), 20))


NAMES = tuple(_given())
NUMBERS = ("terms", "rows", "weights", "families", "scales", "starts", "counts", "places")


@pytest.mark.parametrize("name", NAMES)
def test_buffer_of_another_size_is_refused_and_nothing_stored(name: str) -> None:
    for changed in (lambda value: value[:-1], lambda value: value + value[-1:]):
        given = _given()
        given[name] = changed(given[name])
        before = bytes(given["says"]), bytes(given["flags"]), given["figures"].tobytes()

        with pytest.raises(ValueError, match="of a wrong size"):
            native.stand(*given.values())

        assert before == (bytes(given["says"]), bytes(given["flags"]), given["figures"].tobytes())


@pytest.mark.parametrize("name", [*NUMBERS, "bounds", "funding_high"])
def test_number_out_of_range_is_refused(name: str) -> None:
    given = _given()
    numbers = given[name]
    lowest = -(2 ** (8 * numbers.itemsize - 1))
    given[name] = array(numbers.typecode, [lowest] * len(numbers))

    with pytest.raises(ValueError, match="out of range"):
        native.stand(*given.values())
