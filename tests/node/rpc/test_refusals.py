"""What rooms refuse, as the outside hears it. Criterion: RPC-032 of docs/specs/rpc.md."""

from chain.kit.reason import Refusal
from chain.modules.ledger.reasons import BALANCE_SHORT
from node.rpc.hints import hint_for
from node.rpc.reasons import BLOCK_UNKNOWN
from node.rpc.refusals import refused, translated
from node.state_store import HeightPruned


def test_a_refusal_of_the_chain_keeps_code_slug_and_numbers() -> None:
    refusal = Refusal(BALANCE_SHORT, asset="USD", balance_quantums=7, short_by_quantums=3)

    error = translated(refusal)

    assert (203, "ledger.balance_short") == (error.code, error.reason)
    assert {"asset": "USD", "balance_quantums": "7", "short_by_quantums": "3"} == error.facts
    assert "short by 3" in error.message
    assert hint_for("ledger.balance_short") == error.hint


def test_a_fault_of_the_node_brings_its_own_hint() -> None:
    error = translated(HeightPruned(3, 40))

    assert (1541, "node.height_pruned") == (error.code, error.reason)
    assert {"oldest_height": "40"} == error.facts
    assert "Ask a node that keeps more" in error.hint


def test_a_reason_of_this_room_becomes_an_error_to_raise() -> None:
    error = refused(BLOCK_UNKNOWN, block="7")

    assert (1201, "lookup.block_unknown", {"block": "7"}) == (
        error.code,
        error.reason,
        error.facts,
    )
