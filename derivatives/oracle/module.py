"""The oracle module's table of contents."""

from chain.kit import Module
from derivatives.oracle.events import (
    FeedStateChanged,
    PriceHeld,
    PriceUpdated,
    SurfaceChosen,
    SurfaceHeld,
    SurfaceRefused,
    SurfaceStateChanged,
)
from derivatives.oracle.hooks import observe
from derivatives.oracle.invariants import INVARIANTS
from derivatives.oracle.queries import QUERIES
from derivatives.oracle.state import (
    FEEDS,
    PERMISSIONS,
    PRICES,
    REPORTERS,
    SURFACE_REPORTERS,
    SURFACE_STANDINGS,
    SURFACES,
)

MODULE = Module(
    id=20,
    name="oracle",
    tables=(
        FEEDS,
        PRICES,
        REPORTERS,
        PERMISSIONS,
        SURFACES,
        SURFACE_REPORTERS,
        SURFACE_STANDINGS,
    ),
    genesis=(FEEDS, PERMISSIONS),
    begin_block=(observe,),
    queries=QUERIES,
    events={
        1: PriceUpdated,
        2: PriceHeld,
        3: FeedStateChanged,
        4: SurfaceChosen,
        5: SurfaceRefused,
        6: SurfaceHeld,
        7: SurfaceStateChanged,
    },
    invariants=INVARIANTS,
    takes_oracle_section=True,
)
