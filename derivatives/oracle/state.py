"""What the oracle keeps: terms and price of each feed, each reporter's record, the matrix."""

from typing import Annotated

from chain.kit import U8, Meta, Table, integer_key, public_key_key, record
from derivatives.ids import FEED


@record
class FeedTerms:
    """What a feed is and how wild it may be; bounds are prices at which it counts as broken.

    `sigma_1s_ppm` is the standard deviation of one second's return.
    """

    compartment: str
    sigma_1s_ppm: int
    sources_min_count: int
    price_min_e8: int
    price_max_e8: int


@record
class FeedPrice:
    """One feed's price and how far it may be trusted, as of the last block.

    Before the first accepted section a feed has no record at all: it is invalid.
    `price_e8` is never a value under test: a jump waits in `pending_*` until confirmed, last
    heard of at `pending_ms`, which is zero where none waits.
    """

    price_e8: int
    confidence_e8: int
    updated_ms: int
    parent_price_e8: int
    average_5m_e8: int
    average_1h_e8: int
    state: U8
    pending_count: int
    pending_above: bool
    at_bound: bool
    recovery_count: int
    outage_from_ms: int
    grace_until_ms: int
    pending_ms: int


@record
class Reporter:
    """One authority's record: the last round it was heard in, and how well it reports.

    `error_ppm` is a running mean of |its price - the median| in ppm of the confidence.
    """

    last_round: int
    reports_count: int
    misses_count: int
    error_ppm: int


@record
class Smile:
    """One date's forward and volatilities: raw SVI about the forward, as of `chosen_ms`.

    `dispersion_ppm` is how far honest reporters may lie from their median, relative to it.
    """

    expiry_ms: int
    forward_e8: int
    a_q56: int
    b_q56: int
    rho_q56: int
    m_q56: int
    sigma_q56: int
    dispersion_ppm: int


@record
class VolatilitySurface:
    """The surface of an underlying that was chosen last, whole from one reporter.

    Free of arbitrage as of `chosen_ms`, and later when it is rolled down; its dates ascend.
    `distance_q62` is its largest distance from the reporters' median, relative to it; at most 2.
    """

    chosen_ms: int
    authority_index: int
    distance_q62: int
    admitted_count: int
    smiles: Annotated[tuple[Smile, ...], Meta(min_length=1, max_length=32)]


@record
class SurfaceStanding:
    """How far a surface may be trusted: the states of a feed, jump while one is held back.

    Before the first surface there is none.  `held_count` rounds in a row have moved too far,
    `held_above` where the furthest of them lay above what is kept.
    """

    state: U8
    since_ms: int
    held_count: U8
    held_above: bool


@record
class SurfaceReporter:
    """One authority's record in volatility: when it was last heard, chosen, and refused."""

    last_round: int
    chosen_count: int
    refused_count: int


@record
class Permission:
    """Whether an action is allowed while a feed is in a state.

    `allowed`: 0 no, 1 yes, 2 only if it does not need this feed, 3 by call auction only.
    """

    allowed: U8


FEEDS = Table(1, "feeds", key=(FEED,), value=FeedTerms, ordered=True)
PRICES = Table(2, "prices", key=(FEED,), value=FeedPrice, ordered=True)
REPORTERS = Table(3, "reporters", key=(public_key_key("oracle_key"),), value=Reporter)
PERMISSIONS = Table(
    4,
    "permissions",
    key=(integer_key("state", 8), integer_key("action", 8)),
    value=Permission,
)
SURFACES = Table(5, "surfaces", key=(FEED,), value=VolatilitySurface, ordered=True)
SURFACE_REPORTERS = Table(
    6, "surface_reporters", key=(public_key_key("oracle_key"),), value=SurfaceReporter
)
SURFACE_STANDINGS = Table(7, "surface_standings", key=(FEED,), value=SurfaceStanding, ordered=True)
