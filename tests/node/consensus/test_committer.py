"""NODE-054: final blocks go to disk in order, and nobody hears of one before it is there."""

from pathlib import Path

import trio

from node.consensus.committer import Committer
from node.finality import Finality, FinalNotice
from tests.node.test_executor import certificate_for, shop_in


async def test_blocks_are_told_in_order_once_they_are_on_disk(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    finality = Finality(shop.state_store.head)
    committer = Committer(shop.executor, shop.state_store, finality)
    told: list[tuple[int, int]] = []

    def tell(notices: list[FinalNotice]) -> None:
        stored_height = shop.state_store.head.height
        told.extend((notice.block.header.height, stored_height) for notice in notices)

    committer.tell(tell)
    first = await shop.build(shop.transfer("alice"))
    second = await shop.build(parent=first, view=2)
    third = await shop.build(parent=second, view=3)

    async with trio.open_nursery() as nursery, finality.subscribe() as subscription:
        one = committer.put((first.block_id,), certificate_for(first))
        two = committer.put((second.block_id, third.block_id), certificate_for(third))
        waiting_count = committer.waiting_count
        await nursery.start(committer.run)
        await one.wait()
        await two.wait()
        heard = [await subscription.receive(), await subscription.receive()]
        nursery.cancel_scope.cancel()
    shops.close()

    assert 2 == waiting_count
    assert [(1, 1), (2, 3), (3, 3)] == told
    assert [[1], [2, 3]] == [[n.block.header.height for n in notices] for notices in heard]
    assert 3 == finality.head.height


async def test_what_is_final_already_is_done_and_told_to_nobody(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    committer = Committer(shop.executor, shop.state_store, Finality(shop.state_store.head))
    told: list[list[FinalNotice]] = []
    committer.tell(told.append)
    first = await shop.build()

    async with trio.open_nursery() as nursery:
        await nursery.start(committer.run)
        for _ in range(2):
            await committer.put((first.block_id,), certificate_for(first)).wait()
        nursery.cancel_scope.cancel()
    shops.close()

    assert 1 == len(told)
