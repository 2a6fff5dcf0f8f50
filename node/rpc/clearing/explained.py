"""Say of each event of clearing which rule it follows and how its numbers come about.

What can be computed again is: the equation stands there with its numbers, so that anybody can
do it by hand from the pages of docs/specs.

Source: docs/specs/rpc.md, RPC-135.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chain.kit.holder import text_of_holder
from derivatives.accounts.events import DebtInterestCharged
from derivatives.block_trades.events import BlockTraded
from derivatives.futures.events import PositionSettled
from derivatives.insurance import events as insurance
from derivatives.liquidation import events as liquidation
from derivatives.margin import events as margin
from derivatives.orders.events import BundleFilled
from derivatives.perpetuals import events as perpetuals
from derivatives.solvency.events import CompartmentFrozen
from derivatives.synthetics import events as synthetics
from derivatives.trades.events import Traded
from node.rpc.methods.trading.units import Units, per_cent, signed_e8

Lines = list[str]


class Telling(NamedTuple):
    """What turns integers into words, and what else was told by the same receipt."""

    units: Units
    beside: Sequence[Any] = ()

    def amount(self, quantums: int, asset: str = "") -> str:
        """Return an amount in whole units, of the settlement asset where none is named."""
        return self.units.shown("amount_quantums", quantums, {"asset": asset} if asset else {})

    def leg(self, instrument: str, lots: int, ticks: int | None = None) -> str:
        """Return lots of an instrument in words, with a price where there is one."""
        terms = self.units.instruments.get(instrument)
        size = signed_e8(abs(lots) * terms.lot_size_e8) if terms else f"{abs(lots)} lots"
        price = "" if ticks is None else f" at {self.price(instrument, ticks)}"
        return f"{size} {instrument}{price}"

    def price(self, instrument: str, ticks: int) -> str:
        """Return a price in words."""
        terms = self.units.instruments.get(instrument)
        return signed_e8(ticks * terms.tick_size_e8) if terms else f"{ticks} ticks"

    def sibling(self, kind: type[Any]) -> Any:
        """Return the event of a kind that the same receipt tells, None without one."""
        return next((one for one in self.beside if isinstance(one, kind)), None)


def explained(event: Any, telling: Telling) -> Lines:
    """Return what an event follows from, in the order to read; nothing for one of no clearing."""
    explain = EXPLANATIONS.get(type(event))
    return explain(event, telling) if explain is not None else []


def _traded(event: Traded, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots, event.price_ticks)
    buyer, seller = text_of_holder(event.buyer_holder), text_of_holder(event.seller_holder)
    lines = [f"trade {event.trade_count}: {buyer} bought {what} of {seller} (TRAD-001)"]
    terms = telling.units.instruments.get(event.instrument)
    if telling.sibling(BlockTraded) is not None:
        return [*lines, "agreed off the book: the fee is that of the block (BLTR-030, BLTR-031)"]
    if not event.taker_side or terms is None:
        return [*lines, "nobody came to the other, so nobody pays a fee (TRAD-023)"]
    fees = {"buyer": event.buyer_fee_quantums, "seller": event.seller_fee_quantums}
    maker_side = "seller" if event.taker_side == "buyer" else "buyer"
    worth = event.size_lots * event.price_ticks * terms.tick_value_quantums
    taker = telling.amount(fees[event.taker_side])
    return [
        *lines,
        (
            f"the {event.taker_side} took: fee = ceil({telling.amount(worth)}"
            f" x {per_cent(terms.taker_fee_ppm)}) = {taker} (TRAD-020);"
            f" the maker received {telling.amount(-fees[maker_side])} (TRAD-021)"
        ),
    ]


def _block_traded(event: BlockTraded, telling: Telling) -> Lines:
    offering, accepting = (
        text_of_holder(holder) for holder in (event.offering_holder, event.accepting_holder)
    )
    net, fee = telling.amount(event.net_quantums), telling.amount(event.fee_quantums)
    return [
        f"{accepting} accepted the offer {event.offer_sequence} of {offering} (BLTR-010, BLTR-020)",
        (
            f"all that it bought less all that it sold = {net};"
            f" it paid the taker's fee of every leg, rounded up: {fee} (BLTR-031)"
        ),
    ]


def _bundle_filled(event: BundleFilled, telling: Telling) -> Lines:
    last = event.first_order_id + event.legs_count - 1
    net = telling.amount(event.net_quantums)
    return [
        (
            f"orders {event.first_order_id} to {last} of {text_of_holder(event.account_holder)}"
            " filled whole and together (ORDR-103):"
            f" bought less sold = {net}, without fees (ORDR-104)"
        )
    ]


def _funding_paid(event: perpetuals.FundingPaid, telling: Telling) -> Lines:
    verb = "paid" if event.paid_quantums >= 0 else "received"
    amount = telling.amount(abs(event.paid_quantums))
    return [f"its position in {event.instrument} {verb} {amount} of funding (PERP-002, PERP-004)"]


def _rate_fixed(event: perpetuals.FundingRateFixed, _telling: Telling) -> Lines:
    return [
        (
            f"{event.samples_count} premiums of the hour, without 360 at each end, have the mean"
            f" {event.mean_premium_e9} x 10^-9 (PERP-011); the rate for 8 h is"
            f" {event.rate_8h_e9} x 10^-9, paid over the next hour (PERP-012, PERP-013)"
        )
    ]


def _settled(event: PositionSettled, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots, event.price_ticks)
    side = "long" if event.size_lots > 0 else "short"
    realised = telling.amount(event.realised_quantums)
    who = text_of_holder(event.account_holder)
    return [
        (
            f"{who} was {side} {what}, the settlement price: size x price - entry = {realised}"
            " went from the house to it (FUTU-016)"
        )
    ]


def _interest(event: DebtInterestCharged, telling: Telling) -> Lines:
    paid, debt = telling.amount(event.interest_quantums), telling.amount(event.debt_quantums)
    return [f"interest of {paid} on a debt of {debt} went to insurance (ACCT-051)"]


def _warned(event: margin.MarginWarned, telling: Telling) -> Lines:
    equity, needed = _standing(event, telling)
    return [
        f"E {equity} < MM {needed} + the recovery share of R: it may be liquidated soon (MARG-073)"
    ]


def _flagged(event: margin.AccountFlagged, telling: Telling) -> Lines:
    equity, needed = _standing(event, telling)
    short = telling.amount(event.maintenance_quantums - event.equity_quantums)
    return [
        (
            f"E {equity} < MM {needed}, short by {short}: it may be liquidated from the next block"
            " on, and until E >= MM + the recovery share of R (MARG-072, MARG-074)"
        )
    ]


def _restored(event: margin.MarginRestored, telling: Telling) -> Lines:
    equity, needed = _standing(event, telling)
    return [f"E {equity} >= MM {needed} + the recovery share of R: flag and warning end (MARG-074)"]


def _range_scheduled(event: margin.RangeScheduled, _telling: Telling) -> Lines:
    return [
        (
            f"{event.family} is scanned {per_cent(event.range_ppm)} up and down under"
            f" {event.schedule} from here on (MARG-112), and {per_cent(event.scheduled_ppm)} from"
            f" {event.scheduled_from_ms} ms on; initial margin counts that already (MARG-114)"
        )
    ]


def _standing(event: Any, telling: Telling) -> tuple[str, str]:
    return telling.amount(event.equity_quantums), telling.amount(event.maintenance_quantums)


def _cleared(event: liquidation.OrdersCleared, _telling: Telling) -> Lines:
    return [f"{event.orders_count} orders of the account are no more: it is closed (LIQ-050)"]


def _slice(event: liquidation.SliceTaken, telling: Telling) -> Lines:
    parts = [telling.leg(leg.instrument, leg.size_lots, leg.price_ticks) for leg in event.legs]
    parts += [telling.amount(cut.amount_quantums, cut.asset) for cut in event.collateral]
    kept = event.keeper_holder
    to = f"keeper {text_of_holder(kept)} (LIQ-041)" if kept else "the book, by the house (LIQ-051)"
    chosen = "a tenth of the most profitable position, for its debt (LIQ-005, LIQ-016)"
    if not event.by_gain:
        chosen = (
            f"{event.tenths_count} tenths of everything (LIQ-014)"
            if event.tenths_count
            else "the most release for its cost (LIQ-012)"
        )
    lines = [
        f"{text_of_holder(event.account_holder)} gave {', '.join(parts)} to {to}: {chosen}",
        _release_line(event, telling),
        _allowance_line(event, telling),
    ]
    if event.doubted_quantums:
        doubted = telling.amount(event.doubted_quantums)
        lines.append(f"E and S without {doubted} that an invalid feed values (LIQ-018)")
    paid, fed = telling.amount(event.paid_quantums), telling.amount(event.insurance_quantums)
    return [
        *lines,
        f"of it {paid} were paid and {fed} went to insurance (LIQ-053)",
        _ratio_line(event, telling),
    ]


def _release_line(
    event: liquidation.SliceTaken | liquidation.CollateralConverted, telling: Telling
) -> str:
    release = telling.amount(event.release_quantums)
    return f"ramp {per_cent(event.ramp_ppm)} (LIQ-020), release {release} (LIQ-010)"


def _allowance_line(
    event: liquidation.SliceTaken | liquidation.CollateralConverted, telling: Telling
) -> str:
    doubted = getattr(event, "doubted_quantums", 0)
    equity = event.equity_before_quantums - doubted
    solvency = event.solvency_before_quantums - doubted
    needed = event.maintenance_before_quantums
    e, s, mm = (telling.amount(number) for number in (equity, solvency, needed))
    return (
        f"A = floor(max(0, min(E, S, MM)) x release x ramp / MM) with E {e}, S {s}, MM {mm}:"
        f" {telling.amount(event.allowance_quantums)} (LIQ-021)"
    )


def _ratio_line(event: liquidation.SliceTaken, telling: Telling) -> str:
    before = _ratio(event.equity_before_quantums, event.maintenance_before_quantums)
    after = _ratio(event.equity_after_quantums, event.maintenance_after_quantums)
    equity, needed = (
        telling.amount(number)
        for number in (event.equity_after_quantums, event.maintenance_after_quantums)
    )
    ratios = f"E / MM {before} before, {after} after: it does not fall (LIQ-022)"
    return f"{ratios}; E {equity}, MM {needed}"


def _ratio(equity: int, needed: int) -> str:
    """Return a ratio in thousandths. Rounds: towards zero."""
    if needed <= 0:
        return "without need"
    thousandths = abs(equity) * 1_000 // needed
    return f"{'-' if equity < 0 else ''}{thousandths // 1_000}.{thousandths % 1_000:03}"


def _conversion_began(event: liquidation.ConversionBegan, telling: Telling) -> Lines:
    debt, limit = telling.amount(event.debt_quantums), telling.amount(event.limit_quantums)
    return [
        (
            f"it owes {debt}, where {limit} may be owed, or for too long: its collateral may be"
            " bought from the next block on (LIQ-060, LIQ-063, LIQ-064)"
        )
    ]


def _conversion_ended(_event: liquidation.ConversionEnded, _telling: Telling) -> Lines:
    return ["it owes nothing any more, and converts no more (LIQ-065)"]


def _converted(event: liquidation.CollateralConverted, telling: Telling) -> Lines:
    what = telling.amount(event.amount_quantums, event.asset)
    buyer = text_of_holder(event.buyer_holder)
    worth, less = telling.amount(event.value_quantums), telling.amount(event.allowance_quantums)
    paid = telling.amount(event.value_quantums - event.allowance_quantums)
    return [
        f"{buyer} bought {what} for {worth} - {less} = {paid} (LIQ-060)",
        _release_line(event, telling),
        _allowance_line(event, telling),
    ]


def _gained(event: insurance.DefaultGained, telling: Telling) -> Lines:
    gained = telling.amount(event.gained_quantums)
    return [f"the default account had {gained} above zero: they went to insurance (INS-011)"]


def _taken_over(event: insurance.AccountTakenOver, telling: Telling) -> Lines:
    missing, count = telling.amount(event.shortfall_quantums), event.positions_count
    held = f"{count} {'position' if count == 1 else 'positions'}"
    return [
        f"S of {text_of_holder(event.account_holder)} was below zero by {missing} (INS-001)",
        f"{held} passed to default/{event.compartment} at index value (INS-003)",
        "it has nothing and owes nothing any more (INS-005)",
    ]


def _allocated(event: insurance.LossAllocated, telling: Telling) -> Lines:
    say = telling.amount
    loss, due = say(event.loss_quantums), event.cut_quantums - event.excess_quantums
    fund, limit = say(event.insurance_quantums), say(event.insurance_limit_quantums)
    gains, excess = say(event.gains_quantums), say(event.excess_quantums)
    paid = (
        event.insurance_quantums,
        event.default_fund_quantums,
        due,
        event.shared_quantums,
        event.carried_quantums,
        event.owed_quantums,
    )
    return [
        f"X = {loss} of {event.compartment} (INS-012), paid at once, in order (INS-013):",
        f"  insurance {fund} of {limit} that it may (INS-014, INS-040)",
        f"  default fund {say(event.default_fund_quantums)} (INS-015)",
        f"  gains of this block {say(due)} of G = {gains} (INS-021)",
        f"  rounding of them left {excess} to insurance (INS-022)",
        f"  shares by risk {say(event.shared_quantums)} (INS-030)",
        f"  carried {say(event.carried_quantums)} (INS-034), owed {say(paid[-1])} (INS-035)",
        f"  {' + '.join(say(number) for number in paid)} = {loss}",
    ]


def _cut(event: insurance.GainCut, telling: Telling) -> Lines:
    gain, cut = telling.amount(event.gain_quantums), telling.amount(event.cut_quantums)
    who = text_of_holder(event.account_holder)
    loss = telling.sibling(insurance.LossAllocated)
    if loss is None or not loss.gains_quantums:
        return [f"{who} gave {cut} of its gain of {gain} in this block (INS-022)"]
    due = telling.amount(loss.cut_quantums - loss.excess_quantums)
    gains = telling.amount(loss.gains_quantums)
    return [f"{who} gave ceil({gain} x {due} / {gains}) = {cut} of its gain (INS-020, INS-022)"]


def _shared(event: insurance.LossShared, telling: Telling) -> Lines:
    share, risk, able = (
        telling.amount(number)
        for number in (event.share_quantums, event.risk_quantums, event.solvency_quantums)
    )
    who = text_of_holder(event.account_holder)
    return [f"{who} gave {share} by its risk of {risk}, at most {able} that it has (INS-030)"]


def _repaid(event: insurance.DebtRepaid, telling: Telling) -> Lines:
    repaid, left = telling.amount(event.repaid_quantums), telling.amount(event.left_quantums)
    return [f"insurance repaid {repaid} of the debt; {left} are left (INS-052, INS-053)"]


def _default_sliced(event: insurance.DefaultSliced, telling: Telling) -> Lines:
    cost, left = telling.amount(event.cost_quantums), telling.amount(event.budget_quantums)
    spent = f"a slice of the default account cost insurance {cost} (INS-063)"
    return [f"{spent}; {left} may follow (INS-062)"]


def _default_converted(event: insurance.DefaultConverted, telling: Telling) -> Lines:
    what = telling.amount(event.amount_quantums, event.asset)
    paid, cost = telling.amount(event.paid_quantums), telling.amount(event.cost_quantums)
    who = text_of_holder(event.keeper_holder)
    return [
        f"{who} bought {what} of the default account for {paid}; insurance paid {cost} (INS-068)"
    ]


def _torn_up(event: insurance.PositionTornUp, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    worth = telling.amount(event.value_quantums)
    who = text_of_holder(event.account_holder)
    return [f"{what} of {who} were closed at the index, worth {worth} (INS-070, INS-071)"]


def _bought(event: insurance.CollateralBought, telling: Telling) -> Lines:
    what = telling.amount(event.amount_quantums, event.asset)
    paid = telling.amount(event.paid_quantums)
    return [f"insurance bought {what} of the default account for {paid} (INS-065)"]


def _frozen(event: CompartmentFrozen, _telling: Telling) -> Lines:
    return [f"{event.compartment} stands still since {event.cause} failed in it (SOLV-010)"]


REQUESTED = {1: "a mint", 2: "a burn", 3: "a redeem"}


def _requested(event: synthetics.SyntheticRequested, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    asked = REQUESTED.get(event.kind, "nothing")
    return [
        (
            f"request {event.request_id}: {asked} of {what}, which cannot be taken back (SYN-010);"
            f" it meets the first price observed at {event.due_ms} ms or later (SYN-011)"
        )
    ]


def _minted(event: synthetics.SyntheticMinted, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    worth = telling.amount(event.size_lots * event.index_value_quantums)
    fee = telling.amount(event.fee_quantums)
    return [
        (
            f"{text_of_holder(event.account_holder)} owes {what} more, worth {worth}, and its"
            f" owner has as much of the asset (SYN-020); the fee is {fee} (SYN-022)"
        )
    ]


def _lapsed(event: synthetics.MintLapsed, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    return [f"request {event.request_id}: {what} were not minted, {event.reason} (SYN-013)"]


def _burned(event: synthetics.SyntheticBurned, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    back = telling.leg(event.instrument, event.returned_lots)
    who = text_of_holder(event.account_holder)
    return [f"{who} owes {what} less (SYN-030); {back} went back to the wallet (SYN-031)"]


def _redeemed(event: synthetics.SyntheticRedeemed, telling: Telling) -> Lines:
    what = telling.leg(event.instrument, event.size_lots)
    worth, cash = telling.amount(event.index_value_quantums), telling.amount(event.cash_quantums)
    parts = [telling.amount(one.amount_quantums, one.asset) for one in event.collateral]
    values = [cash, *(telling.amount(one.value_quantums) for one in event.collateral)]
    dust = telling.amount(event.dust_quantums)
    return [
        (
            f"{text_of_holder(event.account_holder)} paid {' and '.join([cash, *parts])} for {what}"
            f" and owes as much less (SYN-040, SYN-041)"
        ),
        f"{' + '.join(values)} + {dust} that it keeps = {worth}",
    ]


EXPLANATIONS: dict[type[Any], Callable[[Any, Telling], Lines]] = {
    Traded: _traded,
    BlockTraded: _block_traded,
    BundleFilled: _bundle_filled,
    perpetuals.FundingPaid: _funding_paid,
    perpetuals.FundingRateFixed: _rate_fixed,
    PositionSettled: _settled,
    DebtInterestCharged: _interest,
    margin.MarginWarned: _warned,
    margin.AccountFlagged: _flagged,
    margin.MarginRestored: _restored,
    margin.RangeScheduled: _range_scheduled,
    liquidation.OrdersCleared: _cleared,
    liquidation.SliceTaken: _slice,
    liquidation.ConversionBegan: _conversion_began,
    liquidation.ConversionEnded: _conversion_ended,
    liquidation.CollateralConverted: _converted,
    insurance.DefaultGained: _gained,
    insurance.AccountTakenOver: _taken_over,
    insurance.LossAllocated: _allocated,
    insurance.GainCut: _cut,
    insurance.LossShared: _shared,
    insurance.DebtRepaid: _repaid,
    insurance.DefaultSliced: _default_sliced,
    insurance.DefaultConverted: _default_converted,
    insurance.PositionTornUp: _torn_up,
    insurance.CollateralBought: _bought,
    synthetics.SyntheticRequested: _requested,
    synthetics.SyntheticMinted: _minted,
    synthetics.MintLapsed: _lapsed,
    synthetics.SyntheticBurned: _burned,
    synthetics.SyntheticRedeemed: _redeemed,
    CompartmentFrozen: _frozen,
}
