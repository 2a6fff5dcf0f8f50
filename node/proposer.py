"""Make a block: apply what waits, in class order, until limits or time are reached.

A transaction that the state machine cannot judge is our defect, not its signer's right to stop
the chain: it is left out and logged, and the block goes on without it.

Source: docs/specs/node.md, NODE-020 to NODE-024.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chain.block.block import Block
from chain.block.header import block_id_of
from chain.block.reasons import BLOCK_ALONE
from chain.block.transaction import Transaction
from chain.kit.reason import InvalidBlock
from chain.machine.application import Application
from chain.machine.run import BlockFacts, Defect, Outcome, Unfit, open_block, seal
from chain.state.view import CommittedView
from node.telemetry.logs import log_of

FULL = "limits."
"""Area of the reasons that speak of the block: whoever could stand in one alone waits for room."""

NO_ROOM_MAX_COUNT = 16
"""So many found no room: what smaller ones would still fill is not worth trying the rest."""


@dataclass(frozen=True)
class Contents:
    """What may go into a block, in the order in which it goes in."""

    candidates: Sequence[Transaction]
    oracle: bytes
    evidence: tuple[bytes, ...]


@dataclass(frozen=True)
class Built:
    """A block, what it comes to, and what could not be in it."""

    block: Block
    block_id: bytes
    transactions: tuple[Transaction, ...]
    outcome: Outcome
    unfit_ids: tuple[bytes, ...]
    """Transactions that no block on this parent can hold."""


def build_block(
    application: Application,
    state: CommittedView,
    facts: BlockFacts,
    contents: Contents,
    is_time_up: Callable[[], bool],
) -> Built:
    """Return a block on this state; empty when nothing that waits can be in one."""
    oracle = contents.oracle
    try:
        run = open_block(application, state, facts, oracle, contents.evidence)
    except InvalidBlock as invalid:
        if not oracle:
            raise
        # A price less is worth more than a block less.
        log_of("proposer").error("oracle section left out", height=facts.height, why=str(invalid))
        oracle = b""
        run = open_block(application, state, facts, oracle, contents.evidence)
    taken: list[Transaction] = []
    unfit: list[bytes] = []
    left_out: set[tuple[bytes, int]] = set()
    no_room_count = 0
    for candidate in contents.candidates:
        if is_time_up() or no_room_count == NO_ROOM_MAX_COUNT:
            break
        lane = candidate.body.signer, candidate.body.lane
        if lane in left_out:
            continue  # it waits for the one before it, which had no room
        try:
            answer = run.apply(candidate)
        except Defect as defect:
            log_of("proposer").exception(
                "transaction left out after a defect",
                height=facts.height,
                transaction=candidate.id,
                why=defect.what,
            )
            unfit.append(candidate.id)
            continue
        if not isinstance(answer, Unfit):
            taken.append(candidate)
        elif answer.reason.slug.startswith(FULL) and answer.reason is not BLOCK_ALONE:
            left_out.add(lane)
            no_room_count += 1
        else:
            unfit.append(candidate.id)
    outcome = run.close()
    data = tuple(transaction.data for transaction in taken)
    block = seal(facts, data, oracle, contents.evidence, outcome)
    return Built(block, block_id_of(block.header), tuple(taken), outcome, tuple(unfit))
