"""Take an insolvent account over at the index, and give back at the index what nobody takes.

    positions    trade with the default account at index value, funding settled first
    collateral   is bought by the default account at the index, rounded as S counts it
    cash         is then S exactly, below zero; the default account pays it up to zero

So the account ends with nothing and owes nothing, and the default account's S falls by
exactly what was missing.  What is still open so long after the latest takeover, or the first,
is *torn up*: closed against opposite positions, pro rata.

Source: docs/specs/insurance.md, INS-001 to INS-010 and INS-070 to INS-072.
"""

from chain.kit import BlockContext, View, replace
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import collateral_of, compartment_terms
from derivatives.accounts.debt import follow
from derivatives.accounts.state import ACCOUNTS, COLLATERAL
from derivatives.ids import AccountId, CompartmentId, default_account_of
from derivatives.instruments.state import INSTRUMENTS, KIND_SYNTHETIC
from derivatives.instruments.terms import feeds_of
from derivatives.insurance.allocation import split
from derivatives.insurance.events import AccountTakenOver, PositionTornUp
from derivatives.insurance.state import DEFAULTS, INSURANCE_TERMS, Default, InsuranceTerms
from derivatives.margin.account import value_of
from derivatives.margin.state import INSOLVENT, WARNINGS
from derivatives.margin.sweep import maintained
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES
from derivatives.orders.book import cancel_all, trim_reduce_only
from derivatives.positions.fill import instruments_held
from derivatives.positions.state import HOLDINGS, POSITIONS
from derivatives.trades.novate import fill_both

WHY_TAKEN_OVER = "taken_over"


def take_over_all(context: BlockContext, compartment: CompartmentId) -> int:
    """Take over every insolvent account of a compartment; return how many positions passed."""
    state = context.state
    positions_count = 0
    for key, _ in tuple(state.scan(INSOLVENT, (compartment,))):
        state.delete(INSOLVENT, key)
        positions_count += take_over(context, str(key[1]), compartment)  # type: ignore[index]
    return positions_count


def take_over(context: BlockContext, account: AccountId, compartment: CompartmentId) -> int:
    """Leave an account with nothing, and owing nothing; return how many positions passed."""
    state = context.state
    default = default_account_of(compartment)
    settlement = compartment_terms(state, compartment).settlement_asset
    cancel_all(context, account, "", WHY_TAKEN_OVER)
    held = instruments_held(state, account)
    for instrument_id in held:
        _pass_position(context, account, default, instrument_id)
    for asset, amount_quantums in collateral_of(state, account):
        if asset != settlement:
            _pass_collateral(context, (account, default), compartment, asset, amount_quantums)
    missing_quantums = -balance_of(state, account, settlement)
    post(state, debit=default, credit=account, asset=settlement, amount_quantums=missing_quantums)
    follow(state, account, compartment, settlement, context.time_ms)
    record = state.get(ACCOUNTS, account)
    assert record is not None
    if record.flagged_ms:
        state.put(ACCOUNTS, account, replace(record, flagged_ms=0, flagged_height=0))
    state.delete(WARNINGS, account)
    context.touch(account)
    context.emit(AccountTakenOver(account, compartment, len(held), missing_quantums))
    return len(held)


def _pass_position(
    context: BlockContext, account: AccountId, default: AccountId, instrument_id: str
) -> None:
    """Trade an account's whole position with the default account at index value."""
    state = context.state
    position = state.get(POSITIONS, (account, instrument_id))
    instrument = state.get(INSTRUMENTS, instrument_id)
    mark = state.get(MARKS, instrument_id)
    assert position is not None
    assert instrument is not None
    assert mark is not None, f"{instrument_id} is held and has no mark"
    lots = abs(position.size_lots)
    long = position.size_lots > 0
    fill_both(
        context,
        instrument_id,
        instrument,
        buyer=default if long else account,
        seller=account if long else default,
        size_lots=lots,
        value_quantums=lots * mark.index_value_quantums,
    )


def _pass_collateral(
    context: BlockContext,
    sides: tuple[AccountId, AccountId],
    compartment: CompartmentId,
    asset: str,
    amount_quantums: int,
) -> None:
    """Move collateral to the default account, which pays what S counts it for."""
    account, default = sides
    state = context.state
    settlement = compartment_terms(state, compartment).settlement_asset
    post(state, debit=account, credit=default, asset=asset, amount_quantums=amount_quantums)
    terms = state.get(COLLATERAL, (compartment, asset))
    price = None if terms is None else state.get(PRICES, terms.feed)
    if price is not None:
        value = value_of(state, asset, amount_quantums, price.price_e8, settlement)
        post(state, debit=default, credit=account, asset=settlement, amount_quantums=value)


def solvency_of_default(view: View, compartment: CompartmentId) -> int:
    """Return the default account's solvency equity, in quantums."""
    return maintained(view, [default_account_of(compartment)])[0].solvency_quantums


def is_late(view: View, compartment: CompartmentId, time_ms: int) -> bool:
    """Return whether what a default account holds has been open for too long."""
    default, terms = view.get(DEFAULTS, compartment), view.get(INSURANCE_TERMS, compartment)
    assert default is not None
    assert terms is not None, f"no terms of insurance in {compartment}"
    return time_ms >= tear_up_at_ms(default, terms)


def tear_up_at_ms(default: Default, terms: InsuranceTerms) -> int:
    """Return when what a default account holds is torn up, by its latest and first takeover."""
    return min(
        default.taken_over_ms + terms.tear_up_after_ms,
        default.since_ms + terms.tear_up_latest_ms,
    )


def tear_up_defaults(context: BlockContext) -> None:
    """Tear up what is open for too long, and forget the defaults that are closed.

    Bounded by the positions in the instruments that are torn up.
    """
    for key, _ in tuple(context.state.scan(DEFAULTS)):
        compartment = str(key)
        if is_late(context.state, compartment, context.time_ms):
            _tear_up(context, compartment)
        if is_closed(context.state, compartment):
            context.state.delete(DEFAULTS, compartment)


def is_closed(view: View, compartment: CompartmentId) -> bool:
    """Return whether a default account holds neither positions nor collateral."""
    account = default_account_of(compartment)
    settlement = compartment_terms(view, compartment).settlement_asset
    return view.get(HOLDINGS, account) is None and not any(
        balance_of(view, account, str(key[1]))  # type: ignore[index]
        for key, _ in view.scan(COLLATERAL, (compartment,))
        if key[1] != settlement  # type: ignore[index]
    )


def _tear_up(context: BlockContext, compartment: CompartmentId) -> None:
    """Close every position of a default account at the index against opposite ones.

    What a feed under test, stale or invalid values waits for a price that may be used; a
    synthetic that is owed waits for who redeems it, which is not torn from its holders.
    """
    state, account = context.state, default_account_of(compartment)
    for instrument_id in instruments_held(state, account):
        position = state.get(POSITIONS, (account, instrument_id))
        mark = state.get(MARKS, instrument_id)
        instrument = state.get(INSTRUMENTS, instrument_id)
        assert position is not None
        assert mark is not None
        assert instrument is not None
        feeds = feeds_of(state, instrument_id, instrument)
        trusted = all(permits(state, feed, Action.LIQUIDATE) for feed in feeds)
        if instrument.kind == KIND_SYNTHETIC or not trusted:
            continue
        long = position.size_lots > 0
        opposite = _opposite(state, account, instrument_id, long=long)
        for other, lots in split(opposite, abs(position.size_lots)).items():
            if lots == 0:
                continue
            value = lots * mark.index_value_quantums
            fill_both(
                context,
                instrument_id,
                instrument,
                buyer=other if long else account,
                seller=account if long else other,
                size_lots=lots,
                value_quantums=value,
            )
            follow(state, other, compartment, instrument.quote, context.time_ms)
            trim_reduce_only(context, other, instrument_id)
            context.emit(PositionTornUp(other, instrument_id, lots if long else -lots, value))


def _opposite(view: View, account: str, instrument_id: str, *, long: bool) -> dict[str, int]:
    """Return the lots of every account on the other side of an instrument."""
    found = {}
    for key, held in view.scan(HOLDINGS):
        if instrument_id in held.instruments and key != account:
            position = view.get(POSITIONS, (str(key), instrument_id))
            assert position is not None
            if (position.size_lots > 0) != long:
                found[str(key)] = abs(position.size_lots)
    return found
