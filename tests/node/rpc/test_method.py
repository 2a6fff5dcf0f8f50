"""Declaring a method. Criteria: RPC-040, RPC-041 of docs/specs/rpc.md."""

from typing import Any

import pytest

from node.rpc.errors import ParametersInvalid
from node.rpc.method import Call, NoParameters, Parameters, method
from node.rpc.methods.every import ALWAYS, ON_DEVELOPMENT_CHAINS


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


@pytest.mark.parametrize(
    ("asked", "given", "message", "field"),
    [
        ("chain_getBlock", {"height": "-1"}, "height: not an integer as a string", "height"),
        ("tx_getStatus", {"id": "0x1"}, "id: not 32 bytes: 0x and hex", "id"),
        (
            "market_getCandles",
            {"interval": "7m"},
            "interval: not one of 12h, 15m, 1d, ",
            "interval",
        ),
        ("market_list", {"limit": 10**6}, "limit: Expected `int` <= 1000", "limit"),
        ("market_list", {"at": "last"}, "at: not `finalized`, or a height of ", "at"),
        ("dev_faucet", {"amount": "-5"}, "amount: not a decimal above 0", "amount"),
    ],
)
def test_a_parameter_of_another_form_is_named_with_what_it_is(
    asked: str, given: dict[str, Any], message: str, field: str
) -> None:
    known: dict[str, Any] = {"account": "x", "asset": "USD", "instrument": "BTC-PERP"}
    (declared,) = [one for one in (*ALWAYS, *ON_DEVELOPMENT_CHAINS) if one.name == asked]
    names = declared.parameters.__struct_fields__

    with pytest.raises(ParametersInvalid) as refused:
        declared.read({name: known[name] for name in known if name in names} | given)

    assert str(refused.value).startswith(f"{asked}: {message}")
    assert {"field": field} == refused.value.facts


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
