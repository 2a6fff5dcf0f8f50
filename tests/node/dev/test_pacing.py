"""DEV-001 to DEV-003: virtual time moves for what waits, and on demand."""

from pathlib import Path

import trio
import trio.testing

from tests.node.test_assembly import WITHIN_S, made, one_node, transfer


async def test_no_block_is_made_for_nothing(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        await trio.testing.wait_all_tasks_blocked(0.3)

        assert 0 == services.finality.head.height


async def test_each_transaction_gets_a_block_at_once(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        heights = []
        for _ in range(3):
            sent = await services.admission.submit(transfer(services, "alice", "bob"))
            with trio.fail_after(WITHIN_S):
                heights.append((await services.finality.wait_transaction(sent)).height)

        assert [1, 2, 3] == heights


async def test_on_a_manual_chain_a_transaction_waits_to_be_mined(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    path = network.home / "auth0" / "config.toml"
    path.write_text(path.read_text().replace("# manual = false", "manual = true"))
    async with one_node(network) as services:
        assert services.dev is not None
        sent = await services.admission.submit(transfer(services, "alice", "bob"))
        await trio.testing.wait_all_tasks_blocked(0.3)
        before = services.finality.head.height
        await services.dev.mine(1)

        assert 0 == before
        assert (1, 0) == services.storage.location(sent)


async def test_two_who_ask_for_blocks_get_them_one_after_another(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.dev is not None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(services.dev.mine, 3)
            nursery.start_soon(services.dev.mine, 4)

        assert 7 == services.finality.head.height
