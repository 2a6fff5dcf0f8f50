from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from node.storage import layout
from node.storage.leveldb import Storage, Tuning
from node.storage.scrub import Scrub

DAY_S = 86_400.0


@pytest.fixture
def storage(tmp_path: Path, made_chain: Callable[..., Any]) -> Iterator[Storage]:
    chain = made_chain()
    opened = chain.begin(tmp_path / "chain", Tuning(flush=False))
    opened.commit(chain.batch(chain.block({n: n for n in range(50)})))
    yield opened
    opened.close()


def spoil(storage: Storage) -> int:
    """Change one record behind the node's back, and return its bucket."""
    place, value = next(storage._scan(prefix=layout.STATE))
    storage._database.put(place, value + b"\0")
    return place[1] << 8 | place[2]


def test_sound_folder_has_nothing_to_tell(storage: Storage) -> None:
    assert "" == Scrub(storage, lambda why: None).look()


def test_damaged_bucket_is_named(storage: Storage) -> None:
    bucket = spoil(storage)

    assert f"1 buckets of the stored state are damaged: {bucket}" == (
        Scrub(storage, lambda why: None).look()
    )


def test_unreadable_row_is_told(storage: Storage) -> None:
    place, _ = next(storage._scan(prefix=layout.STATE))
    storage._database.put(place, b"")

    assert "is damaged: a state row cannot be read" in Scrub(storage, lambda why: None).look()


# STORE-024  Damage is told within a day, once.
async def test_damage_is_told_within_a_day(
    storage: Storage, autojump_clock: trio.testing.MockClock
) -> None:
    started_s = trio.current_time()
    told: list[tuple[float, str]] = []
    spoil(storage)

    async with trio.open_nursery() as nursery:
        scrub = Scrub(storage, lambda why: told.append((trio.current_time() - started_s, why)))
        await nursery.start(scrub.run)

    assert [(DAY_S, "1 buckets")] == [(at_s, why[:9].strip()) for at_s, why in told]
