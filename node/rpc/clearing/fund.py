"""What a compartment has to pay losses with, in the order in which it pays.

Source: docs/specs/insurance.md, INS-013 and INS-090; docs/specs/rpc.md, RPC-120.
"""

from msgspec import Struct

from chain.kit import View
from derivatives.accounts.state import COMPARTMENTS, Compartment
from derivatives.ids import default_account_of
from derivatives.insurance.queries import waterfall
from derivatives.insurance.state import DEFAULTS, INSURANCE_TERMS, SHORTFALLS
from derivatives.insurance.takeover import solvency_of_default, tear_up_at_ms
from derivatives.positions.fill import instruments_held
from derivatives.positions.state import POSITIONS
from node.naming.near import near_name
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.reasons import COMPARTMENT_UNKNOWN
from node.rpc.refusals import refused
from node.state_store import Head

FIRST_COMPARTMENT = "main"


class Layer(Struct, frozen=True):
    """One holder that pays, what it would pay now at most, and the rules of docs/specs."""

    name: str
    quantums: NumberText
    rule: str


class Held(Struct, frozen=True):
    """Lots of an instrument that the default account still has."""

    instrument: str
    size_lots: SignedText


class Closing(Struct, frozen=True):
    """A default account that is being closed, and when what is open will be torn up.

    `budget_quantums` is what its slices may still cost insurance.
    """

    taken_over_ms: int
    tear_up_ms: int
    budget_quantums: NumberText
    solvency_quantums: SignedText
    positions: list[Held]


class FundAnswer(Answer, frozen=True):
    """A compartment's funds.

    `layers` are the holders that pay a loss, in order. After them come cuts of the gains of
    that block (INS-020) and shares by risk (INS-030), whose amounts only the loss can say.
    `debt_quantums` is what nobody could pay, since `short_since_ms`.
    """

    compartment: str
    settlement_asset: str
    insurance_quantums: SignedText
    default_fund_quantums: SignedText
    layers: list[Layer]
    insurance_limit_quantums: NumberText
    debt_quantums: NumberText
    short_since_ms: int | None
    closing: Closing | None
    height: NumberText
    time_ms: int
    finalized: bool


class WhichFund(Parameters, frozen=True):
    """A compartment, and the state to look at."""

    compartment: str = FIRST_COMPARTMENT
    at: At = "finalized"


@method("clearing_getFund", weight=3, refusals=("lookup.compartment_unknown", *REFUSALS_AT))
async def get_fund(call: Call, asked: WhichFund) -> FundAnswer:
    """Return what a compartment has to pay losses with, what it owes, and what it closes."""

    def look(view: SteadyView, head: Head) -> FundAnswer:
        terms = known_compartment(view, asked.compartment)
        found = waterfall(view, asked.compartment)
        shortfall = view.get(SHORTFALLS, asked.compartment)
        able = max(0, min(found.insurance_quantums, found.insurance_limit_quantums))
        return FundAnswer(
            compartment=asked.compartment,
            settlement_asset=terms.settlement_asset,
            insurance_quantums=str(found.insurance_quantums),
            default_fund_quantums=str(found.default_fund_quantums),
            layers=[
                Layer("insurance", str(able), "INS-014"),
                Layer("default_fund", str(max(0, found.default_fund_quantums)), "INS-015"),
            ],
            insurance_limit_quantums=str(found.insurance_limit_quantums),
            debt_quantums=str(found.debt_quantums),
            short_since_ms=shortfall.since_ms if shortfall is not None else None,
            closing=closing_of(view, asked.compartment),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def known_compartment(view: View, compartment: str) -> Compartment:
    """Return a compartment's terms. Refuses: lookup.compartment_unknown, with the nearest."""
    terms = view.get(COMPARTMENTS, compartment)
    if terms is None:
        known = [str(key) for key, _ in view.scan(COMPARTMENTS)]
        raise refused(
            COMPARTMENT_UNKNOWN,
            compartment=compartment[:64],
            did_you_mean=near_name(compartment, known),
        )
    return terms


def closing_of(view: View, compartment: str) -> Closing | None:
    """Return how far a compartment's default account is closed, None where it has nothing."""
    default, terms = view.get(DEFAULTS, compartment), view.get(INSURANCE_TERMS, compartment)
    if default is None or terms is None:
        return None
    account = default_account_of(compartment)
    held = []
    for name in instruments_held(view, account):
        position = view.get(POSITIONS, (account, name))
        assert position is not None, "what is held has a position"
        held.append(Held(name, str(position.size_lots)))
    return Closing(
        taken_over_ms=default.taken_over_ms,
        tear_up_ms=tear_up_at_ms(default, terms),
        budget_quantums=str(default.budget_quantums),
        solvency_quantums=str(solvency_of_default(view, compartment)),
        positions=held,
    )


METHODS = (get_fund,)
