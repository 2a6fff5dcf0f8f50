"""Read what an account holds, and say how it stands.

Everything comes from the view, so that two nodes, or a node tomorrow, say the same.

Source: docs/specs/margin.md, MARG-025 to MARG-029.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

from chain.kit import Address, View, account, divide_down, remembered
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.state import ASSETS
from chain.state.former import Former, Journalled
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, SCHEDULE_STANDARD
from derivatives.ids import AccountId, CompartmentId, InstrumentId
from derivatives.kernel import level
from derivatives.margin.charges.held import (
    NOTHING_RESTING,
    Backing,
    Holding,
    Portfolio,
    Resting,
    SignerSums,
    Uncertainty,
    families_of,
)
from derivatives.margin.charges.ranges import growth_ppm, terms_under
from derivatives.margin.risk import PAR_E8, Health, health
from derivatives.margin.rows import Line, line_of
from derivatives.margin.state import FAMILIES, OUTFLOWS, OWNED, SCHEDULES, ScheduleTerms
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES
from derivatives.orders.state import (
    OPEN_ORDERS,
    RESTING,
    SIDE_BUY,
    SIDE_SELL,
    TOPS,
    price_of_rank,
)
from derivatives.perpetuals.funding import owed_by
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import HOLDINGS, POSITIONS

DEFAULT_PREFIX = "default/"


class Standing(NamedTuple):
    """Where an account lives and what it is margined by; `owner` is None for a default account."""

    compartment: CompartmentId
    schedule: str
    owner: bytes | None


def standing_of(view: View, account_id: AccountId) -> Standing | None:
    """Return where an account lives, None for what is no account."""
    record = view.get(ACCOUNTS, account_id)
    if record is not None:
        return Standing(record.compartment, record.schedule, record.owner)
    if account_id.startswith(DEFAULT_PREFIX):
        return Standing(account_id.removeprefix(DEFAULT_PREFIX), SCHEDULE_STANDARD, None)
    return None


def schedule_terms(view: View, compartment: CompartmentId, schedule: str) -> ScheduleTerms:
    """Return the parameters of a schedule that an account is under."""
    terms = view.get(SCHEDULES, (compartment, schedule))
    assert terms is not None, f"no schedule {schedule} in {compartment}"
    return terms


def terms_of(view: View, account_id: AccountId) -> ScheduleTerms:
    """Return the parameters that an account is margined by."""
    standing = standing_of(view, account_id)
    assert standing is not None
    return schedule_terms(view, standing.compartment, standing.schedule)


def health_of(view: View, account_id: AccountId) -> Health:
    """Return how an account stands now, resting orders included. Rounds: against it."""

    def made() -> Health:
        known: Health | None = level.health(view, account_id)
        if known is not None:
            return known
        standing = standing_of(view, account_id)
        assert standing is not None, f"no account {account_id}"
        return health_under(view, account_id, standing)

    return remembered(view, (health_of, account_id), made)


def health_later(view: View, account_id: AccountId) -> Callable[[], Health]:
    """Return what tells how an account stands now, whatever changes until it is asked.

    It is made from the journal when somebody asks, which is seldom.
    """
    if not hasattr(view, "former_since"):
        health_now = health_of(view, account_id)
        return lambda: health_now
    journalled = cast("Journalled", view)
    mark = journalled.mark()
    return lambda: health_of(Former(journalled, mark), account_id)


def health_under(view: View, account_id: AccountId, standing: Standing) -> Health:
    """Return how an account would stand under a schedule, its own or another."""
    terms = schedule_terms(view, standing.compartment, standing.schedule)
    return health(portfolio_of(view, account_id, standing), terms)


def portfolio_of(
    view: View, account_id: AccountId, standing: Standing, *, with_orders: bool = True
) -> Portfolio:
    """Return everything that margin looks at of an account.

    Without orders it is what maintenance is made of: no signer's sums, no uncertainty.
    """
    held = view.get(HOLDINGS, account_id)
    listed = () if held is None else held.instruments
    if with_orders:
        listed = _with_waiting(view, account_id, listed)
    holdings = []
    for instrument_id in listed:
        line = line_of(view, instrument_id, standing.compartment, standing.schedule)
        if line is None:
            assert view.get(POSITIONS, (account_id, instrument_id)) is None
            continue
        holdings.append(_holding(view, account_id, line, with_orders=with_orders))
    asset = compartment_terms(view, standing.compartment).settlement_asset
    backing = backing_of(view, account_id, standing, asset)
    uncertainty = {}
    if with_orders:
        for family in sorted({one.line.family for one in holdings} | {b.family for b in backing}):
            price = view.get(PRICES, family)
            if price is not None:
                is_normal = price.state == FeedState.NORMAL
                group = _group_under(view, standing, family)
                growth = growth_ppm(view, standing.compartment, standing.schedule, group)
                uncertainty[family] = Uncertainty(
                    price.price_e8, price.confidence_e8, is_normal, growth
                )
    return Portfolio(
        cash_quantums=balance_of(view, account_id, asset),
        holdings=tuple(holdings),
        backing=backing,
        uncertainty=uncertainty,
        settlement_price_e8=PAR_E8,
        others=_others_of(view, account_id, standing) if with_orders and holdings else None,
    )


def _with_waiting(
    view: View, account_id: AccountId, held: tuple[InstrumentId, ...]
) -> tuple[InstrumentId, ...]:
    """Return the instruments that an account holds or has orders in, ascending."""
    opened = view.get(OPEN_ORDERS, account_id)
    if opened is None:
        return held
    known_count = 0
    for instrument_id in held:
        sums = view.get(RESTING, (account_id, instrument_id))
        if sums is not None:
            known_count += sums.buy_count + sums.sell_count
    if known_count == opened.orders_count:
        return held  # all that is open rests where it holds something
    waiting = [str(key[1]) for key, _ in view.scan(RESTING, (account_id,))]  # type: ignore[index]
    return tuple(sorted({*held, *waiting}))


def _holding(view: View, account_id: AccountId, line: Line, *, with_orders: bool) -> Holding:
    position = view.get(POSITIONS, (account_id, line.instrument))
    funding = view.get(FUNDING, line.instrument)
    size = entry = owed = 0
    if position is not None:
        size, entry = position.size_lots, position.entry_value_quantums
        if funding is not None:
            owed = owed_by(position, funding.index_e18)
    return Holding(
        line=line,
        size_lots=size,
        entry_value_quantums=entry,
        owed_quantums=owed,
        rate_8h_e9=0 if funding is None else funding.rate_8h_e9,
        resting=_resting_of(view, account_id, line) if with_orders else NOTHING_RESTING,
    )


def _resting_of(view: View, account_id: AccountId, line: Line) -> Resting:
    """Return both sides of an account's orders in an instrument, reduce-only ones included.

    No order of a side is priced further than the best of its book, which bounds what the
    side can pay worse than the mark.
    """
    sums = view.get(RESTING, (account_id, line.instrument))
    if sums is None:
        return NOTHING_RESTING
    buys = sums.buy_lots + sums.reduce_only_buy_lots
    sells = sums.sell_lots + sums.reduce_only_sell_lots
    bid = ask = line.mark_value_quantums
    if buys:
        bid = _best_quantums(view, line, SIDE_BUY)
    if sells:
        ask = _best_quantums(view, line, SIDE_SELL)
    return Resting(
        buys,
        sells,
        buys * max(0, bid - line.mark_value_quantums),
        sells * max(0, line.mark_value_quantums - ask),
    )


def _best_quantums(view: View, line: Line, side: int) -> int:
    """Return the value of a lot at the best price of a side, at the mark where it is empty."""
    top = view.get(TOPS, (line.instrument, side))
    if top is None:
        return line.mark_value_quantums
    return price_of_rank(side, top.rank) * line.tick_value_quantums


def backing_of(
    view: View, account_id: AccountId, standing: Standing, settlement: str
) -> tuple[Backing, ...]:
    """Return an account's collateral other than cash, valued."""
    found = []
    for asset in assets_of(view, standing.compartment):
        amount_quantums = 0 if asset == settlement else balance_of(view, account_id, asset)
        if amount_quantums <= 0:
            continue
        terms = view.get(COLLATERAL, (standing.compartment, asset))
        price = None if terms is None else view.get(PRICES, terms.feed)
        if terms is None or price is None:
            continue
        family = terms_under(view, standing.compartment, standing.schedule, terms.feed)
        assert family is not None, f"{standing.schedule} has no terms for {terms.feed}"
        careful_e8 = min(price.price_e8, price.average_5m_e8)
        found.append(
            Backing(
                terms.feed,
                family,
                value_of(view, asset, amount_quantums, careful_e8, settlement),
                value_of(view, asset, amount_quantums, price.price_e8, settlement),
                terms.haircut_ppm,
            )
        )
    return tuple(found)


def assets_of(view: View, compartment: CompartmentId) -> list[str]:
    """Return the collateral assets of a compartment, as the block began, ascending."""
    hour = view.get(OUTFLOWS, compartment)
    if hour is not None:
        return [one.asset for one in hour.held]
    return [str(key[1]) for key, _ in view.scan(COLLATERAL, (compartment,))]  # type: ignore[index]


def value_of(view: View, asset: str, amount_quantums: int, price_e8: int, settlement: str) -> int:
    """Return an amount of an asset in quantums of the settlement asset. Rounds: down."""
    own, paid = view.get(ASSETS, asset), view.get(ASSETS, settlement)
    assert own is not None
    assert paid is not None
    numerator = amount_quantums * price_e8 * 10**paid.decimals
    return divide_down(numerator, PAR_E8 * 10**own.decimals)


def _others_of(view: View, account_id: AccountId, standing: Standing) -> SignerSums | None:
    """Return what the other accounts of this account's signer hold, None where it has none."""
    if standing.owner is None:
        return None
    owned = view.get(OWNED, standing.owner)
    if owned is None or len(owned.numbers) <= 1:
        return None
    sums = SignerSums({}, {}, {})
    for other in others_of_owner(standing.owner, owned.numbers, account_id):
        _add_other(view, other, standing, sums)
    return sums


def others_of_owner(
    owner: Address, numbers: tuple[int, ...], account_id: AccountId
) -> tuple[AccountId, ...]:
    """Return a signer's accounts of these numbers but one."""
    named = (account(owner, number) for number in numbers)
    return tuple(other for other in named if other != account_id)


def _add_other(view: View, other: AccountId, asking: Standing, sums: SignerSums) -> None:
    """Add what another account holds, in the groups of families that the asking one has."""
    standing = standing_of(view, other)
    if standing is None:
        return
    delta: dict[str, int] = {}
    portfolio = portfolio_of(view, other, standing, with_orders=False)
    for one in portfolio.holdings:
        name = one.line.instrument
        sums.lots[name] = sums.lots.get(name, 0) + abs(one.size_lots)
    for family in families_of(portfolio):
        group = _group_under(view, asking, family.name)
        delta[group] = delta.get(group, 0) + family.net_quantums
        if family.leaning is not None:
            vega = sums.vega_quantums.get(group, 0)
            sums.vega_quantums[group] = vega + abs(family.leaning.stressed_quantums)
    for group, net in delta.items():
        sums.delta_quantums[group] = sums.delta_quantums.get(group, 0) + abs(net)


def _group_under(view: View, standing: Standing, family: str) -> str:
    terms = view.get(FAMILIES, (standing.compartment, standing.schedule, family))
    return family if terms is None else terms.moves_with or family
