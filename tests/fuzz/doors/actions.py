"""The state machine: signed transactions of every kind, and blocks between prices that move.

What is struck here is executed: nothing may fail but with a reason, a refusal changes a sequence
and a fee alone, and every invariant holds after every block.
"""

from dataclasses import dataclass
from typing import Any

from chain.block.header import block_id_of
from chain.block.transaction import body_of, parse_transaction, sign_bytes_of, signed_transaction
from chain.kit import Refusal
from chain.machine.audit import run_invariants
from chain.machine.run import BlockFacts, Outcome, Unfit, open_block, seal
from chain.modules.authorities.sets import authorities_of, authority_set_of
from chain.modules.signers.lanes import next_sequence
from derivatives.accounts.transactions import Deposit
from derivatives.block_trades.transactions import Accept
from derivatives.oracle.section import (
    FeedQuote,
    Report,
    SignedReport,
    assembled_section,
    report_bytes,
    round_of,
)
from derivatives.orders.state import GOOD_TILL_CANCELLED, SIDE_BUY, SIDE_SELL
from derivatives.orders.transactions import Place
from tests import given
from tests.fuzz.door import Door
from tests.fuzz.shape import NAMES, Source, shaped
from tests.given import World, address, key
from tests.given_blocks import accepting, offering
from tests.given_book import placing

PRICES_E8 = {"BTC": 6_400_000_000_000, "ETH": 320_000_000_000}
USD = 10**6


def _market() -> World:
    """Return a chain with an open book, resting orders on both sides, and positions."""
    world = given.world()
    world.prices_e8 = dict(PRICES_E8)
    for _ in range(8):
        world.close_block()
    for name in NAMES[:4]:
        amount = Deposit(given.holder(f"{name}/0"), "USD", 20_000 * USD)
        assert world.send(name, amount).reason == ""
    world.close_block()
    for name, side, size_lots, price_ticks in (
        ("alice", SIDE_SELL, 900, 128_100),
        ("bob", SIDE_BUY, 600, 128_100),
        ("carol", SIDE_BUY, 500, 127_800),
        ("dave", SIDE_SELL, 500, 128_400),
    ):
        answer = world.send(name, placing(name, side, size_lots, price_ticks))
        assert answer.reason == "", (answer.reason, answer.facts)
        world.close_block()
    return world


@dataclass
class _Branch:
    """Blocks on the market that nobody keeps."""

    world: World
    state: Any
    parent: Any
    prices_e8: dict[str, int]

    def block(self, source: Source) -> None:
        """Execute a block of made-up transactions, and look at everything."""
        after_ms = (500, 500, 1_000, 3_000, 31_000)[source.byte() % 5]
        facts = self._facts(after_ms)
        section = self._section(facts) if source.byte() % 8 else b""
        run = open_block(self.world.application, self.state, facts, section, ())
        sent: list[bytes] = []
        for _ in range(source.byte() % 6):
            data = self._transaction(run.view, facts.height, source)
            if data is None:
                continue
            try:
                transaction = parse_transaction(self.world.application, facts.chain_id, data)
            except Refusal:
                continue
            if not isinstance(run.apply(transaction), Unfit):
                sent.append(data)
        outcome = run.close()
        breaches = run_invariants(self.world.application, outcome.overlay)
        assert breaches == [], breaches
        self._take(facts, sent, section, outcome)

    def _take(self, facts: BlockFacts, sent: list[bytes], section: bytes, outcome: Outcome) -> None:
        self.parent = seal(facts, tuple(sent), section, (), outcome).header
        self.state = outcome.overlay

    def _facts(self, after_ms: int) -> BlockFacts:
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

    def _section(self, facts: BlockFacts) -> bytes:
        quotes = tuple(
            FeedQuote(feed, price_e8, max(1, price_e8 // 1_000), 3)
            for feed, price_e8 in sorted(self.prices_e8.items())
        )
        report = Report(facts.chain_id, facts.epoch, round_of(facts.time_ms), facts.time_ms, quotes)
        listed, voters = authorities_of(self.state, 0), authority_set_of(self.state, 0)
        assert listed is not None
        assert voters is not None
        keys = [key(f"{member.name}/oracle") for member in listed.members]
        message = report_bytes(report)
        newest = {
            place: SignedReport(place, report, oracle_key.sign(message))
            for place, oracle_key in enumerate(keys)
        }
        return assembled_section(
            self.state,
            newest,
            time_ms=facts.time_ms,
            oracle_keys=[oracle_key.public_key for oracle_key in keys],
            quorum_count=voters.quorum,
        )

    def _transaction(self, view: Any, height: int, source: Source) -> bytes | None:
        """Return a signed transaction of any kind, or None when its fields cannot be written."""
        application = self.world.application
        kind = source.one_of(sorted(application.kinds))
        name = source.one_of(NAMES)
        payload_type = application.payload(kind)
        if payload_type is None:
            return None
        signer = address(name)
        try:
            body = body_of(
                signer=signer,
                lane=0,
                sequence=next_sequence(view, signer, 0),
                valid_until_height=height + 10,
                kind=kind,
                payload=_payload(payload_type, name, source, self.parent.time_ms + 60_000),
            )
        except (ValueError, OverflowError, TypeError):
            return None
        signing = key(name)
        message = sign_bytes_of(self.world.chain_id, body)
        return signed_transaction(body, [(signing.public_key, signing.sign(message))])


def _payload(payload_type: type[Any], name: str, source: Source, until_ms: int) -> Any:
    """Return a payload; orders and blocks are near the market half of the time: some trade."""
    if payload_type is Place and source.byte() % 2:
        side = (SIDE_BUY, SIDE_SELL)[source.byte() % 2]
        price_ticks = 128_000 + 10 * (source.byte() - 128)
        size_lots = 1 + source.byte() * 8
        return placing(name, side, size_lots, price_ticks, time_in_force=GOOD_TILL_CANCELLED)
    if payload_type is Accept and source.byte() % 2:
        return _acceptance(name, source, until_ms)
    return shaped(payload_type, source, name)


def _acceptance(name: str, source: Source, until_ms: int) -> Accept:
    """Return a genuine offer of somebody, accepted: large enough for a block, near the mark."""
    offerer = source.one_of(NAMES[:4])
    side = (SIDE_BUY, SIDE_SELL)[source.byte() % 2]
    leg = (side, 1_400 + 4 * source.byte(), "BTC-PERP", 128_000 + 60 * (source.byte() - 128))
    number = source.byte() % 4
    offer = offering(offerer, name, leg, expires_ms=until_ms, sequence=number)
    return accepting(name, offer, offerer, chain_id=_MARKET.chain_id)


_MARKET = _market()


def _strike(data: bytes) -> None:
    source = Source(data)
    branch = _Branch(_MARKET, _MARKET.tables, _MARKET.head.header, dict(PRICES_E8))
    for _ in range(5):
        if source.is_empty:
            return
        for feed in sorted(branch.prices_e8):
            step_ppm = (0, 0, 3_000, -3_000, 9_000, -9_000, 200_000, -400_000)[source.byte() % 8]
            branch.prices_e8[feed] += branch.prices_e8[feed] * step_ppm // 1_000_000
        branch.block(source)


def _seeds() -> list[bytes]:
    kind_count = len(_MARKET.application.kinds)
    head = bytes([0, 0, 0, 1, 4])
    return [
        head + b"".join(bytes([place, place % 4, 1, 1, 128, 60]) for _ in range(4)) + bytes(40)
        for place in range(kind_count)
    ] + [bytes([5, 5]) * 60, bytes([7, 7, 0, 1, 0]) * 5, bytes(range(256))]


def _unharmed() -> None:
    assert _MARKET.tables.root == _MARKET.head.header.state_root


DOORS = (Door("actions", _seeds, _strike, _unharmed, input_max_bytes=512),)
