"""NODE-050 to NODE-053: finality is told once, to all who wait, by a publisher that never does."""

import trio
import trio.testing

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.receipt import Receipt, encode_receipt
from node.finality import NOTICES_MAX_COUNT, Finality, FinalNotice
from node.state_store import Head
from tests import given

ID = bytes([5]) * 32


def head_of(block: Block) -> Head:
    return Head.of(block.header)


def chain(count: int) -> list[Block]:
    world = given.world()
    blocks = [world.head]
    for _ in range(count):
        world.open_block()
        world.close_block()
        blocks.append(world.head)
    return blocks


def notice(block: Block, *receipts: Receipt) -> FinalNotice:
    certificate = Certificate(3, 0, 1, bytes([1]) * 32, b"\x01", (bytes(64),))
    encoded = tuple(map(encode_receipt, receipts))
    return FinalNotice(block, head_of(block).block_id, (), encoded, 0, certificate)


def receipt(index: int = 0) -> Receipt:
    return Receipt(ID, index, 201, 0, (), (), 0)


async def test_a_waiter_is_told_as_soon_as_the_head_is_higher() -> None:
    blocks = chain(2)
    finality = Finality(head_of(blocks[0]))
    heard: list[int] = []

    async def wait() -> None:
        heard.append((await finality.wait_head_above(1)).height)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        for block in blocks[1:]:
            await trio.testing.wait_all_tasks_blocked()
            finality.publish(head_of(block), [notice(block)])

    assert [2] == heard


async def test_a_subscriber_hears_every_block_in_order() -> None:
    blocks = chain(3)
    finality = Finality(head_of(blocks[0]))

    async with finality.subscribe() as notices:
        for block in blocks[1:]:
            finality.publish(head_of(block), [notice(block)])
        heard = [(await notices.receive())[0].block.header.height for _ in range(3)]

    assert [1, 2, 3] == heard


async def test_a_subscriber_that_does_not_read_is_cut_off_and_the_rest_is_not() -> None:
    blocks = chain(1)
    finality = Finality(head_of(blocks[0]))

    async with finality.subscribe() as slow, finality.subscribe() as quick:
        for _ in range(NOTICES_MAX_COUNT + 1):
            finality.publish(head_of(blocks[1]), [notice(blocks[1])])
            await quick.receive()
        read = [one async for one in slow]

    assert NOTICES_MAX_COUNT == len(read)


async def test_a_transaction_is_told_to_everybody_who_waits_for_it() -> None:
    blocks = chain(1)
    finality = Finality(head_of(blocks[0]))
    heard: list[tuple[int, int]] = []

    async def wait() -> None:
        final = await finality.wait_transaction(ID)
        heard.append((final.height, final.index))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        finality.publish(head_of(blocks[1]), [notice(blocks[1], receipt(7))])

    assert [(1, 7), (1, 7)] == heard


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    blocks = chain(1)
    finality = Finality(head_of(blocks[0]))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(finality.wait_transaction, ID)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert {} == finality._waiting


def test_a_chain_that_goes_back_has_its_former_head() -> None:
    blocks = chain(2)
    finality = Finality(head_of(blocks[2]))

    finality.revert(head_of(blocks[1]))

    assert 1 == finality.head.height
