"""SYNC-033: what is served comes from the store, and an authority list has one form."""

from pathlib import Path

import pytest

from chain.codec.canonical import encode
from chain.codec.record import MalformedRecord
from chain.modules.authorities.sets import authorities_hash_of
from chain.modules.authorities.state import AuthorityList
from node.sync.library import StoreLibrary, read_authorities
from tests.node.sync.test_epochs import listed
from tests.node.test_executor import certificate_for, shop_in


async def test_what_is_final_can_be_served(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    first = await shop.build(shop.transfer("alice"))
    second = await shop.build(parent=first, view=2)
    await shop.executor.commit((first.block_id, second.block_id), certificate_for(second))
    library = StoreLibrary(shop.state_store._storage, shop.state_store)

    found = library.certificate_at_or_above(1)

    assert found == (2, certificate_for(second))
    assert 2 == library.certified_height()
    assert first.block.header == library.header(1)
    assert library.block_bytes(2)
    assert library.header(3) is None
    shops.close()


async def test_a_chain_in_its_first_epoch_has_no_boundary(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    first = await shop.build()
    await shop.executor.commit((first.block_id,), certificate_for(first))

    ends = StoreLibrary(shop.state_store._storage, shop.state_store).epoch_ends(0, 64)

    assert [] == ends
    shops.close()


def test_an_authority_list_is_read_with_its_hash_and_keys() -> None:
    digest, keys = read_authorities(encode(listed(1)))

    assert authorities_hash_of(listed(1)) == digest
    assert tuple(member.consensus_key for member in listed(1).members) == keys


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encode(AuthorityList(())),
        encode(AuthorityList(listed(1).members[::-1])),
        encode(AuthorityList(listed(1).members[:1] * 2)),
    ],
)
def test_no_other_list_is_read(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        read_authorities(data)
