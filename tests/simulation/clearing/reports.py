"""Reports of prices while reporters are down, late, restarted or lying; and what breaks of it.

Each situation is a function that raises when it goes wrong, so that it can be run against the
real rules and against a mutant.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

from chain.block.certificate import AuthoritySet
from chain.kit import InvalidBlock
from derivatives.oracle import prices, section
from derivatives.oracle.ladder import FeedState, state_by_age
from derivatives.oracle.state import PRICES, FeedPrice
from tests import given
from tests.given_reports import SINS

E8 = 10**8
SHORT_MS = 100
SILENT: dict[str, int] = {}


def price_of(world: given.World, feed: str = "BTC") -> FeedPrice | None:
    """Return a feed's record after the last block."""
    return world.tables.get(PRICES, feed)


def refuses(world: given.World, sin: str) -> None:
    """Hold that a block whose leader lies so is refused, and that nothing of it stays."""
    height, root = world.height, world.tables.root
    try:
        world.open_block(SHORT_MS, sin=sin)
    except InvalidBlock:
        assert (height, root) == (world.height, world.tables.root)
    else:
        raise AssertionError(f"a block with a section that is {sin} was taken")


def one_of_four_is_down_and_blocks_are_short() -> None:
    """Scenario 13: three report each half second, blocks come each 100 ms, a feeder restarts.

    The feed stays normal throughout: each round is used once, and nobody's former one.
    """
    world = given.world({"alice": {"USD": 10**9}})
    world.prices_e8 = {"BTC": 64_000 * E8}
    world.lies_e8[3] = SILENT
    sections = 0
    for number in range(60):
        # The second feeder is away for a second, and comes back with what it sent before.
        restarts = 30 <= number < 40
        world.lies_e8.pop(2, None)
        if restarts:
            world.lies_e8[2] = SILENT
        block = world.close_block(SHORT_MS)
        sections += bool(block.oracle)
        price = price_of(world)
        assert price is not None, "three of four said a price and nobody heard it"
        assert price.state == FeedState.NORMAL, f"block {number}: {FeedState(price.state).name}"
        if block.oracle:
            # Each of these was said again or before: its authority has moved on.
            for sin in ("replayed", "one_replayed", "former"):
                refuses(world, sin)
    # Six seconds touch thirteen rounds; one of them passed while the feeder was away.
    assert 12 == sections


def crash_is_followed(seed: int) -> None:
    """Each block 1.2 % lower, twenty times, while one lies and leaders leave one honest out."""
    random = Random(seed)
    world = given.world({"alice": {"USD": 10**9}})
    truth = 64_000 * E8
    world.prices_e8 = {"BTC": truth}
    world.close_block()
    for _ in range(20):
        truth = truth * 988 // 1_000
        world.prices_e8 = {"BTC": truth}
        liar = random.randrange(4)
        world.lies_e8 = {liar: random.choice((SILENT, {"BTC": 64_000 * E8}, {"BTC": E8}))}
        world.close_block()
        price = price_of(world)
        assert price is not None
        off_ppm = abs(price.price_e8 - truth) * 10**6 // truth
        assert off_ppm < 30_000, f"{off_ppm} ppm behind"


def liars_move_nothing(seed: int) -> None:
    """Up to a third of 1 to 31 lie and honest ones are withheld: the price stays between them."""
    random = Random(seed)
    count = random.randint(1, 31)
    liars_max = (count - 1) // 3
    world = given.world({"alice": {"USD": 10**9}}, authority_count=count)
    truth = 64_000 * E8
    for _ in range(4):
        order = random.sample(range(count), count)
        liars = order[: random.randint(0, liars_max)]
        honest = order[len(liars) :]
        kept = random.randint(count - liars_max - len(liars), len(honest))
        truth = truth * random.randint(995_000, 1_005_000) // 10**6
        near = {index: truth + random.randint(-(10**8), 10**8) for index in honest[:kept]}
        low, high = min(near.values()), max(near.values())
        world.prices_e8 = {"BTC": truth}
        world.lies_e8 = dict.fromkeys(honest[kept:], SILENT)
        world.lies_e8 |= {index: {"BTC": price} for index, price in near.items()}
        for index in liars:
            said = random.choice((1, low - 1, low, high, high + 1, 3 * truth, 2**62 - 1))
            world.lies_e8[index] = {"BTC": said}
        for sin in random.sample(sorted(SINS), 2) if world.head.oracle else ():
            if not _is_harmless(sin, count):
                refuses(world, sin)
        world.close_block()
        price = price_of(world)
        # A liar who abstains may leave too few with a leader who leaves honest ones out.
        if price is not None and price.updated_ms == world.head.header.time_ms:
            assert low <= price.price_e8 <= high, f"{price.price_e8} of {low} to {high}"


def _is_harmless(sin: str, count: int) -> bool:
    """Return whether a sin changes nothing where only one authority reports."""
    return count == 1 and sin in {"disordered", "forged", "one_replayed"}


@contextmanager
def _everybody_must_report() -> Iterator[None]:
    with patch.object(AuthoritySet, "quorum", property(lambda voters: voters.count)):
        yield


@contextmanager
def _age_in_blocks() -> Iterator[None]:
    """Age counts half a second a block, whatever the time."""
    seen: dict[int, dict[int, None]] = {}
    with_time = prices.with_time

    def by_blocks(price: FeedPrice, time_ms: int, parent_time_ms: int, break_ms: int) -> FeedPrice:
        blocks = seen.setdefault(price.updated_ms, {})
        blocks[time_ms] = None
        age_ms = 500 * len(blocks)
        with patch.object(prices, "state_by_age", lambda _: state_by_age(age_ms)):
            return with_time(price, time_ms, parent_time_ms, break_ms)

    with patch("derivatives.oracle.hooks.with_time", by_blocks):
        yield


@contextmanager
def _rounds_forgotten() -> Iterator[None]:
    with patch.object(section, "last_round_of", lambda view, key: -1):
        yield


MUTANTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "everybody must report": _everybody_must_report,
    "age in blocks": _age_in_blocks,
    "no last round": _rounds_forgotten,
}
