"""Five who do anything that the chain takes, at random: what a block of trading is made of."""

from collections.abc import Iterable
from random import Random
from typing import Any

from chain.kit import View
from derivatives.accounts.state import ACCOUNTS
from derivatives.accounts.transactions import Deposit
from derivatives.block_trades.transactions import Accept
from derivatives.genesis_development import FUTURES, INSTRUMENTS, OPTIONS
from derivatives.insurance.transactions import TakeSlices
from derivatives.liquidation.state import CONVERTING
from derivatives.liquidation.transactions import Convert, Liquidate
from derivatives.margin.transactions import WithdrawCollateral
from derivatives.marks.state import MARKS
from derivatives.orders.bundles.transactions import Bundle, BundleLeg
from derivatives.orders.transactions import CancelAll, Place
from tests import given
from tests.given_blocks import accepting, offering

USD, E8, PPM = 10**6, 10**8, 10**6
WALLET = {"USD": 10**7 * USD, "BTC": 100 * E8, "ETH": 1_000 * E8}
"""What each has beside what it deposits."""
NAMES = ("alice", "bob", "carol", "dave", "erin")
PERPETUALS = {name: INSTRUMENTS[name] for name in ("BTC-PERP", "ETH-PERP")}
(FUTURE,) = FUTURES
DATED = {name: INSTRUMENTS[name] for name in (*FUTURES, *OPTIONS)}
"""A future, and calls and puts on it at three strikes."""
MOST_TRADED = (*PERPETUALS, *PERPETUALS, FUTURE, f"{FUTURE}-64000-C", f"{FUTURE}-64000-P")
"""So that orders meet: few instruments, perpetuals twice as often."""
USUAL = {"BTC": 64_000 * E8, "ETH": 3_200 * E8}
BEGIN_MS = 1_767_225_600_000


def ending(document: dict[str, Any], after_ms: int) -> None:
    """Let what is dated in a genesis end so long after it, with whatever has counted by then."""
    for row in document["tables"]["instrument_expiries"]:
        row |= {
            "expiry_ms": BEGIN_MS + after_ms,
            "coverage_ppm": 1,
            "extensions_max_count": 0,
        }


def account_of(name: str) -> str:
    """Return the account that a name trades with."""
    return given.holder(f"{name}/0")


def placing(
    name: str, instrument: str, side: int, price_ticks: int, lots: int, **how: Any
) -> Place:
    """Return an order at a price, good till cancelled unless said otherwise."""
    fields: dict[str, Any] = {
        "account_holder": account_of(name),
        "instrument": instrument,
        "side": side,
        "price_ticks": price_ticks,
        "size_lots": lots,
        "time_in_force": 1,
        "post_only": False,
        "reduce_only": False,
        "self_trade": 0,
        "client_id": "",
        "good_till_ms": 0,
        "trigger_kind": 0,
        "trigger_ticks": 0,
    }
    return Place(**(fields | how))


def moved(random: Random, prices_e8: dict[str, int], wild_ppm: int) -> dict[str, int]:
    """Return prices a little, or a lot, from these."""

    def step() -> int:
        most = random.choice((9_000, 50_000, wild_ppm))
        return random.randint(-most, most)

    return {
        feed: min(max(E8, price * (PPM + step()) // PPM), 10**6 * E8)
        for feed, price in prices_e8.items()
    }


def ticks_of(world: given.World, instrument: str) -> int:
    """Return what a perpetual's feed says, or what anything else is marked at; at least 1."""
    terms = PERPETUALS.get(instrument, {})
    price_e8 = world.prices_e8.get(str(terms.get("underlying")))
    if price_e8 is not None:
        return price_e8 // int(terms["tick_size_e8"])
    mark = world.view.get(MARKS, instrument)
    return 1 if mark is None else max(1, mark.mark_price_ticks)


class Traders:
    """What the five send in a block, in the order in which a block takes it."""

    def __init__(self, random: Random, names: Iterable[str] = PERPETUALS) -> None:
        """Let the dice decide everything, among these instruments."""
        self.random = random
        self.names = sorted(names)

    def fund(self, world: given.World) -> None:
        """Let everybody put some dollars behind what comes, and some of them coins."""
        random = self.random
        for name in NAMES:
            few = random.random() < 0.3
            dollars = random.randint(1, 2_000) if few else random.randint(2_000, 12_000)
            world.send(name, Deposit(account_of(name), "USD", dollars * USD))
            for asset, most in (("BTC", E8), ("ETH", 10 * E8)):
                if few or random.random() < 0.2:
                    world.send(name, Deposit(account_of(name), asset, random.randint(1, most)))

    def act(self, world: given.World, count: int) -> list[str]:
        """Send so many transactions, of which any may be refused; return why they were."""
        asked = [self.asked(world) for _ in range(count)]
        asked.sort(key=lambda one: int(one[1].transaction_class))
        # A lane a class, so that no order waits for a withdrawal.
        return [
            world.send(name, payload, lane=int(payload.transaction_class)).reason
            for name, payload in asked
        ]

    def asked(self, world: given.World) -> tuple[str, Any]:
        """Return who asks for what."""
        random, view = self.random, world.view
        name = random.choice(NAMES)
        account = account_of(name)
        dice = random.random()
        if self._flagged(view) and random.random() < 0.4:
            return name, self._relief(account, view)
        if dice < 0.06:
            return name, Deposit(account, "USD", random.randint(1, 2_000) * USD)
        if dice < 0.12:
            asset, most = random.choice((("USD", 2_000 * USD), ("BTC", E8), ("ETH", 10 * E8)))
            return name, WithdrawCollateral(account, asset, random.randint(1, most))
        if dice < 0.18:
            return name, CancelAll(account, "")
        if dice < 0.32:
            return name, self._relief(account, view)
        if dice < 0.38:
            return name, self._bundle(name, world)
        if dice < 0.43:
            return name, self._block(name, world)
        return name, self._order(name, world)

    def _relief(self, account: str, view: View) -> Any:
        """Return what a keeper asks for, of somebody who is flagged where there is one."""
        random = self.random
        flagged = self._flagged(view)
        converting = [str(key) for key, _ in view.scan(CONVERTING)]
        if converting and random.random() < 0.5:
            asset, amount = random.choice(("BTC", "ETH")), random.randint(1, E8)
            return Convert(account, random.choice(converting), asset, amount)
        if flagged and random.random() < 0.8:
            return Liquidate(account, random.choice(flagged), random.randint(1, 4))
        return TakeSlices(account, random.randint(1, 4))

    @staticmethod
    def _flagged(view: View) -> list[str]:
        return [str(key) for key, one in view.scan(ACCOUNTS) if one.flagged_ms]

    def _bundle(self, name: str, world: given.World) -> Bundle:
        """Return two or three legs that would pay what somebody asks, the first often closing."""
        random = self.random
        legs = []
        for instrument in random.sample(self.names, min(len(self.names), random.choice((2, 2, 3)))):
            ticks, side = ticks_of(world, instrument), random.choice((1, 2))
            limit = max(1, ticks + (60 if side == 1 else -60))
            lots = random.choice((50, 200, 800))
            legs.append(BundleLeg(instrument, side, lots, limit, random.random() < 0.1))
        return Bundle(account_of(name), tuple(legs), False, 0, random.choice((0, 0, 1)))

    def _block(self, name: str, world: given.World) -> Accept:
        """Return what somebody else offered of a perpetual, near its price, and signed."""
        random = self.random
        other = random.choice([one for one in NAMES if one != name])
        instrument = random.choice(sorted(PERPETUALS))
        ticks = max(1, ticks_of(world, instrument) + random.randint(-100, 100))
        leg = (random.choice((1, 2)), random.choice((1_600, 3_200)), instrument, ticks)
        until_ms = world.head.header.time_ms + 60_000
        number = random.randint(0, 9)
        offer = offering(other, name, leg, expires_ms=until_ms, sequence=number)
        return accepting(name, offer, other, chain_id=world.chain_id)

    def _order(self, name: str, world: given.World) -> Place:
        random = self.random
        instrument = random.choice(self.names)
        ticks = ticks_of(world, instrument)
        side = random.choice((1, 2))
        # More often than not it would pay what somebody asks.
        beyond = random.randint(-30, 60)
        return placing(
            name,
            instrument,
            side,
            max(1, ticks + (beyond if side == 1 else -beyond)),
            random.choice((200, 800, 1_600)),
            time_in_force=random.choice((1, 1, 1, 2)),
            reduce_only=random.random() < 0.1,
        )
