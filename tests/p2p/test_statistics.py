"""NET-008: what a network counts."""

from p2p.statistics import NetworkStatistics
from tests.p2p.conftest import MakeHouse, connected, until


async def test_connections_members_and_links_are_counted(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: connected(one, two.me))
        await until(lambda: one.statistics()["links_count"] == 1)
        counts = one.statistics()

        assert (1, 1, 0) == (
            counts["connections_count"],
            counts["members_count"],
            counts["strangers_count"],
        )


def test_every_count_has_a_name_and_begins_at_nothing() -> None:
    facts = NetworkStatistics().facts()

    assert {0} == set(facts.values())
    assert all(name.endswith(("_count", "_total", "_bytes")) for name in facts)
