"""The volatility surface of an underlying, as people and programs read it.

Source: docs/specs/rpc.md, RPC-160.
"""

from msgspec import Struct

from chain.kit import View
from derivatives.oracle.state import SURFACE_STANDINGS, SURFACES, Smile, VolatilitySurface
from derivatives.oracle.surfaces import slice_of, surface_state_of
from derivatives.pricing.surface.svi import volatility_e9
from node.naming.near import near_name
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.reasons import SURFACE_UNKNOWN
from node.rpc.refusals import refused
from node.state_store import Head

STRIKES_PERCENT = (50, 70, 80, 90, 95, 100, 105, 110, 120, 140, 200)
"""Of the forward: where a smile is told in numbers."""


class WhichSurface(Parameters, frozen=True):
    """An underlying, and the state to look at."""

    underlying: str
    at: At = "finalized"


class StrikePoint(Struct, frozen=True):
    """The volatility at one strike, x 10^9 a year."""

    percent: int
    """Of the forward."""
    strike_e8: NumberText
    volatility_e9: NumberText


class SmileShape(Struct, frozen=True):
    """One date: its forward, its volatilities, and the five numbers they come from.

    `dispersion_ppm` is how far honest reporters may lie from their median, relative to it. The
    numbers are raw SVI in 2^-56, as of `chosen_ms`.
    """

    expiry_ms: int
    forward_e8: NumberText
    volatility_e9: NumberText
    """At the forward."""
    dispersion_ppm: int
    a_q56: SignedText
    b_q56: SignedText
    rho_q56: SignedText
    m_q56: SignedText
    sigma_q56: SignedText
    points: list[StrikePoint]


class SurfaceAnswer(Answer, frozen=True):
    """The surface that was chosen last, whole from one reporter; dates that have passed are gone.

    `distance_ppm` is its largest distance from the reporters' median, relative to it. `state` is
    that of a feed: normal, jump while a round that moved too far is held back, stale, auction.
    """

    underlying: str
    state: str
    age_ms: int
    held_count: int
    chosen_ms: int
    authority_index: int
    admitted_count: int
    distance_ppm: int
    dates: list[SmileShape]
    height: NumberText
    time_ms: int
    finalized: bool


@method("market_getSurface", weight=2, refusals=("lookup.surface_unknown", *REFUSALS_AT))
async def get_surface(call: Call, asked: WhichSurface) -> SurfaceAnswer:
    """Return an underlying's volatility surface: volatilities by date and strike."""

    def look(view: SteadyView, head: Head) -> SurfaceAnswer:
        stored = _known_surface(view, asked.underlying)
        standing = view.get(SURFACE_STANDINGS, asked.underlying)
        return SurfaceAnswer(
            underlying=asked.underlying,
            state=surface_state_of(view, asked.underlying).name.lower(),
            age_ms=max(0, head.time_ms - stored.chosen_ms),
            held_count=0 if standing is None else standing.held_count,
            chosen_ms=stored.chosen_ms,
            authority_index=stored.authority_index,
            admitted_count=stored.admitted_count,
            distance_ppm=-(-stored.distance_q62 * 10**6 >> 62),
            dates=[
                _shape(smile, smile.expiry_ms - stored.chosen_ms)
                for smile in stored.smiles
                if smile.expiry_ms > head.time_ms
            ],
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _known_surface(view: View, underlying: str) -> VolatilitySurface:
    stored = view.get(SURFACES, underlying) if 0 < len(underlying) <= 16 else None
    if stored is None:
        known = [str(key) for key, _ in view.scan(SURFACES)]
        raise refused(
            SURFACE_UNKNOWN, underlying=underlying[:64], did_you_mean=near_name(underlying, known)
        )
    return stored


def _shape(smile: Smile, term_ms: int) -> SmileShape:
    one = slice_of(smile)
    strikes_e8 = [(p, max(1, smile.forward_e8 * p // 100)) for p in STRIKES_PERCENT]
    return SmileShape(
        expiry_ms=smile.expiry_ms,
        forward_e8=str(smile.forward_e8),
        volatility_e9=str(volatility_e9(one, smile.forward_e8, smile.forward_e8, term_ms)),
        dispersion_ppm=smile.dispersion_ppm,
        a_q56=str(smile.a_q56),
        b_q56=str(smile.b_q56),
        rho_q56=str(smile.rho_q56),
        m_q56=str(smile.m_q56),
        sigma_q56=str(smile.sigma_q56),
        points=[
            StrikePoint(
                percent, str(strike), str(volatility_e9(one, smile.forward_e8, strike, term_ms))
            )
            for percent, strike in strikes_e8
        ],
    )


METHODS = (get_surface,)
