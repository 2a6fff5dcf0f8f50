"""A lane: the first gap is where a walk would find it, whatever comes and goes."""

from hypothesis import given
from hypothesis import strategies as st

from node.mempool.entry import Entry
from node.mempool.lanes import Lane
from tests.node.mempool.waiting import transaction


@given(
    st.lists(st.tuples(st.sampled_from(["put", "remove", "ask"]), st.integers(0, 9)), max_size=60)
)
def test_the_first_gap_is_where_a_walk_would_find_it(steps: list[tuple[str, int]]) -> None:
    """POOL-001."""
    lane = Lane()
    for step, sequence in steps:
        if step == "ask":
            missing = sequence
            while missing in lane.entries:
                missing += 1

            assert missing == lane.missing_from(sequence)
            before = sorted(each for each in lane.entries if each < sequence)
            assert before == lane.used_before(sequence)
            assert [lane.entries[each] for each in range(sequence, missing)] == lane.run(sequence)
        elif step == "put" and sequence not in lane.entries:
            lane.put(sequence, Entry(transaction(sequence=sequence), sequence))
        elif step == "remove" and sequence in lane.entries:
            lane.remove(sequence)
