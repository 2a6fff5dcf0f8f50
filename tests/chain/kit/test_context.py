"""MACH-020: what a transaction and a hook can see and say."""

from chain.kit import BlockContext, Context
from chain.state.overlay import Overlay
from tests import given

STATE = Overlay(given.world().tables)


def test_transaction_tells_events_and_touches_in_order() -> None:
    context = Context(
        state=STATE,
        signer=bytes(32),
        chain_id=bytes(32),
        epoch=0,
        height=1,
        time_ms=2,
        parent_time_ms=1,
    )

    context.emit("first")
    context.emit("second")
    for holder in ("b", "a", "b"):
        context.touch(holder)

    assert ["first", "second"] == context.events
    assert ["b", "a"] == list(context.touched)


def test_hook_sees_the_facts_of_its_block() -> None:
    context = BlockContext(
        state=STATE,
        chain_id=bytes(32),
        epoch=0,
        height=1,
        view=2,
        parent_id=bytes(32),
        proposer=3,
        time_ms=500,
        parent_time_ms=0,
        oracle=b"",
        evidence=(),
    )

    context.emit("event")
    context.touch("fees")

    assert (1, 2, 3, 500) == (context.height, context.view, context.proposer, context.time_ms)
    assert ["event"] == context.events
    assert ["fees"] == list(context.touched)
