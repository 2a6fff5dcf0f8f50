"""HELLO-005: names and keys are those of the final state."""

from pathlib import Path

from node.consensus.roll import StateRoll
from tests import given
from tests.node.test_executor import certificate_for, shop_in


async def test_every_authority_is_known_by_name_and_key(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    roll = StateRoll(shop.state_store)

    keys = [roll.key_of(f"auth{place}") for place in range(4)]

    assert [given.address(f"auth{place}/consensus") for place in range(4)] == keys
    assert [f"auth{place}" for place in range(4)] == [roll.name_of(key or b"") for key in keys]
    assert sorted(keys) == list(roll.current.keys)  # type: ignore[type-var]
    shops.close()


async def test_a_stranger_has_no_name(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    roll = StateRoll(next(shops).state_store)

    assert (None, None) == (roll.name_of(bytes(32)), roll.key_of("auth9"))
    shops.close()


async def test_the_roll_follows_the_head(tmp_path: Path) -> None:
    shops = shop_in(tmp_path / "chain")
    shop = next(shops)
    roll = StateRoll(shop.state_store)
    built = await shop.build()
    await shop.executor.commit((built.block_id,), certificate_for(built))

    assert 0 == roll.current.epoch
    assert 4 == len(roll.names())
    shops.close()
