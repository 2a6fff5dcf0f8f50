"""DEV-001 to DEV-012: time, blocks and money at a word, and the way back."""

from pathlib import Path

import pytest
import trio

from derivatives.oracle.prices import feeds_of
from derivatives.oracle.state import PRICES
from node.dev.fault import DevFault
from node.reports.own import STARTING_PRICES_E8, UNIT_E8
from tests import given
from tests.node.test_assembly import WITHIN_S, cluster, made, one_node, transfer, usd_of


async def test_blocks_are_mined_on_demand_half_a_second_apart(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1, 500)) as services:
        assert services.dev is not None
        before_ms = services.finality.head.time_ms

        height = await services.dev.mine(4)

        assert 4 == height
        assert before_ms + 4 * 500 == services.finality.head.time_ms


async def test_advanced_time_shows_in_the_next_block(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1, 500)) as services:
        assert services.dev is not None
        before_ms = services.finality.head.time_ms

        time_ms = await services.dev.advance_time(3_600_000)

        assert before_ms + 3_600_000 + 500 == time_ms
        assert 1 == services.finality.head.height


async def test_the_faucet_pays_from_the_published_signer(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None
        before = usd_of(services, "bob")

        first = await services.dev.faucet(given.address("bob"), "USD", 7_000_000)
        second = await services.dev.faucet(given.address("bob"), "USD", 7_000_000)
        with trio.fail_after(WITHIN_S):
            while services.storage.location(second) is None:
                await services.finality.wait_head_above(services.finality.head.height)

        assert first != second
        assert before + 14_000_000 == usd_of(services, "bob")


async def test_a_reverted_chain_is_as_it_was_and_goes_on(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    async with one_node(network) as services:
        assert services.dev is not None
        await services.dev.mine(2)
        kept = services.finality.head
        before = usd_of(services, "bob")
        name = await services.dev.snapshot()
        sent = await services.admission.submit(transfer(services, "alice", "bob"))
        await services.dev.mine(3)

        height = await services.dev.revert(name)
        reverted = (services.finality.head, usd_of(services, "bob"))
        forgotten = services.storage.location(sent)
        again = await services.admission.submit(transfer(services, "alice", "bob"))
        await services.dev.mine(1)

        assert 2 == height
        assert (kept, before) == reverted
        assert forgotten is None
        assert services.storage.location(again) is not None

    async with one_node(network) as services:
        assert services.finality.head.height >= 3
        assert services.consensus.standing().signing


async def test_an_unknown_snapshot_is_refused(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None

        with pytest.raises(DevFault) as refused:
            await services.dev.revert("snapshot-9")

    assert "node.snapshot_unknown" == refused.value.reason


@pytest.mark.parametrize("count", [0, 10_001])
async def test_too_many_blocks_at_once_are_refused(tmp_path: Path, count: int) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None

        with pytest.raises(DevFault) as refused:
            await services.dev.mine(count)

    assert "node.too_much_time" == refused.value.reason


async def test_a_devnet_has_no_clock_to_turn_and_can_be_cut(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        dev = nodes.services["auth0"].dev
        assert dev is not None

        with pytest.raises(DevFault) as no_clock:
            await dev.mine(1)
        with pytest.raises(DevFault) as no_peer:
            await dev.isolate(["auth9"])
        await nodes.grow(1)
        for name in ("auth1", "auth2"):
            one = nodes.services[name].dev
            assert one is not None
            await one.isolate(["auth0", "auth3"])
        for name in ("auth0", "auth3"):
            one = nodes.services[name].dev
            assert one is not None
            await one.isolate(["auth1", "auth2"])
        consensus = nodes.services["auth0"].consensus
        await nodes.until(lambda: ("auth1", "auth2") == consensus.explain_stall().silent)
        for services in nodes.services.values():
            assert services.dev is not None
            await services.dev.isolate([])
        await nodes.grow(2)

        assert "node.dev_chain_only" == no_clock.value.reason
        assert "node.peer_unknown" == no_peer.value.reason
        assert nodes.roots_agree()


async def test_a_price_that_jumps_is_confirmed_by_the_blocks_it_takes(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1, 500)) as services:
        assert services.dev is not None
        await services.dev.mine(1)
        begun = services.state_store.tables.get(PRICES, "BTC")

        height = await services.dev.set_price("BTC", 30_000 * UNIT_E8)
        jumped = services.state_store.tables.get(PRICES, "BTC")
        near = await services.dev.set_price("BTC", 30_100 * UNIT_E8)
        name = await services.dev.snapshot()
        await services.dev.set_price("BTC", 31_000 * UNIT_E8)
        told = dict(services.reports.set_prices_e8)
        await services.dev.revert(name)
        told_again = dict(services.reports.set_prices_e8)
        await services.dev.mine(2)
        kept = services.state_store.tables.get(PRICES, "BTC")

    assert begun is not None
    assert jumped is not None
    assert kept is not None
    assert STARTING_PRICES_E8["BTC"] == begun.price_e8
    # Held twice, accepted with the third; within one percent it is taken at once.
    assert (30_000 * UNIT_E8, 1 + 3, 1 + 3 + 1) == (jumped.price_e8, height, near)
    assert 30_100 * UNIT_E8 == kept.price_e8
    assert ({"BTC": 31_000 * UNIT_E8}, {"BTC": 30_100 * UNIT_E8}) == (told, told_again)


async def test_a_forward_that_was_set_stays_where_it_was_left(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1, 500)) as services:
        assert services.dev is not None
        await services.dev.mine(1)
        tables = services.state_store.tables
        forward = next(feed for feed, _ in feeds_of(tables) if feed.startswith("BTC-"))
        left_e8 = 65_123 * UNIT_E8

        await services.dev.set_price(forward, left_e8)
        await services.dev.mine(3)
        stayed = services.state_store.tables.get(PRICES, forward)
        await services.dev.set_price(forward, None)
        await services.dev.mine(3)
        freed = services.state_store.tables.get(PRICES, forward)

    assert stayed is not None
    assert freed is not None
    assert left_e8 == stayed.price_e8
    assert left_e8 != freed.price_e8


@pytest.mark.parametrize(
    ("feed", "price_e8", "slug"),
    [
        ("SILVER", UNIT_E8, "feed_unknown"),
        ("SILVER", None, "feed_unknown"),
        ("BTC", 0, "price_impossible"),
        ("BTC", 2**62, "price_impossible"),
    ],
)
async def test_a_price_that_cannot_be_is_refused(
    tmp_path: Path, feed: str, price_e8: int | None, slug: str
) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None

        with pytest.raises(DevFault) as refused:
            await services.dev.set_price(feed, price_e8)

    assert f"node.{slug}" == refused.value.reason


async def test_a_price_set_on_a_devnet_waits_for_the_feeder(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        services = nodes.services["auth0"]
        assert services.dev is not None

        await services.dev.set_price("BTC", 5 * UNIT_E8)
        chosen = dict(services.reports.set_prices_e8)
        await services.dev.set_price("BTC", None)

        assert ({"BTC": 5 * UNIT_E8}, {}) == (chosen, services.reports.set_prices_e8)
