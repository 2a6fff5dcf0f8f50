"""Fates: the newest are remembered, the oldest forgotten."""

from node.mempool.past import Past


def test_the_oldest_fate_is_forgotten_first() -> None:
    """POOL-015."""
    past = Past(max_count=2)

    past.put(b"a", "replaced")
    past.put(b"b", "expired")
    past.put(b"a", "replaced")
    past.put(b"c", "refused")

    assert "replaced" == past.get(b"a")
    assert past.get(b"b") is None
    assert "refused" == past.get(b"c")
    past.forget(b"a")
    assert past.get(b"a") is None
