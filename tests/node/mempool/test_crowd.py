"""Who makes room: always the one that a look at everybody would have chosen."""

from hypothesis import given
from hypothesis import strategies as st

from node.mempool.crowd import Crowd
from node.mempool.entry import Entry
from tests.node.mempool.waiting import transaction


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.integers(0, 4), st.sampled_from(["comes", "goes", "asked"])
        ),
        max_size=80,
    ),
    st.sampled_from("abcde"),
    st.integers(0, 4),
)
def test_the_first_to_go_is_the_newest_of_the_most_crowded(
    steps: list[tuple[str, int, str]], newcomer: str, newcomer_class: int
) -> None:
    """POOL-012."""
    crowd = Crowd()
    held: list[Entry] = []
    for arrival, (signer, kind, step) in enumerate(steps):
        if step == "goes" and held:
            crowd.remove(held.pop(arrival % len(held)))
        elif step == "asked":
            crowd.first_to_go(transaction(signer).body.signer, kind)
        else:
            entry = Entry(transaction(signer, arrival, transaction_class=kind), arrival)
            crowd.put(entry)
            held.append(entry)
    who = transaction(newcomer).body.signer

    first = crowd.first_to_go(who, newcomer_class)

    def count(signer: bytes, kind: int) -> int:
        return sum(
            e.transaction.body.signer == signer and e.transaction.transaction_class == kind
            for e in held
        )

    above = [e for e in held if e.transaction.transaction_class > newcomer_class]
    beside = [
        e
        for e in held
        if e.transaction.transaction_class == newcomer_class
        and count(e.transaction.body.signer, newcomer_class) > count(who, newcomer_class) + 1
    ]
    candidates = above or beside
    if not candidates:
        assert first is None
        return
    assert first is not None
    kind = max(e.transaction.transaction_class for e in candidates)
    same = [e for e in candidates if e.transaction.transaction_class == kind]
    assert kind == first.transaction.transaction_class
    signer = first.transaction.body.signer
    assert count(signer, kind) == max(count(e.transaction.body.signer, kind) for e in same)
    assert first.arrival == max(e.arrival for e in same if e.transaction.body.signer == signer)


def test_stale_ranks_are_swept_before_they_outnumber_the_crowd() -> None:
    crowd = Crowd()
    who = transaction("bob").body.signer
    longest_count = 0
    for arrival in range(20_000):
        entry = Entry(transaction("alice", arrival), arrival)
        crowd.put(entry)
        crowd.remove(entry)
        if arrival % 1_000 == 0:
            crowd.first_to_go(who, 4)
        longest_count = max(longest_count, len(crowd._heaps[4] or ()))

    assert 1 < longest_count < 1_100
