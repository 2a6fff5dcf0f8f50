"""A hook that fails in one compartment stops that one, and the other goes on."""

from typing import Any

import pytest

from chain.kit import BlockContext, Module, Table, text_key
from derivatives.accounts.state import COMPARTMENTS
from derivatives.accounts.transactions import Deposit, Open
from derivatives.instruments.state import INSTRUMENTS
from derivatives.margin.book import packed
from derivatives.margin.book.market import Market
from derivatives.margin.kernel.level import kernel
from derivatives.margin.transactions import WithdrawCollateral
from derivatives.solvency.state import FROZEN
from tests import given
from tests.given import Note, Noted
from tests.given_compartments import SIDE, two_compartments
from tests.given_synthetics import gold

WORK = Table(1, "work", key=(text_key("name", 16),), value=Note, ordered=True)


def _work(context: BlockContext) -> None:
    """Count every compartment; break in the one that was told to."""
    for key, _ in context.state.scan(COMPARTMENTS):
        done = context.state.get(WORK, str(key))
        context.state.put(WORK, str(key), Note(1 + (0 if done is None else done.amount_quantums)))
        context.emit(Noted(amount_quantums=1))
        if key in BROKEN:
            raise ValueError(f"a fault of our own in {key}")


def _too_much(context: BlockContext) -> None:
    """Store what no record holds, in the compartment that was told to."""
    for key, _ in context.state.scan(COMPARTMENTS):
        if key in OVERFLOWING:
            context.state.put(WORK, str(key), Note(2**63))


BROKEN: list[str] = []
OVERFLOWING: list[str] = []
WORKER = Module(
    id=97,
    name="worker",
    tables=(WORK,),
    begin_block=(_work,),
    end_block=(_too_much,),
    events={1: Noted},
)


@pytest.fixture
def world() -> given.World:
    BROKEN.clear()
    OVERFLOWING.clear()
    world = two_compartments(WORKER)
    world.close_block()
    return world


def _works(world: given.World) -> tuple[int, ...]:
    done = (world.tables.get(WORK, name) for name in ("main", SIDE))
    return tuple(0 if note is None else note.amount_quantums for note in done)


def _frozen(world: given.World) -> dict[str, str]:
    return {str(key): frozen.cause for key, frozen in world.tables.scan(FROZEN)}


def test_hook_that_fails_in_one_compartment_stops_it_and_not_the_other(
    world: given.World,
) -> None:
    # SOLV-020
    BROKEN.append(SIDE)

    world.close_block()
    world.close_block()

    assert {SIDE: "_work"} == _frozen(world)
    assert (3, 1) == _works(world)


def test_what_cannot_be_stored_stops_its_compartment(world: given.World) -> None:
    # SOLV-021
    OVERFLOWING.append("main")

    world.close_block()

    assert {"main": "_too_much"} == _frozen(world)
    assert (2, 2) == _works(world)


def test_both_may_fail_in_one_block(world: given.World) -> None:
    BROKEN.extend(("main", SIDE))

    world.close_block()

    assert {"main": "_work", SIDE: "_work"} == _frozen(world)
    assert (1, 1) == _works(world)


def test_nothing_leaves_what_stands_still_and_deposits_go_in(world: given.World) -> None:
    # SOLV-012
    alice = given.holder("alice/0")
    world.send("alice", Deposit(alice, "USD", 1_000))
    world.close_block()
    BROKEN.append("main")
    world.close_block()
    world.close_block()

    refused = world.send("alice", WithdrawCollateral(alice, "USD", 1))
    deposited = world.send("alice", Deposit(alice, "USD", 1))

    assert "solvency.compartment_frozen" == refused.reason
    assert "main" == refused.facts["compartment"]
    assert "" == deposited.reason


def test_the_other_compartment_lets_its_collateral_out(world: given.World) -> None:
    # SOLV-013
    alice = given.holder("alice/1")
    world.send("alice", Open(alice, SIDE, 0, "standard"))
    world.send("alice", Deposit(alice, "USD", 1_000))
    world.close_block()
    BROKEN.append("main")
    world.close_block()
    world.close_block()

    answer = world.send("alice", WithdrawCollateral(alice, "USD", 1_000))

    assert "" == answer.reason


def test_every_instrument_of_what_stands_still_is_frozen(world: given.World) -> None:
    # SOLV-011
    BROKEN.append("main")

    world.close_block()

    assert 10 == sum(1 for _ in world.tables.scan(INSTRUMENTS))
    assert {"main"} == set(_frozen(world))


@pytest.mark.skipif(kernel is None, reason="nothing is kept without a kernel")
def test_fault_of_what_a_node_keeps_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # SOLV-024: a node that has just started would not have failed
    minting = gold()
    minting.minted("alice")
    world = minting.world
    kept = [market for book in packed._KEPT for market, _ in book._markets.values()]
    refresh = Market.refresh

    def spoilt(market: Market, *how: Any) -> bool:
        if market in kept:
            raise IndexError
        return refresh(market, *how)

    monkeypatch.setattr(Market, "refresh", spoilt)
    world.close_block()

    assert kept
    assert [] == list(world.tables.scan(FROZEN))
