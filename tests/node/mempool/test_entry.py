"""Bounds of the pool: the defaults are those of consensus, and the configuration is one."""

from node.config import Mempool as Section
from node.mempool.entry import DefaultLimits, Entry, Limits
from tests.node.mempool.waiting import transaction


def bounds(limits: Limits) -> dict[str, int]:
    return {
        name: getattr(limits, name) for name in vars(Limits) if name.endswith(("_count", "_ms"))
    } | {"pool_max_bytes": limits.pool_max_bytes}


def test_defaults_are_those_of_the_configuration() -> None:
    """POOL-003, POOL-004, POOL-014."""
    assert {
        "transactions_max_count": 20_000,
        "pool_max_bytes": 16 * 1024 * 1024,
        "pending_per_signer_max_count": 64,
        "future_per_lane_max_count": 16,
        "parked_max_ms": 30_000,
    } == bounds(DefaultLimits())
    assert bounds(DefaultLimits()) == bounds(Section())


def test_an_entry_is_as_large_as_its_transaction() -> None:
    assert 321 == Entry(transaction(size_bytes=321), 0).size_bytes
