from collections.abc import Callable
from typing import Any

import pytest

from chain.state.commitment import BUCKETS_COUNT
from node.storage.batch import FinalBatch, branch_hashes, changed_buckets


def test_blocks_that_do_not_follow_each_other_are_no_batch(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    one, _, three = (chain.block({1: n}) for n in range(3))

    with pytest.raises(AssertionError):
        FinalBatch((one, three), None)


def test_certificate_of_another_block_is_no_batch(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    one, two = chain.block({1: 1}), chain.block({1: 2})

    with pytest.raises(AssertionError):
        FinalBatch((one, two), chain.batch(one).certificate)


def test_changed_buckets_are_those_of_the_tree(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    batch = chain.batch(chain.block({n: n for n in range(100)}))

    told = changed_buckets(batch.blocks[0].overlay)

    chain.fold(batch)
    nodes = chain.tables.tree.nodes
    assert {
        bucket: bytes(nodes[32 * (BUCKETS_COUNT + bucket) : 32 * (BUCKETS_COUNT + bucket) + 32])
        for bucket in told
    } == told
    assert len(told) > 90


def test_branches_are_those_after_the_block(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    batch = chain.batch(
        chain.block({n: n for n in range(100)}), chain.block(dict.fromkeys(range(9), 1))
    )

    told = [branch_hashes(batch.blocks[1].overlay, branch) for branch in range(256)]

    chain.fold(batch)
    assert bytes(chain.tables.tree.nodes[32 * BUCKETS_COUNT :]) == b"".join(told)
