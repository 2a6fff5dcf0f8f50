"""MACH-007, MACH-020 to MACH-027."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from chain.block.transaction import is_genuine_transaction
from chain.kit import CLASS_REST, Context, InvalidBlock, Refusal
from chain.limits import BLOCK_BODY_BYTES_MAX, CHANGE_WORK_COUNT
from chain.machine import run as running
from chain.machine.run import Defect, Unfit, open_block
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.lanes import next_sequence
from tests import given
from tests.given import NOTES, Note, Noted, Probe

MILLION = 1_000_000


def to(name: str, amount_quantums: int, asset: str = "USD") -> Transfer:
    return Transfer(to=given.address(name), asset=asset, amount_quantums=amount_quantums)


def probed() -> given.World:
    return given.world({"alice": {"USD": 10 * MILLION}}, modules=given.WITH_PROBE)


def told(does: str, place_number: int = CLASS_REST) -> Probe:
    return Probe(does=does, place_number=place_number)


def test_applied_transaction_keeps_its_changes_and_tells_its_events() -> None:
    world = probed()

    answer = world.send("alice", told("note"))

    assert "" == answer.reason
    assert (Noted(1),) == answer.events
    assert Note(1) == answer.view.get(NOTES, "left")
    assert 0 == answer.receipt.fee_quantums  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("does", "slug"),
    [
        ("refuse at once", "probe.refused"),
        ("refuse", "probe.refused"),
        ("touch", "probe.touched"),
        ("store too much", "chain.out_of_bounds"),
        ("tell too much", "chain.out_of_bounds"),
        ("name too long", "chain.out_of_bounds"),
    ],
)
def test_refused_transaction_changes_sequence_and_fee_and_nothing_else(
    does: str, slug: str
) -> None:
    world = probed()

    answer = world.send("alice", told(does))

    assert slug == answer.reason
    assert () == answer.events
    assert answer.view.get(NOTES, "left") is None
    assert 10_000 == answer.receipt.fee_quantums  # type: ignore[union-attr]
    assert 10 * MILLION - 10_000 == world.holds("alice")
    assert 10_000 == world.holds("fees")
    assert 1 == next_sequence(world.view, given.address("alice"), 0)
    world.close_block()


def test_defect_changes_nothing_and_is_no_receipt() -> None:
    world = probed()
    world.open_block()

    with pytest.raises(Defect, match="ValueError: a fault of our own"):
        world.send("alice", told("break"))

    assert 0 == next_sequence(world.view, given.address("alice"), 0)
    assert "" == world.send("alice", told("note")).reason
    world.close_block()


def test_lack_of_memory_decides_nothing() -> None:
    world = probed()
    world.open_block()

    with pytest.raises(MemoryError):
        world.send("alice", told("starve"))

    assert "" == world.send("alice", told("note")).reason


def test_list_is_all_or_nothing_and_names_the_refused_action() -> None:
    world = probed()

    answer = world.send("alice", to("bob", MILLION), told("note"), told("refuse"))

    assert "probe.refused" == answer.reason
    assert {"action_index": 2} == answer.facts
    assert 0 == world.holds("bob")
    assert 10_000 == world.holds("fees")


def test_list_of_one_says_which_action_was_refused() -> None:
    world = probed()

    answer = world.send("alice", told("refuse"), as_list=True)

    assert {"action_index": 0} == answer.facts


def test_list_has_one_receipt_with_the_events_of_all() -> None:
    world = probed()

    answer = world.send("alice", told("note"), told("note"))

    assert (Noted(1), Noted(1)) == answer.events
    assert 1 == answer.receipt.kind  # type: ignore[union-attr]


def test_hook_at_the_end_of_a_list_refuses_the_list_and_no_action() -> None:
    world = probed()

    answer = world.send("alice", told("touch"), told("note"))

    assert "probe.touched" == answer.reason
    assert {} == answer.facts


def test_hooks_of_a_block_have_a_receipt_of_their_own() -> None:
    world = probed()
    world.send("alice", told("ring"))

    world.close_block()

    first, last = world.outcomes[-1].receipts
    assert (0, 9901) == (first.index, first.kind)
    assert (bytes(32), 1, 0, 0) == (last.id, last.index, last.kind, last.code)
    assert (Noted(7),) == world.events_of(last)
    assert 1 == world.head.header.tx_count


def with_quick(**short: object) -> given.World:
    """Return a world whose probe has these short ways past itself and past its hook."""
    passed = {"payload": Probe, "hook": given.PROBE.end_transaction[0]}
    quick = {passed[name]: way for name, way in short.items()}
    modules = (*given.BASE_MODULES, replace(given.PROBE, quick=quick))
    return given.world({"alice": {"USD": 10 * MILLION}}, modules=modules)


def test_short_way_that_was_taken_stands_for_check_and_apply() -> None:
    def noted(payload: Probe, context: Context) -> bool:
        context.emit(Noted(amount_quantums=len(payload.does)))
        return True

    answer = with_quick(payload=noted).send("alice", told("refuse"))

    assert "" == answer.reason
    assert (Noted(6),) == answer.events
    assert answer.view.get(NOTES, "left") is None


@pytest.mark.parametrize("declined", [None, False, 1])
def test_short_way_that_steps_aside_leaves_all_to_check_and_apply(declined: object) -> None:
    answer = with_quick(payload=lambda _payload, _context: declined).send("alice", told("note"))

    assert (Noted(1),) == answer.events
    assert Note(1) == answer.view.get(NOTES, "left")


def test_what_a_short_way_raises_counts_as_raised_by_what_it_passes() -> None:
    def refuse(payload: Probe, context: Context) -> bool:
        context.state.put(NOTES, "left", Note(amount_quantums=1))
        raise Refusal(given.PROBE_REFUSED)

    answer = with_quick(payload=refuse).send("alice", told("note"), as_list=True)

    assert "probe.refused" == answer.reason
    assert {"action_index": 0} == answer.facts
    assert answer.view.get(NOTES, "left") is None


@pytest.mark.parametrize(("needless", "slug"), [(True, ""), (False, "probe.touched")])
def test_hook_is_passed_where_its_short_way_says_it_has_nothing_to_do(
    needless: bool, slug: str
) -> None:
    asked: list[tuple[str, ...]] = []

    def nothing_to_do(context: Context, touched: Iterable[str]) -> bool:
        asked.append(tuple(touched))
        return needless

    answer = with_quick(hook=nothing_to_do).send("alice", told("touch"))

    assert slug == answer.reason
    assert [("forbidden",)] == asked


def test_class_before_the_last_is_unfit() -> None:
    world = probed()
    world.open_block()
    run = world._run
    assert run is not None
    run.apply(world.transaction("alice", told("note", 3)))

    answer = run.apply(world.transaction("alice", told("note", 2)))

    assert isinstance(answer, Unfit)
    assert "transaction.out_of_order" == answer.reason.slug


@pytest.mark.parametrize(
    ("limit", "value", "slug"),
    [
        ("BLOCK_TRANSACTIONS_MAX_COUNT", 1, "limits.block_count"),
        ("BLOCK_BODY_BYTES_MAX", 200, "limits.block_bytes"),
        ("BLOCK_WORK_MAX_COUNT", 600, "limits.block_work"),
        ("BLOCK_WRITES_MAX_COUNT", 2, "limits.block_writes"),
    ],
)
def test_full_block_makes_the_next_transaction_unfit(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, slug: str
) -> None:
    monkeypatch.setattr(running, limit, value)
    world = probed()

    assert "" == world.send("alice", told("note")).reason
    before = next_sequence(world.view, given.address("alice"), 1)
    answer = world.send("alice", told("note"), lane=1)

    assert slug == answer.reason
    assert before == next_sequence(world.view, given.address("alice"), 1)


def test_writes_of_transactions_count_and_those_of_hooks_do_not() -> None:
    world = given.world(
        {name: {"USD": 10 * MILLION} for name in ("alice", "bob")}, modules=given.WITH_PROBE
    )

    assert "" == world.send("alice", told("write much")).reason
    assert "" == world.send("alice", told("ring")).reason
    answer = world.send("bob", told("write much"))

    assert "limits.block_writes" == answer.reason
    world.close_block()


def test_a_key_that_the_block_changed_before_is_no_further_write() -> None:
    world = probed()

    for _ in range(2):
        assert "" == world.send("alice", told("write much")).reason
    run = world._run
    assert run is not None

    assert 2 + 19_990 == run._frame.writes
    assert 2 * CHANGE_WORK_COUNT * (2 + 19_990) == run.work


def test_what_changes_more_than_the_work_that_is_left_is_unfit() -> None:
    world = probed()
    for _ in range(2):
        world.send("alice", told("write much"))

    answer = world.send("alice", told("write much"))

    assert "limits.block_work" == answer.reason
    assert {"limit_count": 10_000_000} == answer.facts
    assert "" == world.send("alice", told("note")).reason


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize(("writers", "limit_count"), [(3, 10_000_000), (1, 19_991)])
def test_what_changes_more_than_a_block_may_says_so_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, writers: int, limit_count: int, before: int
) -> None:
    if writers == 1:
        monkeypatch.setattr(running, "BLOCK_WRITES_MAX_COUNT", limit_count)
    world = probed()
    for _ in range(before):
        world.send("bob", told("note"))

    answer = world.send("alice", *[told("write much")] * writers)

    assert ("limits.block_alone", {"limit_count": limit_count}) == (answer.reason, answer.facts)


@pytest.mark.parametrize(
    ("valid_until_height", "slug"),
    [
        (0, "transaction.expired"),
        (1, ""),
        (1_201, ""),
        (1_202, "transaction.expiry_too_far"),
    ],
)
def test_validity_is_this_height_to_1200_beyond(valid_until_height: int, slug: str) -> None:
    answer = probed().send("alice", told("note"), valid_until_height=valid_until_height)

    assert slug == answer.reason


def test_unfit_says_the_numbers() -> None:
    answer = probed().send("alice", told("note"), valid_until_height=0)

    assert {"valid_until_height": 0, "next_height": 1} == answer.facts
    assert answer.receipt is None


def test_stranger_cannot_send() -> None:
    answer = probed().send("zoe", told("note"))

    assert "signers.signer_unknown" == answer.reason


def test_oracle_section_stands_only_where_a_module_takes_one() -> None:
    world = probed()
    world.open_block()
    facts = world._facts
    assert facts is not None

    with pytest.raises(InvalidBlock, match="oracle section"):
        open_block(world.application, world.tables, facts, b"prices", ())


def test_run_counts_what_its_transactions_take() -> None:
    world = probed()
    transaction = world.transaction("alice", told("note"))
    world.open_block()
    run = world._run
    assert run is not None

    run.apply(transaction)

    assert 1 == run.transaction_count
    assert transaction.weight == run.work
    assert len(transaction.data) + 5 == run.body_bytes < BLOCK_BODY_BYTES_MAX


def test_parent_may_be_a_sealed_overlay() -> None:
    world = probed()
    world.send("alice", told("note"))
    block = world.close_block()
    outcome = world.outcomes[-1]
    facts = replace(
        running.BlockFacts(world.chain_id, 0, 2, 2, bytes(32), 2, block.header.time_ms + 100)
    )

    child = open_block(world.application, outcome.overlay, facts, b"", ())

    assert Note(1) == child.view.get(NOTES, "left")
    assert outcome.state_root != child.close().state_root


def test_proposer_executes_only_genuine_transactions() -> None:
    world = probed()

    assert is_genuine_transaction(world.transaction("alice", told("note")))
    assert "" == world.send("alice", told("note")).reason
