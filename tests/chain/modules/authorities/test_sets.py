"""AUTH-001 to AUTH-005."""

from chain.codec.canonical import encode
from chain.crypto.digest import tagged
from chain.machine.genesis_development import development_key
from chain.modules.authorities.sets import (
    authorities_hash_of,
    authorities_of,
    authority_set_of,
    set_of,
)
from chain.modules.registry import BASE_MODULES
from tests import given

WORLD = given.world(modules=BASE_MODULES)


def test_set_of_epoch_0_is_that_of_genesis() -> None:
    authorities = authority_set_of(WORLD.view, 0)

    assert authorities is not None
    expected = sorted(development_key(f"auth{index}/consensus") for index in range(4))
    assert tuple(expected) == authorities.keys
    assert (4, 3) == (authorities.count, authorities.quorum)
    assert [1, 2, 3, 0] == [authorities.leader(view) for view in (1, 2, 3, 4)]


def test_set_of_an_epoch_that_is_not_kept_is_none() -> None:
    assert authority_set_of(WORLD.view, 1) is None
    assert authorities_of(WORLD.view, 1) is None


def test_hash_is_of_the_canonical_array() -> None:
    listed = authorities_of(WORLD.view, 0)
    assert listed is not None
    array = tuple((m.name, m.consensus_key, m.oracle_key) for m in listed.members)

    expected = tagged(b"NOVATION/authorities/1", encode(array))

    assert expected == authorities_hash_of(listed) == WORLD.head.header.authorities_hash
    assert set_of(0, listed) == authority_set_of(WORLD.view, 0)
