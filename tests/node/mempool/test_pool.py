"""The pool: slots, gaps, bounds, and what becomes of what leaves."""

from hypothesis import given
from hypothesis import strategies as st

from chain.block.transaction import Transaction
from chain.kit.reason import Refusal
from node.mempool.entry import Added
from tests.node.mempool.waiting import CANCEL, POST, REST, TRADE, World, transaction


def test_sequences_wait_in_order_and_one_behind_a_gap_is_parked_until_it_is_filled() -> None:
    """POOL-001."""
    world = World()
    first, second, third = (transaction(sequence=n) for n in range(3))

    assert ["pending", "parked"] == world.add(first, third)
    assert [first] == world.pool.take()
    assert 1 == world.pool.next_sequence(first.body.signer, 0)
    assert ["pending"] == world.add(second)
    assert [first, second, third] == world.pool.take()
    assert 3 == world.pool.next_sequence(first.body.signer, 0)


def test_the_same_transaction_is_kept_once_and_a_used_sequence_never() -> None:
    world = World()
    first = transaction()
    world.add(first)
    world.expected[first.body.signer, 1] = 5

    assert ["mempool.duplicate"] == world.add(first)
    assert ["mempool.sequence_used"] == world.add(transaction(lane=1, sequence=4))
    assert ["pending"] == world.add(transaction(lane=1, sequence=5))


def test_only_a_cancel_takes_the_place_of_an_order() -> None:
    """POOL-002."""
    world = World()
    order = transaction(transaction_class=TRADE)
    cancel = transaction(transaction_class=CANCEL)
    world.add(order)

    assert ["mempool.slot_taken"] == world.add(transaction(transaction_class=POST))
    assert ["mempool.slot_taken"] == world.add(transaction(transaction_class=TRADE, salt=1))
    answer = world.pool.add(cancel, 0)
    assert Added(parked=False, replaced=order.id, evicted=()) == answer
    assert [cancel] == world.pool.take()
    assert "replaced" == world.pool.status(order.id)
    assert ["mempool.slot_taken"] == world.add(transaction(transaction_class=CANCEL, salt=1))
    assert 1 == world.pool.waiting_count


def test_a_cancel_takes_no_transfers_place() -> None:
    """POOL-002."""
    world = World()
    world.add(transaction(transaction_class=REST))

    assert ["mempool.slot_taken"] == world.add(transaction(transaction_class=CANCEL))


def test_a_lane_parks_sixteen_and_nothing_too_far_ahead() -> None:
    """POOL-003."""
    world = World()

    answers = world.add(*(transaction(sequence=n) for n in range(2, 18)))

    assert ["parked"] * 16 == answers
    refused = world.pool.add(transaction(sequence=18), 0)
    assert isinstance(refused, Refusal)
    assert "mempool.lane_full" == refused.reason.slug
    assert {"lane": 0, "limit_count": 16, "missing": 0} == refused.facts
    assert ["mempool.sequence_gap_too_far"] == world.add(transaction(lane=1, sequence=81))
    assert ["parked"] == world.add(transaction(lane=1, sequence=80))


def test_a_signer_waits_with_sixty_four_and_a_twentieth_of_the_bytes() -> None:
    """POOL-004."""
    world = World()
    answers = world.add(*(transaction(sequence=n) for n in range(65)))
    narrow = World(pool_max_bytes=20_000)

    assert ["pending"] * 64 + ["mempool.signer_full"] == answers
    assert ["pending"] * 5 + ["mempool.signer_full"] == narrow.add(
        *(transaction(sequence=n) for n in range(6))
    )
    assert ["pending"] == narrow.add(transaction("bob", size_bytes=1_000))
    assert ["mempool.signer_full"] == narrow.add(transaction("carol", size_bytes=1_001))
    assert ["pending"] == world.add(transaction("bob"))


def test_a_cancel_takes_an_orders_place_however_much_the_signer_waits_with() -> None:
    """POOL-002, POOL-004."""
    world = World(pool_max_bytes=4_000)
    world.add(transaction(transaction_class=TRADE, size_bytes=200))

    assert ["mempool.signer_full"] == world.add(transaction(sequence=1))
    assert ["pending"] == world.add(transaction(transaction_class=CANCEL, size_bytes=200))
    full = World()
    full.add(*(transaction(sequence=n, transaction_class=TRADE) for n in range(64)))
    assert ["pending"] == full.add(transaction(sequence=63, transaction_class=CANCEL))


def test_a_signer_has_a_twentieth_of_a_small_pool() -> None:
    """POOL-004."""
    world = World(transactions_max_count=40)

    assert ["pending", "pending", "mempool.signer_full"] == world.add(
        *(transaction(sequence=n) for n in range(3))
    )


def test_a_full_pool_lets_the_highest_class_of_the_most_crowded_signer_go_first() -> None:
    """POOL-012."""
    world = World(transactions_max_count=100, pending_per_signer_max_count=5)
    for n in range(5):
        world.add(transaction("alice", n, transaction_class=REST))
    for n in range(3):
        world.add(transaction("bob", n, transaction_class=REST))
    for signer in range(92):
        world.add(transaction(f"trader {signer}", transaction_class=TRADE))
    newest_of_alice = transaction("alice", 4)
    order = transaction("carol", transaction_class=POST)

    answer = world.pool.add(order, 0)

    assert Added(parked=False, replaced=None, evicted=(newest_of_alice.id,)) == answer
    assert world.pool.status(newest_of_alice.id) is None
    assert 100 == world.pool.waiting_count
    assert ["pending"] == world.add(transaction("dave", transaction_class=REST))
    assert ["pending"] == world.add(transaction("erin", transaction_class=REST))
    assert ["mempool.full"] == world.add(transaction("bob", 3, transaction_class=REST))


def test_a_newcomer_that_would_be_first_to_go_is_refused_and_nothing_changes() -> None:
    """POOL-012."""
    world = World(transactions_max_count=20)
    kept = [transaction(f"trader {n}", transaction_class=TRADE) for n in range(20)]
    world.add(*kept)

    assert ["mempool.full"] == world.add(transaction("bob", transaction_class=REST))
    assert ["mempool.full"] == world.add(transaction("bob", transaction_class=TRADE))
    assert kept == world.pool.take()
    assert ["pending"] == world.add(transaction("bob", transaction_class=POST))


def test_what_cannot_be_in_a_later_block_expires_and_may_not_be_taken() -> None:
    """POOL-013."""
    world = World()
    short = transaction(valid_until_height=7)
    long = transaction("bob", valid_until_height=8)
    world.add(short, long)

    assert [] == world.pool.expire(6, 0)
    assert [short.id] == world.pool.expire(7, 0)
    assert "expired" == world.pool.status(short.id)
    assert [long] == world.pool.take()


def test_what_is_parked_too_long_goes_and_may_come_again() -> None:
    """POOL-014."""
    world = World()
    parked = transaction(sequence=1)
    world.add(parked)

    assert [] == world.pool.expire(1, 29_999)
    assert [parked.id] == world.pool.expire(1, 30_000)
    assert world.pool.status(parked.id) is None
    assert ["parked"] == world.add(parked)


def test_a_filled_gap_ends_the_parking_and_a_new_one_begins_it_anew() -> None:
    """POOL-014."""
    world = World()
    first, second = transaction(), transaction(sequence=1)
    world.add(second, first)
    world.pool.expire(1, 20_000)

    world.pool.unfit([first.id])
    assert [] == world.pool.expire(1, 29_000)
    assert [] == world.pool.expire(1, 58_999)
    assert [second.id] == world.pool.expire(1, 59_000)


def test_what_became_final_goes_with_whatever_else_had_its_slot() -> None:
    """POOL-015."""
    world = World()
    mine, behind = transaction(), transaction(sequence=1)
    other = transaction(salt=9)
    bystander = transaction("bob")
    world.add(mine, behind, bystander)

    rest = world.finalise(other)

    assert [behind.body.signer] == rest
    assert [behind] == world.pool.waiting_of(behind.body.signer)
    assert "replaced" == world.pool.status(mine.id)
    assert world.pool.status(other.id) is None, "the store knows it"
    assert [behind, bystander] == world.pool.take()
    assert [] == world.finalise(behind)
    assert world.pool.status(behind.id) is None
    assert "waiting" == world.pool.status(bystander.id)


def test_what_became_final_after_it_was_refused_has_no_other_fate() -> None:
    """POOL-015."""
    world = World()
    one = transaction()
    world.add(one)
    world.pool.refuse(one.id)
    assert "refused" == world.pool.status(one.id)
    assert ["pending"] == world.add(one)

    world.finalise(one)

    assert world.pool.status(one.id) is None


def test_of_several_unfit_in_a_lane_the_first_goes_and_the_rest_are_parked() -> None:
    """POOL-016."""
    world = World()
    first, second, third = (transaction(sequence=n) for n in range(3))
    world.add(first, second, third)

    world.pool.unfit([third.id, second.id])

    assert [first] == world.pool.take()
    assert world.pool.status(second.id) is None
    assert "waiting" == world.pool.status(third.id)
    assert ["pending"] == world.add(second)


def test_what_the_state_will_never_take_is_remembered_as_refused() -> None:
    world = World()
    hopeless = transaction()
    world.add(hopeless)

    world.pool.refuse(hopeless.id)

    assert "refused" == world.pool.status(hopeless.id)
    assert [] == world.pool.take()
    assert ["pending"] == world.add(hopeless)
    world.pool.unfit([hopeless.id])
    assert world.pool.status(hopeless.id) is None


def test_what_waits_in_blocks_not_yet_final_is_neither_taken_nor_in_the_way() -> None:
    """POOL-011."""
    world = World()
    first, second, third = (transaction(sequence=n) for n in range(3))
    world.add(first, second, third)

    assert [second, third] == world.pool.take(without={first.id})
    assert [third] == world.pool.take(without={first.id, second.id})
    assert [third] == world.pool.take(next_of=lambda *_: 2)
    assert 3 == world.pool.waiting_count


def test_a_transaction_is_found_by_id_and_by_signer() -> None:
    world = World()
    later, sooner = transaction(lane=2), transaction(lane=1)
    world.add(later, sooner)

    assert later is world.pool.get(later.id)
    assert world.pool.get(bytes(32)) is None
    assert [sooner, later] == world.pool.waiting_of(sooner.body.signer)
    assert 400 == world.pool.waiting_bytes


newcomers = st.builds(
    lambda signer, sequence, lane, kind, until: transaction(
        signer, sequence, lane=lane, transaction_class=kind, valid_until_height=until
    ),
    st.sampled_from(["alice", "bob", "carol"]),
    st.integers(0, 8),
    st.integers(0, 2),
    st.integers(0, 4),
    st.integers(1, 40),
)


@given(
    st.lists(st.lists(newcomers, max_size=12), max_size=5),
    st.sampled_from([6, 12, 40]),
    st.sampled_from([900, 2_500, 100_000]),
)
def test_many_are_let_in_as_one_after_the_other_would_be(
    batches: list[list[Transaction]], most_count: int, most_bytes: int
) -> None:
    """POOL-007."""
    limits = {
        "transactions_max_count": most_count,
        "pool_max_bytes": most_bytes * 20,
        "pending_per_signer_max_count": 6,
    }
    together, apart = World(**limits), World(**limits)
    for world in (together, apart):
        world.expected[transaction("bob").body.signer, 1] = 2

    for now_ms, batch in enumerate(batches):
        answers = [apart.pool.add(each, now_ms) for each in batch]
        told = together.pool.add_many(batch, now_ms)

        assert list(map(_said, answers)) == list(map(_said, told))
        assert _books(apart) == _books(together)


def _said(answer: Added | Refusal) -> object:
    return (answer.reason.slug, answer.facts) if isinstance(answer, Refusal) else answer


def _books(world: World) -> object:
    pool = world.pool
    return (
        [
            (entry.transaction, entry.arrival, entry.parked_since_ms)
            for entry in pool._by_id.values()
        ],
        {
            name: (signer.count, signer.size_bytes, sorted(signer.lanes))
            for name, signer in pool._signers.items()
        },
        pool.waiting_bytes,
        pool.waiting_by_class,
        pool._earliest_until,
        pool._past.fates,
    )


def test_what_is_noted_of_a_signer_holds_until_nothing_of_it_waits_or_something_expires() -> None:
    """POOL-006."""
    world = World()
    one, other = transaction(valid_until_height=9), transaction("bob", valid_until_height=12)
    name = one.body.signer
    world.pool.note(name, "trusted")
    assert not world.pool.is_noted(name, "trusted", 1)
    world.add(one, other)

    world.pool.note(name, "trusted")

    assert world.pool.is_noted(name, "trusted", 9)
    assert not world.pool.is_noted(name, "trusted", 10)
    assert not world.pool.is_noted(name, "otherwise", 9)
    assert not world.pool.is_noted(other.body.signer, "trusted", 9)
    world.finalise(one)
    world.add(transaction(sequence=1))
    assert not world.pool.is_noted(name, "trusted", 1)


def test_what_is_known_is_found_by_its_id() -> None:
    world = World()
    waits, gone = transaction(), transaction("bob")
    world.add(waits, gone)
    world.pool.refuse(gone.id)

    known = [any(one.id in each for each in world.pool.known) for one in (waits, gone)]

    assert [True, True] == known
    assert not any(bytes(32) in each for each in world.pool.known)


steps = st.lists(
    st.one_of(
        newcomers,
        st.sampled_from(["final", "unfit", "refuse"]),
        st.integers(1, 40),
    ),
    max_size=60,
)


@given(steps)
def test_books_agree_with_what_waits_whatever_happens(
    steps: list[Transaction | str | int],
) -> None:
    """POOL-005."""
    world = World(transactions_max_count=12, pool_max_bytes=100_000, pending_per_signer_max_count=6)
    pool, height = world.pool, 0
    for step in steps:
        world.now_ms += 5_000
        if isinstance(step, Transaction):
            world.add(step)
        elif isinstance(step, int):
            height = max(height, step)
            pool.expire(height, world.now_ms)
        else:
            taken = pool.take()[:3]
            if step == "final":
                world.finalise(*taken)
            elif step == "unfit":
                pool.unfit([each.id for each in taken])
            else:
                for each in taken:
                    pool.refuse(each.id)

        waiting = list(pool._by_id.values())
        assert len(waiting) == pool.waiting_count <= 12
        assert sum(entry.size_bytes for entry in waiting) == pool.waiting_bytes
        assert waiting == sorted(
            (
                entry
                for signer in pool._signers.values()
                for lane in signer.lanes.values()
                for entry in lane.entries.values()
            ),
            key=lambda entry: entry.arrival,
        )
        if pool._crowd is not None:
            kinds = pool._crowd._of_signer
            crowd = [e for kind in kinds for of in kind.values() for e in of.values()]
            assert sorted(e.arrival for e in waiting) == sorted(e.arrival for e in crowd)
        for entry in waiting:
            assert pool._earliest_until <= entry.transaction.body.valid_until_height
        counts: dict[bytes, tuple[int, int]] = {}
        for entry in waiting:
            count, size = counts.get(entry.transaction.body.signer, (0, 0))
            counts[entry.transaction.body.signer] = (count + 1, size + entry.size_bytes)
        assert counts == {
            name: (signer.count, signer.size_bytes) for name, signer in pool._signers.items()
        }
        expected = dict(world.expected)
        classes = []
        for each in pool.take():
            lane = (each.body.signer, each.body.lane)
            assert expected.get(lane, 0) == each.body.sequence
            expected[lane] = each.body.sequence + 1
            classes.append(each.transaction_class)
        assert sorted(classes) == classes


def test_a_cleared_pool_knows_nothing_of_what_was_in_it() -> None:
    world = World()
    first, second = transaction(sequence=0), transaction(sequence=1)
    world.add(first, second)
    world.pool.applied([first])

    world.pool.clear()

    assert 0 == world.pool.waiting_count == world.pool.waiting_bytes
    assert [None, None] == [world.pool.status(one.id) for one in (first, second)]
    assert [] == world.pool.take()
