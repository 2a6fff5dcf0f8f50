"""One margin account: what backs it, what it must have, and what its margin is made of.

Source: docs/specs/rpc.md, RPC-116; docs/specs/margin.md.
"""

from msgspec import Struct

from chain.kit import View, multiply_ppm_up
from chain.kit.holder import text_of_holder
from derivatives.accounts.collateral import cash_of, collateral_of, compartment_terms
from derivatives.accounts.state import COLLATERAL, MODE_CROSS, Account
from derivatives.ids import AccountId
from derivatives.insurance.shortfall import left_of_share
from derivatives.insurance.state import is_short
from derivatives.margin.account import (
    health_of,
    portfolio_of,
    schedule_terms,
    standing_of,
    terms_of,
    value_of,
)
from derivatives.margin.charges.held import Portfolio, families_of, losses_of_family, most_lots
from derivatives.margin.gate import is_idle
from derivatives.margin.risk import Health, depeg_quantums, exit_fee_quantums, funding_8h, health
from derivatives.margin.state import OUTFLOWS, ScheduleTerms
from derivatives.margin.withdrawal import feeds_needed, outflow_of
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.risk.breakdown import MarginLine, lines_of
from node.state_store import Head


class WhichAccount(Parameters, frozen=True):
    """An account: `nov1.../N`, or an address for its number 0; and the state to look at."""

    account: str
    at: At = "finalized"


class CollateralShape(Struct, frozen=True):
    """One asset of an account, valued as equity counts it, before its haircut."""

    asset: str
    amount_quantums: SignedText
    value_quantums: SignedText
    haircut_ppm: int


class AccountAnswer(Answer, frozen=True):
    """One account. `state` is healthy, warning (equity below initial margin) or liquidating.

    `free_quantums` is what may be withdrawn now of the settlement asset.
    """

    account: str
    owner: str
    number: int
    compartment: str
    mode: str
    schedule: str
    state: str
    collateral: list[CollateralShape]
    equity_quantums: SignedText
    initial_margin_quantums: SignedText
    maintenance_margin_quantums: SignedText
    free_quantums: NumberText
    settlement_asset: str
    height: NumberText
    time_ms: int
    finalized: bool


REFUSALS = ("lookup.account_unknown", *REFUSALS_AT)


@method("account_get", weight=3, refusals=REFUSALS)
async def get_account(call: Call, asked: WhichAccount) -> AccountAnswer:
    """Return a margin account: collateral, equity, initial and maintenance margin, what is free."""
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> AccountAnswer:
        record = known_account(view, account)
        found = health_of(view, account)
        text = text_of_holder(account)
        return AccountAnswer(
            account=text,
            owner=text.partition("/")[0],
            number=record.number,
            compartment=record.compartment,
            mode="cross" if record.mode == MODE_CROSS else "isolated",
            schedule=record.schedule,
            state=_state_of(record, found),
            collateral=_collateral_of(view, account, record),
            equity_quantums=str(found.equity_quantums),
            initial_margin_quantums=str(found.initial_quantums),
            maintenance_margin_quantums=str(found.maintenance_quantums),
            free_quantums=str(free_quantums(view, account, record, found)),
            settlement_asset=compartment_terms(view, record.compartment).settlement_asset,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _state_of(record: Account, found: Health) -> str:
    """Return how an account stands: being below maintenance without a flag is still a warning."""
    if record.flagged_ms:
        return "liquidating"
    return "healthy" if found.equity_quantums >= found.initial_quantums else "warning"


def _collateral_of(view: View, account: AccountId, record: Account) -> list[CollateralShape]:
    settlement = compartment_terms(view, record.compartment).settlement_asset
    rows = []
    for asset, amount_quantums in collateral_of(view, account):
        terms = view.get(COLLATERAL, (record.compartment, asset))
        assert terms is not None, "what backs an account is collateral there"
        price = view.get(PRICES, terms.feed)
        value_quantums = (
            0
            if price is None
            else value_of(
                view,
                asset,
                amount_quantums,
                min(price.price_e8, price.average_5m_e8),
                settlement,
            )
        )
        if asset == settlement:
            value_quantums = amount_quantums
        rows.append(
            CollateralShape(asset, str(amount_quantums), str(value_quantums), terms.haircut_ppm)
        )
    return rows


def free_quantums(view: View, account: AccountId, record: Account, found: Health) -> int:
    """Return what the owner may withdraw now of the settlement asset.

    The least of the account's cash, of what its margin can spare, of what may still leave the
    compartment this hour and of its share where that owes; nothing while a feed forbids it.
    """
    settlement = compartment_terms(view, record.compartment).settlement_asset
    needed = feeds_needed(view, account, record.compartment, settlement)
    if not all(permits(view, feed, Action.WITHDRAW) for feed in needed):
        return 0
    most = [cash_of(view, account)]
    if not is_idle(view, account):
        terms = terms_of(view, account)
        thin_quantums = multiply_ppm_up(found.delta_quantums, terms.withdrawal_delta_ppm)
        most.append(found.counted_quantums(0) - found.initial_quantums)
        most.append(found.equity_quantums - thin_quantums)
    hour = view.get(OUTFLOWS, record.compartment)
    if hour is not None:
        most.append(hour.limit_quantums - outflow_of(view, record.compartment))
    if is_short(view, record.compartment):
        most.append(left_of_share(view, account, record.compartment))
    return max(0, min(most))


class Part(Struct, frozen=True):
    """One part of margin; all initial ones add up to initial margin, and so the others."""

    name: str
    initial_quantums: SignedText
    maintenance_quantums: SignedText
    rule: str


class Worst(Struct, frozen=True):
    """The scenario that costs most, of the underlying that could lose most."""

    underlying: str
    scenario: int
    price_move_ppm: int
    volatility_move_ppm: int
    loss_quantums: SignedText


class MarginAnswer(Answer, frozen=True):
    """An account's margin with its parts. `worst` is null where nothing can lose.

    `excess_quantums` is equity less initial margin.
    """

    account: str
    equity_quantums: SignedText
    initial_margin_quantums: SignedText
    maintenance_margin_quantums: SignedText
    excess_quantums: SignedText
    cash_quantums: SignedText
    backing_quantums: SignedText
    unrealised_quantums: SignedText
    solvency_quantums: SignedText
    parts: list[Part]
    lines: list[MarginLine]
    worst: Worst | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("account_getMargin", weight=5, refusals=REFUSALS)
async def get_margin(call: Call, asked: WhichAccount) -> MarginAnswer:
    """Return what an account's equity and margin are made of, resting orders included.

    Each part names the rules of docs/specs/margin.md that it follows from; `lines` are the
    same number by number, by instrument, asset and underlying.
    """
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> MarginAnswer:
        known_account(view, account)
        standing = standing_of(view, account)
        assert standing is not None, "the account is known"
        terms = schedule_terms(view, standing.compartment, standing.schedule)
        portfolio = portfolio_of(view, account, standing)
        found = health(portfolio, terms)
        return MarginAnswer(
            account=text_of_holder(account),
            equity_quantums=str(found.equity_quantums),
            initial_margin_quantums=str(found.initial_quantums),
            maintenance_margin_quantums=str(found.maintenance_quantums),
            excess_quantums=str(found.excess_quantums),
            cash_quantums=str(found.cash_quantums),
            backing_quantums=str(found.backing_quantums),
            unrealised_quantums=str(found.unrealised_quantums),
            solvency_quantums=str(found.solvency_quantums),
            parts=parts_of(portfolio, terms, found),
            lines=lines_of(portfolio, terms, found),
            worst=worst_of_all(portfolio),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def parts_of(portfolio: Portfolio, terms: ScheduleTerms, found: Health) -> list[Part]:
    """Return the parts of both requirements, which add up to them exactly."""
    risk = multiply_ppm_up(found.risk_open_quantums, terms.initial_ppm)
    kept_risk = multiply_ppm_up(found.risk_quantums, terms.maintenance_ppm)
    held = portfolio.holdings
    fees = sum(exit_fee_quantums(one.line, most_lots(one)) for one in held)
    kept_fees = sum(exit_fee_quantums(one.line, abs(one.size_lots)) for one in held)
    funding = funding_8h(held)
    depeg = depeg_quantums(found.risk_quantums, portfolio.settlement_price_e8)
    haircut = found.haircut_quantums
    dispersion = found.initial_quantums - (risk + haircut + fees + funding + depeg)
    rows = (
        ("risk", risk, kept_risk, "MARG-030"),
        ("haircut", haircut, haircut, "MARG-025"),
        ("price_uncertainty", dispersion, 0, "MARG-035"),
        ("settlement_depeg", depeg, 0, "MARG-036"),
        ("funding_8h", funding, 0, "MARG-034"),
        ("exit_fees", fees, kept_fees, "MARG-033"),
    )
    return [Part(name, str(initial), str(kept), rule) for name, initial, kept, rule in rows]


def worst_of_all(portfolio: Portfolio) -> Worst | None:
    """Return the costliest scenario of all underlyings, resting orders left out."""
    worst: Worst | None = None
    for family in families_of(portfolio):
        for place, loss in enumerate(losses_of_family(family)):
            if loss > (0 if worst is None else int(worst.loss_quantums)):
                shock_ppm = family.terms.scenarios[place].shock_ppm
                worst = Worst(family.name, place, shock_ppm, 0, str(loss))
    return worst


METHODS = (get_account, get_margin)
