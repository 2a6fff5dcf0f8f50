"""Markets at moments worth striking: calm, falling, late, without prices, with options."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from chain.block.header import block_id_of
from chain.machine.audit import run_invariants
from chain.machine.run import BlockFacts, Outcome, Run, open_block, seal
from chain.modules.authorities.sets import authority_set_of
from derivatives.accounts.transactions import Deposit
from derivatives.instruments.state import INSTRUMENTS
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from tests import given
from tests.fuzz.shape import NAMES, TEXTS
from tests.given import World
from tests.given_book import placing
from tests.given_chains import Listing, listing
from tests.given_reports import reports_of, section_of, volatilities_of

USD = 10**6
PRICES_E8 = {
    "BTC": 6_400_000_000_000,
    "ETH": 320_000_000_000,
    "GOLD": 260_000_000_000,
    "BTC-26MAR27": 6_464_000_000_000,
}
AFTER_MS = (500, 500, 1_000, 3_000, 31_000, 3_600_000)
STEPS_PPM = (0, 0, 3_000, -3_000, 9_000, -9_000, 200_000, -400_000)


@dataclass(frozen=True, eq=False)
class Moment:
    """A state that blocks may be made on, which nobody keeps, and what feeds are worth then."""

    world: World
    state: Any
    parent: Any
    prices_e8: Mapping[str, int]
    kinds: tuple[int, ...]
    """Kinds of transactions."""
    texts: tuple[str, ...]
    """What a text may be, instruments among it."""

    def moved(self, step_ppm: int) -> "Moment":
        """Return the same with every price higher by so much."""
        prices_e8 = {
            feed: price_e8 + price_e8 * step_ppm // 1_000_000
            for feed, price_e8 in self.prices_e8.items()
        }
        return replace(self, prices_e8=prices_e8)

    def facts(self, after_ms: int) -> BlockFacts:
        """Return what is known of the next block."""
        parent = self.parent
        authorities = authority_set_of(self.state, parent.epoch)
        assert authorities is not None
        return BlockFacts(
            chain_id=self.world.chain_id,
            epoch=parent.epoch,
            height=parent.height + 1,
            view=parent.view + 1,
            parent_id=block_id_of(parent),
            proposer=authorities.leader(parent.view + 1),
            time_ms=parent.time_ms + after_ms,
        )

    def section(self, facts: BlockFacts) -> bytes:
        """Return what authorities report in that block."""
        says = dict.fromkeys(range(4), self.prices_e8)
        volatilities_ppm = self.world.volatilities_ppm
        smiles = volatilities_of(self.state, facts, self.prices_e8, volatilities_ppm)
        return section_of(self.state, facts, reports_of(self.state, facts, says), smiles)

    def opened(self, facts: BlockFacts, section: bytes) -> Run:
        """Return the next block, its begin hooks done."""
        return open_block(self.world.application, self.state, facts, section, ())

    def after(self, facts: BlockFacts, sent: list[bytes], section: bytes, run: Run) -> "Moment":
        """Close a block and return what it leads to, every invariant looked at."""
        outcome: Outcome = run.close()
        breaches = run_invariants(self.world.application, outcome.overlay)
        assert breaches == [], breaches
        header = seal(facts, tuple(sent), section, (), outcome).header
        return replace(self, state=outcome.overlay, parent=header)

    def idled(self, after_ms: int, *, is_silent: bool = False) -> "Moment":
        """Return what an empty block leads to."""
        facts = self.facts(after_ms)
        section = b"" if is_silent else self.section(facts)
        return self.after(facts, [], section, self.opened(facts, section))


@cache
def moments() -> tuple[Moment, ...]:
    """Return every moment; the first is a calm market."""
    world = given.world()
    world.volatilities_ppm = {"BTC": 600_000}
    calm = _moment(_filled(world, dict(PRICES_E8), "BTC-PERP", 128_000))
    fallen = calm.moved(-60_000).idled(500).moved(-60_000).idled(500)
    crashed = calm.moved(-400_000).idled(1_000)
    silent = calm.idled(31_000, is_silent=True)
    late = calm.idled(3_600_000).moved(9_000).idled(500)
    return (calm, calm.moved(200_000).idled(500), fallen, crashed, silent, late, *_optioned())


def _optioned() -> tuple[Moment, ...]:
    """Return a market of options, and one in which they are about to end."""
    world = listing()
    world.pass_blocks(8)
    moment = _moment(_filled(world, {}, "ETH-PERP", 64_000))
    return (moment, moment.moved(-90_000).idled(1_000))


def _moment(world: World) -> Moment:
    application = world.application
    kinds = tuple(kind for kind in sorted(application.kinds) if application.payload(kind))
    texts = (*TEXTS, *(str(key) for key, _ in world.tables.scan(INSTRUMENTS)))
    return Moment(world, world.tables, world.head.header, dict(world.prices_e8), kinds, texts)


def _filled(world: World, prices_e8: dict[str, int], instrument: str, mark_ticks: int) -> World:
    """Return a chain with an open book, resting orders on both sides, and positions."""
    world.prices_e8 |= prices_e8
    for _ in range(8):
        _close(world)
    for name in NAMES[:5]:
        for asset, amount_quantums in (("USD", 20_000 * USD), ("BTC", 10**8)):
            answer = world.send(name, Deposit(given.holder(f"{name}/0"), asset, amount_quantums))
            assert not answer.reason, (answer.reason, answer.facts)
    _close(world)
    for name, side, size_lots, above_ticks in (
        ("alice", SIDE_SELL, 900, 100),
        ("bob", SIDE_BUY, 600, 100),
        ("carol", SIDE_BUY, 500, -200),
        ("dave", SIDE_SELL, 500, 400),
    ):
        ticks = mark_ticks + above_ticks
        answer = world.send(name, placing(name, side, size_lots, ticks, instrument=instrument))
        assert not answer.reason, (answer.reason, answer.facts)
        _close(world)
    return world


def _close(world: World) -> None:
    if isinstance(world, Listing):
        world.say()
    world.close_block()
