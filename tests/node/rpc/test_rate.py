"""Token buckets. Criterion: RPC-015 of docs/specs/rpc.md."""

from node.rpc import limits
from node.rpc.rate import Rate


def test_a_full_bucket_is_spent_and_fills_again() -> None:
    rate = Rate(tokens_per_second=10, tokens_max=3)

    taken = [rate.take("a", 1, 0) for _ in range(3)]
    wait_ms = rate.take("a", 1, 0)

    assert [0, 0, 0] == taken
    assert 101 == wait_ms
    assert 0 == rate.take("a", 1, wait_ms)


def test_a_heavy_call_waits_for_its_weight() -> None:
    rate = Rate(tokens_per_second=10, tokens_max=20)
    rate.take("a", 20, 0)

    assert 1_001 == rate.take("a", 10, 0)


def test_one_address_does_not_spend_for_another() -> None:
    rate = Rate(tokens_per_second=1, tokens_max=1)
    rate.take("a", 1, 0)

    assert 0 == rate.take("b", 1, 0)
    assert rate.take("a", 1, 0)


def test_memory_is_bounded_by_forgetting_the_longest_silent() -> None:
    rate = Rate(tokens_per_second=1, tokens_max=1)
    for number in range(limits.RATE_ADDRESSES_MAX_COUNT + 1):
        rate.take(str(number), 1, 0)

    assert 0 == rate.take("0", 1, 0)
    assert rate.take(str(limits.RATE_ADDRESSES_MAX_COUNT), 1, 0)
