"""NODE-070 to NODE-073: what store and log say together; a log not to be trusted says why."""

from pathlib import Path

import pytest

from chain.consensus.log import NOWHERE, Contents
from node.config import Configuration, Node
from node.consensus.recovery import recovered, remembered
from node.consensus.vote_log import VoteLog
from tests.node.test_executor import Shop, certificate_for, shop_in

CHAIN = bytes([7]) * 32
KEY = bytes([3]) * 32


def configuration(folder: Path) -> Configuration:
    return Configuration(node=Node(data_folder=str(folder)))


def test_a_node_without_a_key_remembers_nothing_and_lacks_nothing(tmp_path: Path) -> None:
    memory = remembered(configuration(tmp_path), CHAIN, None)

    assert memory.log is None
    assert ("", NOWHERE) == (memory.contents.broken, memory.contents.highest)


def test_a_sound_log_is_opened(tmp_path: Path) -> None:
    VoteLog.create(tmp_path / "signer", CHAIN, KEY)

    memory = remembered(configuration(tmp_path), CHAIN, KEY)

    assert memory.log is not None
    assert "" == memory.contents.broken
    memory.log.close()


@pytest.mark.parametrize(
    ("chain_id", "public_key"), [(bytes(32), KEY), (CHAIN, bytes(32)), (None, KEY)]
)
def test_a_lost_or_foreign_log_is_no_reason_to_stop_and_none_to_sign(
    tmp_path: Path, chain_id: bytes | None, public_key: bytes
) -> None:
    if chain_id is not None:
        VoteLog.create(tmp_path / "signer", chain_id, public_key)

    memory = remembered(configuration(tmp_path), CHAIN, KEY)

    assert memory.log is None
    assert memory.contents.broken


def nothing() -> Contents:
    return remembered(configuration(Path()), CHAIN, None).contents


async def _chain(shop: Shop, *, certified: int, count: int) -> None:
    blocks = []
    for view in range(1, count + 1):
        blocks.append(await shop.build(parent=blocks[-1] if blocks else None, view=view))
    ids = tuple(block.block_id for block in blocks)
    if certified:
        certificate = certificate_for(blocks[certified - 1])
        await shop.executor.commit(ids[:certified], certificate)
    if certified < count:
        beyond = await shop.build(parent=blocks[-1], view=count + 1)
        await shop.executor.commit(ids[certified:], certificate_for(beyond))


async def test_a_new_chain_begins_with_genesis(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)

    start = recovered(shop.state_store._storage, shop.state_store, nothing())

    assert (0, None, None) == (start.header.height, start.certificate, start.tip)
    assert (0, 4) == (start.authorities.epoch, start.authorities.count)
    shops.close()


async def test_the_highest_certified_block_is_where_it_goes_on(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    await _chain(shop, certified=3, count=3)

    start = recovered(shop.state_store._storage, shop.state_store, nothing())

    assert (3, None) == (start.header.height, start.tip)
    assert start.certificate is not None
    shops.close()


async def test_a_tip_above_its_certificate_is_told_apart(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    await _chain(shop, certified=2, count=4)

    start = recovered(shop.state_store._storage, shop.state_store, nothing())

    assert start.tip is not None
    assert (2, 4) == (start.header.height, start.tip.height)
    shops.close()
