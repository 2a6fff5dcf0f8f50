"""What a signer may ask of the book for an account it trades for.

Source: docs/specs/orders.md, ORDR-010 to ORDR-019, ORDR-040 to ORDR-049.
"""

from typing import ClassVar

from chain.kit import (
    CLASS_POST_ONLY,
    CLASS_RELIEF,
    CLASS_TRADING,
    U8,
    U63,
    Context,
    Refusal,
    record,
    replace,
    require,
)
from derivatives.accounts.authority import require_may_trade
from derivatives.ids import AccountId
from derivatives.instruments.state import INSTRUMENTS, Instrument
from derivatives.kernel import level
from derivatives.marks.state import MARKS
from derivatives.orders import reasons
from derivatives.orders.book import (
    Rested,
    cancel_all,
    cancel_listed,
    find,
    next_order_id,
    shrink,
    withdraw,
)
from derivatives.orders.entry import Request, require_room, require_tradable, submit
from derivatives.orders.events import (
    WHY_ASKED,
    DeadManSet,
    OrderAmended,
    OrderPlaced,
)
from derivatives.orders.matching import SECTION_FOUR, SectionFour
from derivatives.orders.state import (
    BOOK,
    CLIENT_ID_BYTES_MAX,
    CLIENT_IDS,
    DEAD_MEN,
    DEAD_MEN_DUE,
    FILL_OR_KILL,
    GOOD_TILL_CANCELLED,
    IMMEDIATE_OR_CANCEL,
    ORDERS,
    SELF_TRADE_CANCELS_INCOMING,
    SELF_TRADE_CANCELS_RESTING,
    SIDES,
    TRIGGER_STOP,
    TRIGGER_TAKE_PROFIT,
    DeadMan,
    Due,
    Trigger,
)
from derivatives.orders.triggers import direction_of, is_reached, wait

TIMES_IN_FORCE = (GOOD_TILL_CANCELLED, IMMEDIATE_OR_CANCEL, FILL_OR_KILL)
SELF_TRADES = (SELF_TRADE_CANCELS_RESTING, SELF_TRADE_CANCELS_INCOMING)
TRIGGER_KINDS = (0, TRIGGER_STOP, TRIGGER_TAKE_PROFIT)
DEAD_MAN_MS_MIN = 1_000
DEAD_MAN_MS_MAX = 86_400_000


@record
class Place:
    """Place an order, or a stop or take-profit that becomes one.

    `side` 1 buys, 2 sells.  `price_ticks` 0 is market.  `time_in_force` is 1 good till
    cancelled, 2 immediate or cancel, 3 fill or kill.  `self_trade` says what goes when the
    signer meets itself: 0 the resting order, 1 this one.  `trigger_kind` is 0 none, 1 stop,
    2 take-profit, at the mark `trigger_ticks`.  `good_till_ms` 0 is no end.
    """

    account_holder: str
    instrument: str
    side: U8
    price_ticks: int
    size_lots: int
    time_in_force: U8
    post_only: bool
    reduce_only: bool
    self_trade: U8
    client_id: str
    good_till_ms: int
    trigger_kind: U8
    trigger_ticks: int

    @property
    def transaction_class(self) -> int:
        """Return post-only for an order that only adds to the book, else trading."""
        return CLASS_POST_ONLY if self.post_only else CLASS_TRADING

    @property
    def weight(self) -> int:
        """Return the work of one that only rests, or of one that meets a few others."""
        return 2_500 if self.post_only else 4_000

    def check(self) -> None:
        """Refuse an order that is none, or that is two at once.

        Refuses: orders.side_unknown, .size_not_positive, .time_in_force_unknown,
        .self_trade_unknown, .trigger_unknown, .trigger_price_missing, .client_id_malformed,
        .flags_conflict.
        """
        # Each is raised where it is found: an order is checked at every door.
        if self.side not in SIDES:
            raise Refusal(reasons.SIDE_UNKNOWN, side_number=self.side)
        if self.size_lots <= 0:
            raise Refusal(reasons.SIZE_NOT_POSITIVE, size_lots=self.size_lots)
        if self.time_in_force not in TIMES_IN_FORCE:
            raise Refusal(reasons.TIME_IN_FORCE_UNKNOWN, given_number=self.time_in_force)
        if self.self_trade not in SELF_TRADES:
            raise Refusal(reasons.SELF_TRADE_UNKNOWN, given_number=self.self_trade)
        if self.trigger_kind not in TRIGGER_KINDS:
            raise Refusal(reasons.TRIGGER_UNKNOWN, trigger_number=self.trigger_kind)
        if (self.trigger_kind > 0) != (self.trigger_ticks > 0):
            raise Refusal(reasons.TRIGGER_PRICE_MISSING)
        if self.client_id and not is_client_id(self.client_id):
            raise Refusal(reasons.CLIENT_ID_MALFORMED, limit_bytes=CLIENT_ID_BYTES_MAX)
        conflict = self._conflict()
        if conflict:
            raise Refusal(reasons.FLAGS_CONFLICT, what=conflict)

    def _conflict(self) -> str:
        """Return which two wishes exclude each other, or nothing."""
        at_once = self.time_in_force != GOOD_TILL_CANCELLED
        market = self.price_ticks == 0
        if self.post_only:
            if at_once:
                return "post-only and immediate"
            if market:
                return "post-only and market"
            if self.trigger_kind > 0:
                return "post-only and triggered"
        if market and not at_once:
            return "market and good till cancelled"
        if self.good_till_ms > 0 and at_once and self.trigger_kind == 0:
            return "immediate and good till a time"
        return ""

    def apply(self, context: Context) -> None:
        """Take the order in: let it meet the book and rest, or wait for the mark."""
        account = self.account_holder
        compartment = require_may_trade(context, account).compartment
        state = context.state
        instrument = state.get(INSTRUMENTS, self.instrument)
        require(instrument is not None, reasons.INSTRUMENT_UNKNOWN, instrument=self.instrument)
        assert instrument is not None
        require(
            instrument.compartment == compartment,
            reasons.COMPARTMENT_DIFFERS,
            instrument=self.instrument,
            compartment=instrument.compartment,
        )
        require_room(state, account, compartment, self.client_id)
        order_id = next_order_id(state, compartment)
        request = self._request(context, order_id, instrument)
        if self.trigger_kind:
            self._require_waits(context, request)
            self._tell(context, order_id)
            wait(state, self.instrument, self._trigger(context, order_id))
            context.touch(account)
            return
        require_tradable(state, request, context.time_ms)
        self._tell(context, order_id)
        submit(context, request, SECTION_FOUR)

    def _request(self, context: Context, order_id: int, instrument: Instrument) -> Request:
        return Request(
            order_id=order_id,
            priority=order_id,
            account=self.account_holder,
            instrument_id=self.instrument,
            instrument=instrument,
            side=self.side,
            price_ticks=self.price_ticks,
            size_lots=self.size_lots,
            filled_lots=0,
            time_in_force=self.time_in_force,
            post_only=self.post_only,
            reduce_only=self.reduce_only,
            self_trade=self.self_trade,
            client_id=self.client_id,
            good_till_ms=self.good_till_ms,
            placed_ms=context.time_ms,
            placed_height=context.height,
        )

    def _trigger(self, context: Context, order_id: int) -> Trigger:
        return Trigger(
            order_id=order_id,
            account_holder=self.account_holder,
            side=self.side,
            trigger_kind=self.trigger_kind,
            trigger_ticks=self.trigger_ticks,
            price_ticks=self.price_ticks,
            size_lots=self.size_lots,
            time_in_force=self.time_in_force,
            reduce_only=self.reduce_only,
            self_trade=self.self_trade,
            client_id=self.client_id,
            good_till_ms=self.good_till_ms,
            placed_ms=context.time_ms,
            placed_height=context.height,
        )

    def _require_waits(self, context: Context, request: Request) -> None:
        """Refuse a trigger that would not wait.

        Refuses: orders.price_stale, .expired, .trigger_reached.  What else the market
        refuses is judged when the mark reaches it.
        """
        mark = context.state.get(MARKS, self.instrument)
        require(mark is not None, reasons.PRICE_STALE, instrument=self.instrument)
        assert mark is not None
        require(
            request.good_till_ms == 0 or context.time_ms < request.good_till_ms,
            reasons.EXPIRED,
            good_till_ms=request.good_till_ms,
            time_ms=context.time_ms,
        )
        direction = direction_of(self.trigger_kind, self.side)
        require(
            not is_reached(direction, self.trigger_ticks, mark.mark_price_ticks),
            reasons.TRIGGER_REACHED,
            trigger_ticks=self.trigger_ticks,
            mark_price_ticks=mark.mark_price_ticks,
        )

    def _tell(self, context: Context, order_id: int) -> None:
        context.emit(
            OrderPlaced(
                order_id,
                self.account_holder,
                self.instrument,
                self.side,
                self.price_ticks,
                self.size_lots,
                self.time_in_force,
                self.post_only,
                self.reduce_only,
                self.client_id,
                self.trigger_ticks,
            )
        )


def is_taken_in(order: Place, context: Context) -> bool:
    """Take a plain order in by the kernel, which margins by the rules alone; return whether it did.

    Where it did not, nothing was changed, and `check` and `apply` do all.
    """
    return type(SECTION_FOUR) is SectionFour and level.place(order, context)


@record
class Amend:
    """Change the price of a resting order, or how much of it is left.

    One that only shrinks keeps its place in time; any other is placed anew under its number
    and may meet the book.
    """

    transaction_class: ClassVar[int] = CLASS_TRADING
    weight: ClassVar[int] = 5_000

    account_holder: str
    order_id: U63
    price_ticks: int
    remaining_lots: int

    def check(self) -> None:
        """Refuse a price or a rest of nothing."""
        require(self.price_ticks > 0, reasons.PRICE_NOT_POSITIVE)
        lots = self.remaining_lots
        require(lots > 0, reasons.SIZE_NOT_POSITIVE, size_lots=lots)

    def apply(self, context: Context) -> None:
        """Shrink the order where it stands, or place it anew."""
        account, order_id = self.account_holder, self.order_id
        compartment = require_may_trade(context, account).compartment
        place = context.state.get(ORDERS, (account, order_id))
        require(place is not None, reasons.ORDER_UNKNOWN, order_id=order_id)
        rested = find(context.state, account, order_id)
        require(rested is not None, reasons.TRIGGER_NOT_AMENDABLE, order_id=order_id)
        assert rested is not None
        order = rested.order
        price_kept = self.price_ticks == order.price_ticks
        same = price_kept and self.remaining_lots == order.remaining_lots
        require(not same, reasons.NOTHING_AMENDED, order_id=order_id)
        kept = price_kept and self.remaining_lots < order.remaining_lots
        context.emit(OrderAmended(order_id, self.price_ticks, self.remaining_lots, kept))
        context.touch(account)
        if kept:
            self._shrink(context, rested)
        else:
            self._place_anew(context, rested, compartment)

    def _shrink(self, context: Context, rested: Rested) -> None:
        cut_lots = rested.order.remaining_lots - self.remaining_lots
        left = shrink(context.state, rested, self.remaining_lots)
        changed = replace(
            left.order,
            size_lots=left.order.size_lots - cut_lots,
            changed_ms=context.time_ms,
            changed_height=context.height,
        )
        context.state.put(BOOK, rested.key, changed)

    def _place_anew(self, context: Context, rested: Rested, compartment: str) -> None:
        state, order = context.state, rested.order
        withdraw(state, rested)
        instrument = state.get(INSTRUMENTS, rested.instrument_id)
        assert instrument is not None
        request = Request(
            order_id=order.order_id,
            priority=next_order_id(state, compartment),
            account=order.account_holder,
            instrument_id=rested.instrument_id,
            instrument=instrument,
            side=rested.side,
            price_ticks=self.price_ticks,
            size_lots=self.remaining_lots,
            filled_lots=order.size_lots - order.remaining_lots,
            time_in_force=GOOD_TILL_CANCELLED,
            post_only=order.post_only,
            reduce_only=order.reduce_only,
            self_trade=order.self_trade,
            client_id=order.client_id,
            good_till_ms=order.good_till_ms,
            placed_ms=order.placed_ms,
            placed_height=order.placed_height,
        )
        require_tradable(state, request, context.time_ms)
        submit(context, request, SECTION_FOUR)


@record
class Cancel:
    """Cancel an open order or trigger, by its number or, where that is 0, by its client id."""

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 1_500

    account_holder: str
    order_id: U63
    client_id: str

    def check(self) -> None:
        """Refuse both a number and a client id."""
        both = self.order_id > 0 and self.client_id != ""
        require(not both, reasons.FLAGS_CONFLICT, what="a number and a client id")

    def apply(self, context: Context) -> None:
        """Cancel the order."""
        account, order_id = self.account_holder, self.order_id
        require_may_trade(context, account)
        if self.client_id:
            require(
                is_client_id(self.client_id),
                reasons.CLIENT_ID_MALFORMED,
                limit_bytes=CLIENT_ID_BYTES_MAX,
            )
            named = context.state.get(CLIENT_IDS, (account, self.client_id))
            if named is None:
                raise Refusal(reasons.CLIENT_ID_UNKNOWN, client_id=self.client_id)
            order_id = named.order_id
        cancelled = cancel_listed(context, account, order_id, WHY_ASKED)
        require(cancelled, reasons.ORDER_UNKNOWN, order_id=order_id)


@record
class CancelAll:
    """Cancel an account's open orders and triggers: all, or those of one instrument."""

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 10_000

    account_holder: str
    instrument: str

    def check(self) -> None:
        """Refuse nothing: state decides."""

    def apply(self, context: Context) -> None:
        """Cancel what there is; that there is nothing is fine."""
        require_may_trade(context, self.account_holder)
        unknown = self.instrument and context.state.get(INSTRUMENTS, self.instrument) is None
        require(not unknown, reasons.INSTRUMENT_UNKNOWN, instrument=self.instrument)
        cancel_all(context, self.account_holder, self.instrument, WHY_ASKED)


@record
class SetDeadMan:
    """Let all of an account's orders end after `timeout_ms`, unless this is sent again; 0: off."""

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 1_500

    account_holder: str
    timeout_ms: int

    def check(self) -> None:
        """Refuse a time that is too short to be met, or too long to mean anything."""
        in_range = DEAD_MAN_MS_MIN <= self.timeout_ms <= DEAD_MAN_MS_MAX
        require(
            self.timeout_ms == 0 or in_range,
            reasons.DEAD_MAN_OUT_OF_RANGE,
            timeout_ms=self.timeout_ms,
            lowest_ms=DEAD_MAN_MS_MIN,
            highest_ms=DEAD_MAN_MS_MAX,
        )

    def apply(self, context: Context) -> None:
        """Move the deadline from here on."""
        account = self.account_holder
        require_may_trade(context, account)
        deadline_ms = context.time_ms + self.timeout_ms if self.timeout_ms else 0
        move_dead_man(context, account, deadline_ms)
        context.emit(DeadManSet(account, deadline_ms))


def move_dead_man(context: Context, account: AccountId, deadline_ms: int) -> None:
    """Set an account's deadline in place of the one it had; zero takes it away."""
    state = context.state
    before = state.get(DEAD_MEN, account)
    if before is not None:
        state.delete(DEAD_MEN_DUE, (before.deadline_ms, account))
        state.delete(DEAD_MEN, account)
    if deadline_ms:
        state.put(DEAD_MEN, account, DeadMan(deadline_ms))
        state.put(DEAD_MEN_DUE, (deadline_ms, account), Due(deadline_ms))


def is_client_id(text: str) -> bool:
    """Return whether an account may call an order this: printable ASCII, no spaces, or nothing.

    >>> is_client_id("grid-7"), is_client_id("two words"), is_client_id("")
    (True, False, True)
    """
    return len(text) <= CLIENT_ID_BYTES_MAX and all("!" <= letter <= "~" for letter in text)
