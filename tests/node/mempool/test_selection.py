"""What a block takes: class order, shares that are not wasted, signers by turns."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chain.block.transaction import Transaction
from chain.limits import BLOCK_BODY_BYTES_MAX, BLOCK_TRANSACTIONS_MAX_COUNT, BLOCK_WORK_MAX_COUNT
from node.mempool.entry import Entry
from node.mempool.selection import ENTRY_FRAME_BYTES, FRAME_BYTES, select
from tests.node.mempool.waiting import CANCEL, POST, REST, TRADE, transaction


def runs_of(*transactions: Transaction) -> list[tuple[bytes, list[Entry]]]:
    runs: dict[tuple[bytes, int], list[Entry]] = {}
    for arrival, each in enumerate(transactions):
        lane = (each.body.signer, each.body.lane)
        runs.setdefault(lane, []).append(Entry(each, arrival))
    return [(lane[0], run) for lane, run in sorted(runs.items())]


def test_classes_come_in_order_and_signers_by_turns_in_order_of_arrival() -> None:
    """POOL-010."""
    bob = [transaction("bob", n) for n in range(3)]
    alice = [transaction("alice", n) for n in range(2)]
    trade = transaction("carol", transaction_class=TRADE)
    post = transaction("dave", transaction_class=POST)
    cancel = transaction("erin", transaction_class=CANCEL)
    rule = transaction("frank", transaction_class=0)

    taken = select(runs_of(*bob, *alice, trade, post, cancel, rule), 1_000_000)

    assert [rule, cancel, post, trade, bob[0], alice[0], bob[1], alice[1], bob[2]] == taken


def test_a_signer_gives_from_its_lowest_lane_first() -> None:
    """POOL-010."""
    high = transaction("bob", lane=5)
    low = [transaction("bob", n, lane=1) for n in range(2)]

    assert [*low, high] == select(runs_of(high, *low), 1_000_000)


def test_a_lower_class_behind_a_higher_one_of_its_lane_waits_for_the_next_block() -> None:
    """POOL-011."""
    transfer = transaction(sequence=0, transaction_class=REST)
    cancel = transaction(sequence=1, transaction_class=CANCEL)
    other = transaction(sequence=2, transaction_class=REST)

    assert [transfer] == select(runs_of(transfer, cancel, other), 1_000_000)


def mixed(counts: dict[int, int], **kind: int) -> list[Transaction]:
    return [
        transaction(f"{number} {n}", transaction_class=number, **kind)
        for number, count in counts.items()
        for n in range(count)
    ]


def taken_by_class(transactions: list[Transaction], share_ppm: int) -> dict[int, int]:
    taken = select(runs_of(*transactions), share_ppm)
    return dict(Counter(each.transaction_class for each in taken))


def test_groups_get_their_shares_when_all_want_more() -> None:
    """POOL-010: of 100 transactions in all."""
    crowd = mixed({0: 200, 1: 200, 2: 100, 3: 200, 4: 200})

    assert {0: 10, 1: 30, 2: 50, 4: 10} == taken_by_class(crowd, 20_000)


def test_what_a_group_leaves_others_take() -> None:
    """POOL-010: of 100 transactions in all."""
    assert {4: 100} == taken_by_class(mixed({4: 200}), 20_000)
    assert {1: 90, 4: 10} == taken_by_class(mixed({1: 200, 4: 200}), 20_000)
    assert {0: 3, 1: 30, 3: 57, 4: 10} == taken_by_class(
        mixed({0: 3, 1: 30, 3: 200, 4: 200}), 20_000
    )


def test_bytes_and_work_bound_a_block_as_its_count_does() -> None:
    large = mixed({4: 100}, size_bytes=16_000)
    hard = mixed({4: 100}, weight=100_000)

    assert {4: (BLOCK_BODY_BYTES_MAX - FRAME_BYTES) // (16_000 + ENTRY_FRAME_BYTES)} == (
        taken_by_class(large, 1_000_000)
    )
    assert {4: BLOCK_WORK_MAX_COUNT // 100_000} == taken_by_class(hard, 1_000_000)


def test_one_that_does_not_fit_stops_its_own_lane_alone() -> None:
    large = transaction("alice", 0, size_bytes=16_000)
    behind = transaction("alice", 1)
    beside = transaction("alice", 0, lane=1)
    other = transaction("bob")

    assert [beside, other] == select(runs_of(large, behind, beside, other), 10_000)


def test_no_share_is_no_transaction() -> None:
    assert [] == select(runs_of(transaction()), 0)


@given(
    st.dictionaries(st.integers(0, 4), st.integers(0, 40)),
    st.integers(0, 20_000),
    st.integers(100, 3_000),
    st.integers(500, 60_000),
)
def test_a_block_keeps_its_limits_and_leaves_no_room_for_what_waits(
    counts: dict[int, int], share_ppm: int, size_bytes: int, weight: int
) -> None:
    """POOL-010."""
    crowd = mixed(counts, size_bytes=size_bytes, weight=weight)
    limit_count = BLOCK_TRANSACTIONS_MAX_COUNT * share_ppm // 1_000_000
    limit_bytes = BLOCK_BODY_BYTES_MAX * share_ppm // 1_000_000 - FRAME_BYTES
    limit_work = BLOCK_WORK_MAX_COUNT * share_ppm // 1_000_000

    taken = select(runs_of(*crowd), share_ppm)

    used_bytes = sum(len(each.data) + ENTRY_FRAME_BYTES for each in taken)
    used_work = sum(each.weight for each in taken)
    assert len(taken) <= limit_count
    assert not taken or used_bytes <= limit_bytes
    assert used_work <= limit_work
    # Sizes are alike, so each group may leave at most one place of its claim unused.
    assert len(taken) == len(crowd) or (
        len(taken) + 4 >= limit_count
        or used_bytes + 4 * (size_bytes + ENTRY_FRAME_BYTES) > limit_bytes
        or used_work + 4 * weight > limit_work
    )
