"""What an account would lose in each scenario, and how it moves with each price.

Source: docs/specs/rpc.md, RPC-132; docs/specs/margin.md, MARG-010 to MARG-013 and MARG-030.
"""

from msgspec import Struct

from chain.kit.holder import text_of_holder
from derivatives.margin.account import portfolio_of, standing_of
from derivatives.margin.charges.held import Family, families_of, losses_of_family
from derivatives.margin.risk import funding_8h
from derivatives.options.greeks import lean_of
from node.rpc.method import Answer, Call, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.accounts import WhichAccount
from node.rpc.methods.trading.given import account_given, known_account
from node.rpc.methods.values import NumberText, SignedText, height_from
from node.state_store import Head

REFUSALS = ("lookup.account_unknown", *REFUSALS_AT)


class ScenarioLoss(Struct, frozen=True):
    """One scenario of one feed: its move, its weight, and the weighted loss of all lots.

    `volatility` is 0, or 1 where it goes up too, 2 where down.
    """

    scenario: int
    price_move_ppm: int
    volatility: int
    weight_ppm: int
    loss_quantums: SignedText
    worst: bool


class UnderlyingLosses(Struct, frozen=True):
    """The scenarios of one underlying; `scan_quantums` is the worst of them, at least 0."""

    underlying: str
    scan_quantums: NumberText
    scenarios: list[ScenarioLoss]


class ScenariosAnswer(Answer, frozen=True):
    """Losses by underlying, below zero where the account would gain; orders are left out."""

    account: str
    items: list[UnderlyingLosses]
    height: NumberText
    time_ms: int
    finalized: bool


@method("risk_getScenarios", weight=5, refusals=REFUSALS)
async def get_scenarios(call: Call, asked: WhichAccount) -> ScenariosAnswer:
    """Return what an account would lose in every scenario that margin looks at."""
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> ScenariosAnswer:
        return ScenariosAnswer(
            account=text_of_holder(account),
            items=[_losses_of(family) for family in _families(view, account)],
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _families(view: SteadyView, account: str) -> list[Family]:
    known_account(view, account)
    standing = standing_of(view, account)
    assert standing is not None, "the account is known"
    return families_of(portfolio_of(view, account, standing, with_orders=False))


def _losses_of(family: Family) -> UnderlyingLosses:
    scenarios = family.terms.scenarios
    losses = losses_of_family(family)
    scan = max(0, *losses)
    worst = losses.index(max(losses))
    return UnderlyingLosses(
        underlying=family.name,
        scan_quantums=str(scan),
        scenarios=[
            ScenarioLoss(
                place, one.shock_ppm, one.volatility, one.weight_ppm, str(loss), place == worst
            )
            for place, (one, loss) in enumerate(zip(scenarios, losses, strict=True))
        ],
    )


class Greeks(Struct, frozen=True):
    """How an account moves with one feed: an underlying's, or a date's forward.

    `delta_quantums` is what it gains while the price doubles, collateral included: a move of x
    ppm brings delta x / 10^6. Gamma is what delta grows by then, vega what it gains when
    volatility grows by 1.00, theta what it gains in a day; only options have these.
    `funding_8h_quantums` is what it pays of funding in eight hours at today's rates, 0 where
    it receives.
    """

    underlying: str
    delta_quantums: SignedText
    positions_delta_quantums: SignedText
    gamma_quantums: SignedText
    vega_quantums: SignedText
    theta_quantums: SignedText
    funding_8h_quantums: NumberText


class GreeksAnswer(Answer, frozen=True):
    """Sensitivities by feed; all but options have a delta and nothing else."""

    account: str
    items: list[Greeks]
    height: NumberText
    time_ms: int
    finalized: bool


@method("risk_getGreeks", weight=5, refusals=REFUSALS)
async def get_greeks(call: Call, asked: WhichAccount) -> GreeksAnswer:
    """Return how an account moves with the price of each underlying, resting orders left out."""
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> GreeksAnswer:
        return GreeksAnswer(
            account=text_of_holder(account),
            items=[_greeks_of(view, family) for family in _families(view, account)],
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _greeks_of(view: SteadyView, family: Family) -> Greeks:
    positions = sum(one.size_lots * one.line.moving_quantums for one in family.held)
    options = [(one.size_lots, lean_of(view, one.line.instrument)) for one in family.held]
    leans = [(size, lean) for size, lean in options if lean is not None]
    return Greeks(
        underlying=family.name,
        delta_quantums=str(family.net_quantums),
        positions_delta_quantums=str(positions),
        gamma_quantums=str(sum(size * lean.gamma_quantums for size, lean in leans)),
        vega_quantums=str(sum(size * lean.vega_quantums for size, lean in leans)),
        theta_quantums=str(sum(size * lean.theta_quantums for size, lean in leans)),
        funding_8h_quantums=str(funding_8h(tuple(family.held))),
    )


METHODS = (get_scenarios, get_greeks)
