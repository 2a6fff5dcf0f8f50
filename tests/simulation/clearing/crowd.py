"""Five who do all that the chain takes, for themselves and for each other, with several accounts.

Perpetuals, a future through its end, options, gold; orders of every kind, triggers, amendments,
dead man's switches, bundles, offers and their revocation; delegates, agents, keepers; isolated
and portfolio accounts; coins, debts and conversion; signed lists; prices that gap, feeds that
fall silent, hours without a block.  Every block is executed with the kernel, by its twin and
over a disk; the equations hold after each, and the auditor agrees to the quantum.

.venv/bin/python -m tests.simulation.clearing.crowd FIRST_SEED COUNT
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from chain.kit import View, replace, wallet
from chain.kit.fields import fields_of
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.transactions import AddAgent, RemoveAgent
from derivatives.accounts.state import ACCOUNTS, DELEGATES, MODE_CROSS, MODE_ISOLATED
from derivatives.accounts.transactions import AddDelegate, Deposit, Open, RemoveDelegate
from derivatives.block_trades.transactions import Revoke
from derivatives.instruments.state import TRADING, TRADING_EXPIRED
from derivatives.margin.transactions import SetSchedule, WithdrawCollateral
from derivatives.orders.state import BOOK, TRIGGERS
from derivatives.orders.transactions import Amend, Cancel, CancelAll, Place, SetDeadMan
from derivatives.solvency.state import FROZEN
from derivatives.synthetics.transactions import Burn, Mint, Redeem
from tests import given
from tests.simulation.clearing.auditor import FUND, INSURANCE, Auditor
from tests.simulation.clearing.cluster import Cluster, Disk, Twin, run_all
from tests.simulation.clearing.market import agree_with_state, terms_of_instruments
from tests.simulation.clearing.traders import (
    BEGIN_MS,
    E8,
    FUTURE,
    MOST_TRADED,
    NAMES,
    USD,
    USUAL,
    WALLET,
    Traders,
    ending,
    ticks_of,
)

GOLD = "sGOLD"
SIZES_LOTS = (100, 1_000, 5_000, 20_000)
DAY_MS = 86_400_000
TRADING_KINDS = (3101, 3102, 3103, 3104)
BOUNDS = (0, 1, 255, 2**32, 2**53, 2**56 - 1, 2**56, 2**56 + 1, 2**62 - 1, 2**62, 2**63 - 1, -1)
GAPS_MS = (100, *(500,) * 16, 2_500, 9_000)
NAME_OF = {given.address(name): name for name in NAMES}


class Crowd(Traders):
    """What the five send: whatever there is, a signer often for somebody else's account."""

    def __init__(self, random: Random, names: Iterable[str], wealth: int = 1) -> None:
        """Let the dice decide everything, of this many times the usual amounts."""
        super().__init__(random, names)
        self.wealth = wealth

    def asked(self, world: given.World) -> tuple[str, Any]:
        """Return who asks for what: an owner mostly, or somebody who may trade, or may not."""
        random, view = self.random, world.view
        name = random.choice(NAMES)
        if random.random() < 0.35:
            name, payload = super().asked(world)
        else:
            acts = (self._order_of, self._end, self._amend, self._gold, self._owned, self._access)
            payload = random.choices(acts, (20, 3, 5, 6, 5, 3))[0](name, world)
        known = view.get(ACCOUNTS, getattr(payload, "account_holder", ""))
        if known is None:
            return name, payload
        if random.random() < 0.9:
            return NAME_OF[known.owner], payload
        account = payload.account_holder
        let = [one[1] for one, _ in view.scan(DELEGATES, (account,))]
        return NAME_OF[random.choice(let)] if let else name, payload

    def _own(self, name: str, view: View) -> str:
        """Return one of a name's accounts, mostly the first."""
        owner = given.address(name)
        mine = [str(key) for key, one in view.scan(ACCOUNTS) if one.owner == owner]
        return self.random.choice(mine) if mine else given.holder(f"{name}/0")

    def _order_of(self, name: str, world: given.World) -> Place:
        """Return an order with whatever an order may have."""
        random = self.random
        order: Place = self._order(name, world)
        order = replace(order, account_holder=self._own(name, world.view))
        ticks = ticks_of(world, order.instrument)
        near = max(1, ticks + random.randint(-200, 200))
        time_ms = world.head.header.time_ms
        order = replace(order, size_lots=order.size_lots * random.choice((1, 1, 2, 4)))
        return replace(
            order,
            **random.choice(
                (
                    {"time_in_force": 3},
                    {"time_in_force": 2, "price_ticks": 0},
                    {"time_in_force": 1, "post_only": True},
                    {"time_in_force": 1, "good_till_ms": time_ms + random.choice((400, 3_000))},
                    {"client_id": f"name-{random.randint(0, 3)}"},
                    {"self_trade": 1},
                    {"trigger_kind": random.choice((1, 2)), "trigger_ticks": near},
                    {
                        "trigger_kind": 1,
                        "trigger_ticks": near,
                        "time_in_force": 2,
                        "price_ticks": 0,
                        "reduce_only": True,
                    },
                    {"reduce_only": True},
                    {"price_ticks": near},
                )
            ),
        )

    def _open_order(self, view: View) -> Any:
        found = [order for table in (BOOK, TRIGGERS) for _, order in view.scan(table)]
        return self.random.choice(found) if found else None

    def _end(self, name: str, world: given.World) -> Any:
        """Return what ends orders, now or later."""
        random, mine = self.random, self._own(name, world.view)
        order = self._open_order(world.view)
        if order is not None and random.random() < 0.5:
            return Cancel(order.account_holder, order.order_id, "")
        return random.choice(
            (
                Cancel(mine, 0, f"name-{random.randint(0, 3)}"),
                CancelAll(mine, random.choice(self.names)),
                SetDeadMan(mine, random.choice((0, 1_000, 5_000))),
                Revoke(mine, random.randint(0, 5)),
            )
        )

    def _amend(self, name: str, world: given.World) -> Any:
        random, order = self.random, self._open_order(world.view)
        if order is None:
            return self._order(name, world)
        left = getattr(order, "remaining_lots", 100)
        lots = max(1, left + random.choice((-100, -1, 0, 1, 400)))
        ticks = max(1, order.price_ticks + random.choice((0, 0, -50, 50)))
        return Amend(order.account_holder, order.order_id, ticks, lots)

    def _gold(self, name: str, world: given.World) -> Any:
        """Return what is asked of gold, or done with it."""
        random, account = self.random, self._own(name, world.view)
        lots = random.choice(SIZES_LOTS)
        held = balance_of(world.view, wallet(given.address(name)), GOLD)
        some = max(100, min(lots, held))
        acts = (
            Mint(account, GOLD, lots),
            Burn(account, GOLD, some),
            Redeem(GOLD, some),
            Deposit(account, GOLD, some),
            WithdrawCollateral(account, GOLD, some),
            Transfer(given.address(random.choice(NAMES)), GOLD, some),
        )
        return random.choices(acts, (4, 1, 2, 1, 1, 1))[0]

    def _owned(self, name: str, world: given.World) -> Any:
        """Return what an owner does with accounts."""
        random, view = self.random, world.view
        mine, mode = self._own(name, view), random.choice((MODE_CROSS, MODE_ISOLATED))
        asset, most = random.choice((("USD", 150_000 * USD), ("BTC", E8), ("ETH", 9 * E8)))
        most *= self.wealth
        return random.choice(
            (
                Open(given.holder(f"{name}/{random.randint(1, 3)}"), "main", mode, "standard"),
                SetSchedule(mine, random.choice(("portfolio", "standard"))),
                Deposit(mine, asset, random.randint(1, most)),
                WithdrawCollateral(mine, asset, random.choice((1, random.randint(1, most)))),
            )
        )

    def _access(self, name: str, world: given.World) -> Any:
        """Return what lets somebody else act, or ends it."""
        random, mine = self.random, self._own(name, world.view)
        other = given.address(random.choice(NAMES))
        key = given.address(f"agent of {name}")
        time_ms = world.head.header.time_ms
        ends_ms = time_ms + random.choice((1_000, DAY_MS))
        return random.choice(
            (
                AddDelegate(mine, other, ends_ms),
                AddDelegate(mine, other, ends_ms),
                RemoveDelegate(mine, other),
                AddAgent(key, ends_ms, TRADING_KINDS, ()),
                RemoveAgent(key),
            )
        )

    def _undone(self, world: given.World) -> tuple[str, list[Any]]:
        """Return who sends what undoes itself, up to 32 times in one list."""
        random, name = self.random, self.random.choice(NAMES)
        mine, other = self._own(name, world.view), given.address(random.choice(NAMES))
        order = self._order(name, world)
        order = replace(order, account_holder=mine, client_id="undone", time_in_force=1)
        pairs: tuple[tuple[Any, Any], ...] = (
            (order, Cancel(mine, 0, "undone")),
            (order, CancelAll(mine, "")),
            (Deposit(mine, "USD", 7), WithdrawCollateral(mine, "USD", 7)),
            (Deposit(mine, "BTC", 7), WithdrawCollateral(mine, "BTC", 7)),
            (AddDelegate(mine, other, BEGIN_MS + 9 * DAY_MS), RemoveDelegate(mine, other)),
            (SetSchedule(mine, "portfolio"), SetSchedule(mine, "standard")),
            (SetDeadMan(mine, 5_000), SetDeadMan(mine, 0)),
        )
        return name, [*random.choice(pairs)] * random.choice((1, 3, 32))

    def _bent(self, payload: Any) -> Any:
        """Return the same with a number at some bound, once in thirty."""
        random = self.random
        numbers = [one.name for one in fields_of(type(payload)) if one.form == "integer"]
        if not numbers or random.random() < 0.97:
            return payload
        return replace(payload, **{random.choice(numbers): random.choice(BOUNDS)})

    def act(self, world: given.World, count: int) -> list[str]:
        """Send so many transactions, some of them lists, some by an agent; return the refusals."""
        random, view = self.random, world.view
        self.names = [name for name in MOST_TRADED if not _has_ended(view, name)]
        sent: list[tuple[int, str, list[Any]]] = []
        for _ in range(count):
            name, payload = self.asked(world)
            payloads = [payload]
            if random.random() < 0.05:
                name, payloads = self._undone(world)
            elif random.random() < 0.15:
                more = (self.asked(world)[1] for _ in range(random.choice((1, 3, 9))))
                payloads += [one for one in more if one.transaction_class != 0]
            payloads = [self._bent(one) for one in payloads]
            place = max(int(one.transaction_class) for one in payloads)
            sent.append((place, name, payloads))
        reasons = []
        for place, name, payloads in sorted(sent, key=lambda one: one[0]):
            keys = [f"agent of {name}"] if random.random() < 0.1 else None
            how: dict[str, Any] = {"lane": place, "keys": keys}
            reasons.append(world.send(name, *payloads, **how).reason)
        return reasons


def _has_ended(view: View, instrument: str) -> bool:
    known = view.get(TRADING, instrument)
    return known is not None and known.state == TRADING_EXPIRED


def run(seed: int, folder: Path, blocks: int = 40) -> Counter[str]:
    """Let a crowd act on a chain of this seed; hold every block; return what was met."""
    random = Random(seed)
    ends_ms = random.choice((40_000, 90_000, 45 * DAY_MS))
    funds = {INSURANCE: random.choice((0, 10**4 * USD)), FUND: random.choice((0, 500 * USD))}
    wealth = random.choice((1, 1, 20))
    wallets = {asset: wealth * amount for asset, amount in WALLET.items()}
    held = dict.fromkeys(NAMES, wallets) | {name: {"USD": sum_} for name, sum_ in funds.items()}
    plain = given.world(held, change=lambda document: ending(document, ends_ms))
    application, genesis = plain.application, plain.genesis
    twin, disk = Twin(application, genesis), Disk(application, genesis, folder / f"{seed}")
    cluster = Cluster(application, genesis, plain.tables, plain.head, members=[twin, disk])
    cluster.random = random
    auditor = Auditor(terms_of_instruments(), funds)
    crowd = Crowd(random, MOST_TRADED, wealth)
    usual = USUAL | {FUTURE: 64_000 * E8, "GOLD": 4_000 * E8}
    cluster.prices_e8 = dict(usual)
    cluster.volatilities_ppm = {"BTC": 600_000}
    crowd.fund(cluster)
    cluster.close_block()
    drift_ppm = random.choice((0, -5_000, 5_000))
    silent: dict[str, int] = {}
    for number in range(blocks):
        pause_ms = random.choice(GAPS_MS) if number else 2_000
        if random.random() < 0.02:
            pause_ms = 3_590_000
        cluster.open_block(pause_ms)
        if number >= 2:
            for reason in crowd.act(cluster, random.randint(0, 24)):
                cluster.met[reason or "applied"] += 1
        cluster.close_block()
        agree_with_state(cluster, auditor, cluster.met)
        assert [] == list(cluster.tables.scan(FROZEN))
        if random.random() < 0.05:
            random.choice((twin, disk)).crash()
        if silent and random.random() < 0.5:
            cluster.prices_e8 |= silent
            silent = {}
        if number >= 5 and random.random() < 0.7:
            most_ppm = random.choice((*(4_000,) * 8, 30_000, 400_000))
            for feed, price_e8 in cluster.prices_e8.items():
                step_ppm = drift_ppm + random.randint(-most_ppm, most_ppm)
                step_e8 = price_e8 * step_ppm // 10**6
                cluster.prices_e8[feed] = min(max(E8, price_e8 + step_e8), 10**6 * E8)
            if random.random() < 0.06:
                feed = random.choice([*cluster.prices_e8])
                silent[feed] = cluster.prices_e8.pop(feed)
        cluster.volatilities_ppm = {"BTC": 600_000} if "BTC" in cluster.prices_e8 else {}
    assert 1 == len({member.tables.root for member in (cluster, twin, disk)})
    disk.storage.close()
    return cluster.met


if __name__ == "__main__":
    run_all(run)
