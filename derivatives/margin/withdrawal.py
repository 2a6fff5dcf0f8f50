"""What may leave a compartment: by an account's margin, and by the hour.

    allowed   (a) with unrealised gains counted 0, and E >= 5 % of sum |delta|
    outflow   value of what was held when the hour began, less what is held now, at the index
    limit     the larger of a floor and a share of the value held when the hour began

Deposits of the hour count against what left, so nobody pays for a round trip.

Source: docs/specs/margin.md, MARG-060 to MARG-069.
"""

from chain.kit import (
    State,
    View,
    divide_down,
    multiply_ppm_down,
    multiply_ppm_up,
    replace,
    require,
)
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import custody_of
from derivatives.accounts.state import COLLATERAL, COMPARTMENTS
from derivatives.ids import AccountId, CompartmentId, FeedId
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import feeds_of
from derivatives.margin import reasons
from derivatives.margin.account import health_of, terms_of, value_of
from derivatives.margin.gate import held_by, is_idle, short_of
from derivatives.margin.state import OUTFLOWS, AssetAmount, OutflowHour
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES

HOUR_MS = 3_600_000


def hour_of(time_ms: int) -> int:
    """Return when the hour of this time began."""
    return divide_down(time_ms, HOUR_MS) * HOUR_MS


def begin_hours(state: State, time_ms: int) -> None:
    """Remember, at the first block of an hour, what each compartment holds.

    A new collateral asset joins at the next block.
    """
    hour_start_ms = hour_of(time_ms)
    for key, terms in tuple(state.scan(COMPARTMENTS)):
        compartment = str(key)
        known = state.get(OUTFLOWS, compartment)
        assets = [str(key[1]) for key, _ in state.scan(COLLATERAL, (compartment,))]  # type: ignore[index]
        if known is not None and known.hour_start_ms == hour_start_ms:
            if assets != [one.asset for one in known.held]:
                state.put(OUTFLOWS, compartment, _with_assets(known, assets))
            continue
        held = tuple(AssetAmount(asset, custody_of(state, compartment, asset)) for asset in assets)
        total = sum(_worth(state, compartment, one.asset, one.amount_quantums) for one in held)
        limit = max(terms.outflow_floor_quantums, multiply_ppm_down(total, terms.outflow_limit_ppm))
        state.put(OUTFLOWS, compartment, OutflowHour(hour_start_ms, limit, held))


def _with_assets(hour: OutflowHour, assets: list[str]) -> OutflowHour:
    """Return the hour with these assets, nothing held of those that are new."""
    amounts = {one.asset: one.amount_quantums for one in hour.held}
    held = tuple(AssetAmount(asset, amounts.get(asset, 0)) for asset in assets)
    return replace(hour, held=held)


def _worth(view: View, compartment: CompartmentId, asset: str, amount_quantums: int) -> int:
    """Return an amount at the index, 0 without a price. Rounds: down."""
    settlement = compartment_terms(view, compartment).settlement_asset
    if asset == settlement:
        return amount_quantums
    terms = view.get(COLLATERAL, (compartment, asset))
    price = None if terms is None else view.get(PRICES, terms.feed)
    if price is None:
        return 0
    return value_of(view, asset, amount_quantums, price.price_e8, settlement)


def outflow_of(view: View, compartment: CompartmentId) -> int:
    """Return what has left a compartment in this hour, less what came, in quantums."""
    hour = view.get(OUTFLOWS, compartment)
    if hour is None:
        return 0
    return sum(
        _worth(
            view,
            compartment,
            one.asset,
            one.amount_quantums - custody_of(view, compartment, one.asset),
        )
        for one in hour.held
    )


def require_outflow(view: View, compartment: CompartmentId) -> None:
    """Refuse what would let too much leave in one hour. Refuses: margin.outflow_limit."""
    hour = view.get(OUTFLOWS, compartment)
    if hour is None:
        return
    outflow_quantums = outflow_of(view, compartment)
    require(
        outflow_quantums <= hour.limit_quantums,
        reasons.OUTFLOW_LIMIT,
        outflow_quantums=outflow_quantums,
        limit_quantums=hour.limit_quantums,
    )


def feeds_needed(
    view: View, account: AccountId, compartment: CompartmentId, asset: str
) -> tuple[FeedId, ...]:
    """Return the feeds that an account's margin, and what it withdraws, are valued by."""
    if is_idle(view, account):
        return ()
    held = held_by(view, account)
    needed: dict[FeedId, None] = {}
    for instrument_id in sorted({*held.sizes, *held.orders}):
        instrument = view.get(INSTRUMENTS, instrument_id)
        assert instrument is not None
        needed |= dict.fromkeys(feeds_of(view, instrument_id, instrument))
    for place, terms in view.scan(COLLATERAL, (compartment,)):
        name = str(place[1])  # type: ignore[index]
        if terms.feed and (name == asset or balance_of(view, account, name)):
            needed[terms.feed] = None
    return tuple(needed)


def require_feeds(view: View, account: AccountId, compartment: CompartmentId, asset: str) -> None:
    """Refuse while a feed that matters is not normal. Refuses: margin.feed_not_normal."""
    for feed in feeds_needed(view, account, compartment, asset):
        require(permits(view, feed, Action.WITHDRAW), reasons.FEED_NOT_NORMAL, feed=feed)


def require_backed(view: View, account: AccountId) -> None:
    """Refuse a withdrawal that leaves an account with too little.

    Refuses: margin.initial_margin_short, .equity_too_thin.
    """
    if is_idle(view, account):
        return
    after, terms = health_of(view, account), terms_of(view, account)
    available_quantums = after.counted_quantums(0)
    if available_quantums < after.initial_quantums:
        raise short_of(account, after.initial_quantums, available_quantums)
    required_quantums = multiply_ppm_up(after.delta_quantums, terms.withdrawal_delta_ppm)
    require(
        after.equity_quantums >= required_quantums,
        reasons.EQUITY_TOO_THIN,
        required_quantums=required_quantums,
        available_quantums=after.equity_quantums,
    )
