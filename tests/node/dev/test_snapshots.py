"""DEV-004 to DEV-006: a snapshot outlives those after it, not the process."""

from pathlib import Path

import pytest

from node.dev.fault import DevFault
from tests.node.test_assembly import double_signs, made, one_node, votes_signed


async def test_one_snapshot_can_be_gone_back_to_again_and_again(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    async with one_node(network) as services:
        assert services.dev is not None
        await services.dev.mine(1)
        name = await services.dev.snapshot()
        heights = []
        for count in (2, 3):
            heights.append(await services.dev.mine(count))
            heights.append(await services.dev.revert(name))

        assert [3, 1, 4, 1] == heights
    assert [] == double_signs(votes_signed(network))


async def test_going_back_forgets_the_snapshots_that_came_later(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None
        first = await services.dev.snapshot()
        await services.dev.mine(1)
        second = await services.dev.snapshot()
        await services.dev.revert(first)

        with pytest.raises(DevFault):
            await services.dev.revert(second)
        assert 0 == await services.dev.revert(first)


async def test_time_goes_back_with_the_state(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None
        name = await services.dev.snapshot()
        before_ms = services.clock.wall_ms()
        await services.dev.advance_time(1_000_000)

        await services.dev.revert(name)

        assert before_ms == services.clock.wall_ms()
