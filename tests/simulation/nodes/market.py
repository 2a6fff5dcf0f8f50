"""Prices that walk, feeders that report them each half second, and people who trade on them."""

from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from chain.codec.canonical import encode
from chain.crypto.signing import SigningKey
from chain.kit import account
from chain.machine.genesis_development import development_seed
from chain.modules.ledger.transactions import Transfer
from derivatives.accounts.transactions import Deposit
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from derivatives.orders.state import (
    GOOD_TILL_CANCELLED,
    IMMEDIATE_OR_CANCEL,
    SIDE_BUY,
    SIDE_SELL,
)
from derivatives.orders.transactions import CancelAll, Place
from node.reports.fault import ReportFault
from node.reports.own import STARTING_PRICES_E8, confidence_of

if TYPE_CHECKING:
    from tests.simulation.nodes.world import World

REPORT_EVERY_US = 500_000
SOURCES_COUNT = 5
USD = 10**6
DEPOSIT_QUANTUMS = 200_000 * USD
INSTRUMENTS = {"BTC-PERP": ("BTC", 50_000_000), "ETH-PERP": ("ETH", 5_000_000)}
"""Instrument -> its feed, and its tick in e8."""


@cache
def _oracle_key(number: int) -> SigningKey:
    return SigningKey.from_seed(development_seed(f"auth{number}/oracle"))


class Market:
    """What the world's prices are, and what somebody may want to do about them."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.rng = Random(world.seed + 3)
        self.prices_e8 = dict(STARTING_PRICES_E8)
        self.reported_count = 0
        self._deposited: dict[bytes, None] = {}

    def begin(self) -> None:
        """Let prices walk and feeders report from now on."""
        self.world.loop.after(REPORT_EVERY_US, self.begin)
        for feed, price_e8 in self.prices_e8.items():
            step_ppm = self.rng.choice((0, 300, -300, 1_000, -1_000, 20_000, -20_000))
            self.prices_e8[feed] = price_e8 + price_e8 * step_ppm // 10**6
        for machine in list(self.world.machines.values()):
            if machine.key is not None and machine.name[1] == 0:
                self.world.loop.after(self.rng.randrange(REPORT_EVERY_US), self._report, machine)

    def _report(self, machine: Any) -> None:
        """A feeder hands its report to the node beside it, if that is up."""
        services = machine.services
        if services is None:
            return
        key = _oracle_key(machine.name[0])
        now_ms = machine.clock.wall_ms()
        quotes = tuple(
            FeedQuote(feed, price_e8, confidence_of(price_e8), SOURCES_COUNT)
            for feed, price_e8 in sorted(self.prices_e8.items())
        )
        report = Report(self.world.genesis.chain_id, 0, round_of(now_ms), now_ms, quotes)
        index = self.world.judge.keys.index(machine.key.public_key)
        signed = SignedReport(index, report, key.sign(report_bytes(report)))
        try:
            services.reports.prices.submit(encode(signed))
        except ReportFault:
            return  # of a round that was said before its clock went back
        self.reported_count += 1

    def wish(self, signer: bytes, others: list[bytes]) -> object:
        """Return the payload of what a customer wants now."""
        rng, holder = self.rng, account(signer, 0)
        if signer not in self._deposited:
            self._deposited[signer] = None
            return Deposit(holder, "USD", DEPOSIT_QUANTUMS)
        dice = rng.random()
        if dice < 0.2:
            return Transfer(rng.choice(others), "USD", rng.choice((1, 5 * USD, 10**15)))
        if dice < 0.3:
            return CancelAll(holder, "")
        instrument = rng.choice(list(INSTRUMENTS))
        feed, tick_size_e8 = INSTRUMENTS[instrument]
        mark_ticks = self.prices_e8[feed] // tick_size_e8
        return Place(
            account_holder=holder,
            instrument=instrument,
            side=rng.choice((SIDE_BUY, SIDE_SELL)),
            price_ticks=mark_ticks + mark_ticks * rng.randrange(-5, 6) // 1_000,
            size_lots=rng.choice((1, 10, 300)),
            time_in_force=rng.choice((GOOD_TILL_CANCELLED, IMMEDIATE_OR_CANCEL)),
            post_only=False,
            reduce_only=False,
            self_trade=0,
            client_id="",
            good_till_ms=0,
            trigger_kind=0,
            trigger_ticks=0,
        )
