"""Declaring a method. Criteria: RPC-040, RPC-041 of docs/specs/rpc.md."""

from typing import Any

import pytest

from node.rpc.errors import ParametersInvalid
from node.rpc.method import Call, NoParameters, Parameters, method


class Numbers(Parameters, frozen=True):
    """Two numbers."""

    first: int
    second: int = 2


@method("test_add", weight=3, loopback_only=True, refusals=("lookup.block_unknown",))
async def add(call: Call, asked: Numbers) -> int:
    """Return the sum.

    Of two numbers.
    """
    return asked.first + asked.second


def test_a_declaration_says_all_that_is_known_of_a_method() -> None:
    assert ("test_add", "Return the sum.", "Of two numbers.") == (
        add.name,
        add.sentence,
        add.explanation,
    )
    assert (3, True, ("lookup.block_unknown",)) == (add.weight, add.loopback_only, add.refusals)
    assert (Numbers, int) == (add.parameters, add.answer)


@pytest.mark.parametrize("given", [{"first": 1}, [1], {"first": 1, "second": 2}, [1, 2]])
def test_parameters_are_read_by_name_and_in_order(given: Any) -> None:
    assert Numbers(1, 2) == add.read(given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        {"first": "1"},
        {"first": None},
        {"first": True},
        {"first": 1, "third": 3},
        {"first": 1, "x" * 10_000: 3},
        [1, 2, 3],
    ],
)
def test_anything_else_is_refused_in_few_words(given: Any) -> None:
    with pytest.raises(ParametersInvalid) as refused:
        add.read(given)

    assert 10 < len(str(refused.value.shape())) < 900


def test_a_method_must_say_what_it_gives() -> None:
    async def silent(call: Call, asked: NoParameters) -> int:
        return 1

    with pytest.raises(AssertionError, match="says what it gives"):
        method("test_silent")(silent)


def test_what_a_method_takes_is_a_struct_of_parameters() -> None:
    async def loose(call: Call, asked: dict[str, int]) -> int:
        """Return one."""
        return 1

    with pytest.raises(AssertionError):
        method("test_loose")(loose)
