"""MACH-007, MACH-020 to MACH-026: a block comes to the same in C and in Python."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from chain.block.receipt import Emitted, decode_receipt, encode_receipt
from chain.codec.record import Raw
from chain.kit import Context, Module
from chain.limits import VALIDITY_MAX_BLOCKS
from chain.machine import frame as framing
from chain.machine import run as running
from chain.machine.frame import Limits, PlainFrame, emitted, frame_of
from chain.machine.run import Defect
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.state import Lane
from chain.modules.signers.transactions import AddAgent, SetKeys
from tests import given
from tests.given import Noted, Probe

MILLION = 1_000_000
FEE = 10_000
HOLDINGS = {
    "alice": {"USD": 10 * MILLION, "BTC": 5},
    "bob": {"USD": FEE},
    "carol": {"USD": FEE - 1, "BTC": 7},
    "dave": {"USD": 3 * MILLION},
}
KEYS = ("dave", "key1", "key2")
LIMITS = ("BLOCK_TRANSACTIONS_MAX_COUNT", "BLOCK_BODY_BYTES_MAX", "BLOCK_WORK_MAX_COUNT")

built = pytest.mark.skipif(framing.kernel is None, reason="the kernel is not built")


def without_short_ways(modules: Sequence[Module]) -> tuple[Module, ...]:
    return tuple(replace(module, quick={}) for module in modules)


class Twins:
    """The same chain twice, one with what is in C, and one in Python alone."""

    def __init__(self) -> None:
        self.worlds = (
            given.world(HOLDINGS, modules=given.WITH_PROBE),
            given.world(HOLDINGS, modules=without_short_ways(given.WITH_PROBE)),
        )

    def each(self, step: Any) -> None:
        """Do the same in both, and hold all that came of it against each other."""
        quick, plain = (self._told(world, step) for world in self.worlds)
        assert plain == quick

    def _told(self, world: given.World, step: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            if world is self.worlds[1]:
                patch.setattr(framing, "Frame", PlainFrame)
            try:
                answer = step(world)
            except Defect as defect:
                answer = str(defect)
        run = world._run
        if run is None:
            return answer, world.tables.root
        changes = [(table.name, list(rows.items())) for table, rows in run._overlay.changes.items()]
        return answer, changes, run._overlay.mark(), run.body_bytes, run.work, run._frame.writes


def sent(*payloads: Any, name: str = "alice", **how: Any) -> Any:
    def step(world: given.World) -> Any:
        answer = world.send(name, *payloads, **how)
        return answer.reason, answer.facts, answer.receipt, answer.events

    return step


def closed(world: given.World) -> Any:
    block = world.close_block()
    outcome = world.outcomes[-1]
    assert tuple(map(encode_receipt, outcome.receipts)) == outcome.encoded_receipts
    return block.header, outcome.encoded_receipts


names = st.sampled_from((*HOLDINGS, "zoe"))
transfers = st.builds(
    Transfer,
    to=st.sampled_from((*HOLDINGS, "zoe", "yan")).map(given.address),
    asset=st.sampled_from(("USD", "BTC", "XYZ")),
    amount_quantums=st.sampled_from(
        (-1, 0, 1, 5, 6, FEE, FEE + 1, MILLION - 1, MILLION, 10 * MILLION, 2**63 - 1)
    )
    | st.integers(1, 12 * MILLION),
)
probes = st.builds(
    Probe,
    does=st.sampled_from(
        (
            *("note", "refuse at once", "refuse", "break", "store too much"),
            *("tell too much", "name too long", "touch", "ring"),
        )
    ),
    place_number=st.sampled_from((1, 2, 3)),
)
payloads = st.lists(transfers | probes, min_size=1, max_size=3)
ways = st.fixed_dictionaries(
    {"name": names},
    optional={
        "lane": st.integers(0, 2),
        "sequence": st.integers(0, 4),
        "valid_until_height": st.integers(0, 3)
        | st.integers(VALIDITY_MAX_BLOCKS - 1, VALIDITY_MAX_BLOCKS + 3),
        "keys": st.lists(st.sampled_from((*KEYS, "zoe")), min_size=1, max_size=3, unique=True),
        "as_list": st.booleans(),
    },
)
steps = st.lists(st.tuples(payloads, ways) | st.none(), max_size=12)


def grown(twins: Twins) -> None:
    """Give one signer three keys of which two sign, and another an agent for the probe."""
    keys = tuple(sorted(given.address(name) for name in KEYS))
    twins.each(sent(AddAgent(given.address("zoe"), 10**15, (9901,), ())))
    twins.each(sent(SetKeys(threshold=2, keys=keys), name="dave"))


@built
@settings(max_examples=50)
@examples(steps)
def test_blocks_of_whatever_comes_are_the_same_in_c_and_in_python(program: Any) -> None:
    twins = Twins()
    grown(twins)
    for step in program:
        if step is None:
            twins.each(closed)
        else:
            some, how = step
            twins.each(sent(*some, **how))
    twins.each(closed)


@built
@pytest.mark.parametrize("limit", [*LIMITS, "BLOCK_WRITES_MAX_COUNT"])
@pytest.mark.parametrize(("margin", "taken_count"), [(-1, 2), (0, 3)])
def test_full_block_is_full_at_the_same_transaction(
    monkeypatch: pytest.MonkeyPatch, limit: str, margin: int, taken_count: int
) -> None:
    twins = Twins()
    payment = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1)
    transaction = twins.worlds[0].transaction("alice", payment)
    each = {LIMITS[0]: 1, LIMITS[1]: len(transaction.data) + 5, LIMITS[2]: transaction.weight}
    holders_count, lanes_count = 2, 3
    three = 3 * each[limit] if limit in each else holders_count + lanes_count
    monkeypatch.setattr(running, limit, three + margin)

    for lane in range(4):
        twins.each(sent(payment, lane=lane))
    for world in twins.worlds:
        assert world._run is not None
        assert taken_count == world._run.transaction_count


@built
@pytest.mark.parametrize("count", [15, 16, 64])
def test_receipt_of_many_events_is_the_same_in_c_and_in_python(count: int) -> None:
    twins = Twins()

    twins.each(sent(*[Probe("note", 3)] * count))
    twins.each(closed)


@built
def test_a_plain_transfer_is_answered_whole_in_c() -> None:
    world = given.world(HOLDINGS, modules=given.WITH_PROBE)
    world.open_block()
    frame = world._run._frame  # type: ignore[union-attr]
    payment = Transfer(to=given.address("bob"), asset="USD", amount_quantums=MILLION)

    receipt = frame.apply(world.transaction("alice", payment), False)

    assert decode_receipt(receipt).ok
    assert [receipt] == frame.encoded_receipts
    assert True is framing.kernel.transfer(payment, frame_context(world))  # type: ignore[union-attr]


def frame_context(world: given.World) -> Any:
    run = world._run
    assert run is not None
    return Context(
        state=run._overlay,
        signer=given.address("alice"),
        chain_id=world.chain_id,
        epoch=0,
        height=1,
        time_ms=1,
        parent_time_ms=0,
    )


@pytest.mark.parametrize(
    "payment",
    [
        Transfer(to=given.address("alice"), asset="USD", amount_quantums=1),
        Transfer(to=given.address("zoe"), asset="USD", amount_quantums=MILLION),
        Transfer(to=given.address("bob"), asset="XYZ", amount_quantums=1),
        Transfer(to=given.address("bob"), asset="USD", amount_quantums=0),
        Transfer(to=given.address("bob"), asset="USD", amount_quantums=10 * MILLION + 1),
        Probe(does="note", place_number=1),
    ],
)
@built
def test_what_is_no_plain_transfer_is_left_as_it_was(payment: Any) -> None:
    world = given.world(HOLDINGS, modules=given.WITH_PROBE)
    world.open_block()
    context = frame_context(world)
    mark = context.state.mark()

    assert framing.kernel.transfer(payment, context) is None  # type: ignore[union-attr]
    assert (mark, [], {}) == (context.state.mark(), context.events, context.touched)


@built
def test_kernel_is_told_of_a_record_that_has_other_fields() -> None:
    records = {known.__name__: known for known in framing._RECORDS}
    tables = {table.name: table for table in framing._TABLES}

    with pytest.raises(ValueError, match="Balance has other fields"):
        framing.kernel.use_known(records | {"Balance": Lane}, tables)  # type: ignore[union-attr]
    framing.kernel.use_known(records, tables)  # type: ignore[union-attr]


def test_frame_of_a_block_that_was_opened_is_empty() -> None:
    world = given.world(HOLDINGS, modules=BASE_MODULES)
    world.open_block()
    run = world._run
    assert run is not None

    frame = frame_of(world.application, run._block, run._overlay, Limits(1, 1, 1, 1, 1))

    assert ([], 0, 0, 0, 0) == (
        frame.encoded_receipts,
        frame.transaction_class,
        frame.body_bytes,
        frame.work,
        frame.writes,
    )
    assert -1 == frame.action_index


def test_events_are_told_under_their_numbers() -> None:
    told = emitted({Noted: (99, 1)}, [Noted(5), Noted(6)])

    assert (Emitted(99, 1, Raw(b"\x91\x05")), Emitted(99, 1, Raw(b"\x91\x06"))) == told
    with pytest.raises(KeyError):
        emitted({}, [Noted(5)])
