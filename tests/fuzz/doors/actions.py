"""The state machine: signed transactions of every kind, in blocks between prices that move.

What is struck here is executed, in a block that stays open and from which it is taken back: nothing
may fail but with a reason, a refusal changes a sequence and a fee alone, what is applied changes
nothing that does not come to zero, and nothing is left.  Some inputs are blocks in a row, each
closed and every invariant looked at.
"""

import random
from typing import Any
from zlib import crc32

from chain.block.receipt import Receipt, decode_receipt
from chain.block.transaction import (
    LIST_KIND,
    body_of,
    list_of,
    parse_transaction,
    sign_bytes_of,
    signed_transaction,
)
from chain.kit import BlockContext, Refusal, wallet
from chain.machine.run import Run, Unfit
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.fees import FEES_HOLDER, ledger_parameters_of
from chain.modules.ledger.state import BALANCES
from chain.modules.signers.lanes import next_sequence
from chain.modules.signers.state import LANES
from derivatives.block_trades.transactions import Accept
from derivatives.orders.state import GOOD_TILL_CANCELLED, SIDE_BUY, SIDE_SELL
from derivatives.orders.transactions import Place
from derivatives.solvency.equations import broken_in
from tests import given
from tests.fuzz.door import Door
from tests.fuzz.market import AFTER_MS, STEPS_PPM, Moment, moments
from tests.fuzz.shape import NAMES, Source, shaped
from tests.given_blocks import accepting, offering
from tests.given_book import placing

IN_A_ROW = 251
"""The second byte of what may be blocks in a row."""

ROWS_ONE_IN = 8
"""So many of these are: a row takes a hundred times as long, and a guided run likes them best."""

BLOCKS_MAX_COUNT = 3
SIGNERS = (*NAMES, *NAMES[:4], *NAMES[:4])
KEPT_MAX_COUNT = 500
"""Inputs in one open block: an overlay remembers every key that it ever heard of."""


class Held:
    """The next block of a moment, open for as long as it is struck."""

    def __init__(self, moment: Moment) -> None:
        """Open it."""
        self.moment = moment
        facts = self.facts = moment.facts(500)
        self.overlay: Any = moment.opened(facts, moment.section(facts)).view
        self.context = BlockContext(
            state=self.overlay,
            chain_id=facts.chain_id,
            epoch=facts.epoch,
            height=facts.height,
            view=facts.view,
            parent_id=facts.parent_id,
            proposer=facts.proposer,
            time_ms=facts.time_ms,
            parent_time_ms=moment.parent.time_ms,
            oracle=b"",
            evidence=(),
        )
        self.struck_count = 0

    def strike(self, source: Source) -> None:
        """Apply what an input says, look at what it changed, and take it back."""
        self.struck_count += 1
        overlay = self.overlay
        mark, changed_count = overlay.mark(), overlay.changed_count()
        applied_count = 0
        for _ in range(1 + source.byte() % 3):
            run = Run(self.moment.world.application, self.context, overlay)
            receipt = sent(run, self.moment, self.facts.height, source)[1]
            applied_count += receipt is not None and receipt.ok
        if applied_count:
            broken = broken_in(self.context)
            assert not broken, broken
        overlay.rollback(mark)
        assert overlay.changed_count() == changed_count, "something was left"


def sent(run: Run, moment: Moment, height: int, source: Source) -> tuple[bytes, Receipt | None]:
    """Apply a transaction, and return its bytes and receipt; without it, if it may not stand."""
    overlay: Any = run.view
    mark = overlay.mark()
    data = _transaction(moment, overlay, height, source)
    if data is None:
        return b"", None
    try:
        transaction = parse_transaction(moment.world.application, moment.world.chain_id, data)
    except Refusal:
        return data, None
    answer = run.apply(transaction)
    if isinstance(answer, Unfit):
        assert overlay.mark() == mark, "what may not stand changed something"
        return data, None
    receipt = decode_receipt(answer)
    if not receipt.ok:
        _must_cost_a_fee_alone(overlay, mark, transaction.body.signer, receipt)
    return data, receipt


def _must_cost_a_fee_alone(overlay: Any, mark: int, signer: bytes, receipt: Receipt) -> None:
    asset = ledger_parameters_of(overlay).fee_asset
    payer = (wallet(signer), asset)
    for (table, place), former in overlay.former_since(mark).items():
        if table is LANES:
            assert place[0] == signer, "somebody else's sequence"
            continue
        assert table is BALANCES, f"a refusal changed {table.name}"
        assert place in {payer, (FEES_HOLDER, asset)}, f"a refusal changed what {place} has"
        before_quantums = 0 if former is None else former.amount_quantums
        change_quantums = balance_of(overlay, place[0], asset) - before_quantums
        assert abs(change_quantums) == receipt.fee_quantums, "not the fee"


def _transaction(moment: Moment, view: Any, height: int, source: Source) -> bytes | None:
    """Return one or several actions of any kind, signed, or None when they cannot be written."""
    name = source.one_of(SIGNERS)
    signer = given.address(name)
    lane = source.byte() % 64
    how = source.byte()
    try:
        actions = [_action(moment, name, source) for _ in range(1 + (how % 3 if how > 230 else 0))]
        body = body_of(
            signer=signer,
            lane=lane,
            sequence=next_sequence(view, signer, lane),
            valid_until_height=height + 10,
            kind=actions[0][0] if len(actions) == 1 else LIST_KIND,
            payload=actions[0][1] if len(actions) == 1 else list_of(actions),
        )
    except (ValueError, OverflowError, TypeError):
        return None
    signing = given.key(name)
    message = sign_bytes_of(moment.world.chain_id, body)
    return signed_transaction(body, [(signing.public_key, signing.sign(message))])


def _action(moment: Moment, name: str, source: Source) -> tuple[int, Any]:
    kind = source.one_of(moment.kinds)
    payload_type = moment.world.application.payload(kind)
    if payload_type is Place and source.byte() % 2:
        return kind, _order(moment, name, source)
    if payload_type is Accept and source.byte() % 2:
        return kind, _acceptance(moment, name, source)
    return kind, shaped(payload_type, source, name, moment.texts)  # type: ignore[arg-type]


def _order(moment: Moment, name: str, source: Source) -> Place:
    """Return an order near the market: some trade."""
    side = (SIDE_BUY, SIDE_SELL)[source.byte() % 2]
    instrument, mark_ticks = source.one_of((("BTC-PERP", 128_000), ("ETH-PERP", 64_000)))
    price_ticks = mark_ticks + 10 * (source.byte() - 128)
    size_lots = 1 + source.byte() * 8
    how = {"time_in_force": GOOD_TILL_CANCELLED, "instrument": instrument}
    return placing(name, side, size_lots, price_ticks, **how)


def _acceptance(moment: Moment, name: str, source: Source) -> Accept:
    """Return a genuine offer of somebody, accepted: large enough for a block, near the mark."""
    offerer = source.one_of(NAMES[:4])
    side = (SIDE_BUY, SIDE_SELL)[source.byte() % 2]
    leg = (side, 1_400 + 4 * source.byte(), "BTC-PERP", 128_000 + 60 * (source.byte() - 128))
    until_ms, number = moment.parent.time_ms + 60_000, source.byte() % 4
    offer = offering(offerer, name, leg, expires_ms=until_ms, sequence=number)
    return accepting(name, offer, offerer, chain_id=moment.world.chain_id)


def _in_a_row(moment: Moment, source: Source) -> None:
    """Make blocks, prices moving between them, and look at everything after each."""
    for _ in range(BLOCKS_MAX_COUNT):
        if source.is_empty:
            return
        moment = moment.moved(STEPS_PPM[source.byte() % len(STEPS_PPM)])
        facts = moment.facts(AFTER_MS[source.byte() % len(AFTER_MS)])
        section = moment.section(facts) if source.byte() % 8 else b""
        run = moment.opened(facts, section)
        pairs = [sent(run, moment, facts.height, source) for _ in range(source.byte() % 6)]
        moment = moment.after(facts, [data for data, kept in pairs if kept], section, run)


_HELD: dict[int, Held] = {}


def _held(place: int) -> Held:
    """Return the open block of a moment, opened anew now and then."""
    held = _HELD.get(place)
    if held is None or held.struck_count >= KEPT_MAX_COUNT:
        held = _HELD[place] = Held(moments()[place])
    return held


def _is_row(data: bytes) -> bool:
    return data[1:2] == bytes([IN_A_ROW]) and crc32(data) % ROWS_ONE_IN == 0


def _row(place: int, data: bytes) -> bytes:
    """Return bytes that make blocks in a row at a moment."""
    head = bytes([place, IN_A_ROW]) + data
    return next(row for end in range(256) if _is_row(row := head + bytes([end])))


def _strike(data: bytes) -> None:
    source = Source(data)
    place = source.byte() % len(moments())
    source.byte()
    if _is_row(data):
        _in_a_row(moments()[place], source)
        return
    held = _held(place)
    try:
        held.strike(source)
    except BaseException:
        del _HELD[place]
        raise


def _seeds() -> list[bytes]:
    """Return each kind at two moments, what a number of bytes makes, and two rows of blocks."""
    dice = random.Random(1)
    count = len(moments()[0].kinds)
    each = [
        bytes([place % 8, 0, 1, place % 4, 0, how, place]) + dice.randbytes(60)
        for place in range(count)
        for how in (0, 255)
    ]
    any_bytes = [bytes([place % 8, 0]) + dice.randbytes(120) for place in range(2 * count)]
    calm = b"".join(bytes([0, 1, 1, 5]) + dice.randbytes(90) for _ in range(BLOCKS_MAX_COUNT))
    wild = bytes([7, 4, 1, 3]) + dice.randbytes(60) + bytes([6, 3, 0, 4]) + dice.randbytes(200)
    return [*each, *any_bytes, _row(0, calm), _row(6, wild)]


def _unharmed() -> None:
    for moment in moments():
        world = moment.world
        assert world.tables.root == world.head.header.state_root
        assert moment.state.root == moment.parent.state_root


DOORS = (Door("actions", _seeds, _strike, _unharmed, input_max_bytes=512),)
