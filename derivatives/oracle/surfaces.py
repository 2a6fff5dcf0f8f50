"""Reports of volatility become one surface an underlying, and time rolls it down.

    continuity   variance that moves by more than a quarter at a node is held back, until three
                 rounds in a row moved so to the same side
    state        by age, or jump while something is held; options are opened in none but normal

Source: docs/specs/oracle.md, ORAC-057 to ORAC-067; the rules of the choice: surface.md.
"""

from collections.abc import Sequence

from chain.kit import PPM, BlockContext, View, replace
from derivatives.ids import FeedId
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS
from derivatives.oracle.events import (
    SurfaceChosen,
    SurfaceHeld,
    SurfaceRefused,
    SurfaceStateChanged,
)
from derivatives.oracle.ladder import (
    JUMP_CONFIRMATIONS_COUNT,
    SURFACE_MOVE_MAX_PPM,
    FeedState,
    surface_state_by_age,
)
from derivatives.oracle.state import (
    SURFACE_REPORTERS,
    SURFACE_STANDINGS,
    SURFACES,
    Smile,
    SurfaceReporter,
    SurfaceStanding,
    VolatilitySurface,
)
from derivatives.oracle.volatility import SignedVolatility, SurfaceQuote
from derivatives.pricing.settling import WINDOW_MS
from derivatives.pricing.surface.admission import Quote, Surface, SurfaceReport
from derivatives.pricing.surface.choice import Chosen, choose
from derivatives.pricing.surface.dispersion import dispersions_ppm
from derivatives.pricing.surface.rolling import STILL, move_of, rolled_down
from derivatives.pricing.surface.svi import Slice, volatility_e9

DISTANCE_Q62_MAX = 2**63 - 1
"""Reporters whose far wings differ by more than a factor of three are told as this far apart."""

DISPERSION_MAX_PPM = 10 * PPM
NOT_HELD = SurfaceStanding(FeedState.INVALID, 0, 0, held_above=False)


def dates_of(view: View, time_ms: int) -> dict[FeedId, tuple[int, ...]]:
    """Return the dates after a time that an underlying has instruments for, ascending.

    Bounded by the number of dated instruments, which listing bounds.
    """
    found: dict[FeedId, list[int]] = {}
    for key, expiry in view.scan(EXPIRIES):
        instrument = view.get(INSTRUMENTS, key)
        if instrument is None or expiry.expiry_ms <= time_ms:
            continue
        dates = found.setdefault(instrument.underlying, [])
        if expiry.expiry_ms not in dates:
            dates.append(expiry.expiry_ms)
    return {underlying: tuple(sorted(found[underlying])) for underlying in sorted(found)}


def take_in_volatilities(
    context: BlockContext,
    volatilities: Sequence[SignedVolatility],
    oracle_keys: Sequence[bytes],
    quorum_count: int,
) -> None:
    """Choose a surface for every underlying that a quorum speaks of, and tell whose it is."""
    if not volatilities:
        return
    for signed in volatilities:
        key = oracle_keys[signed.authority_index]
        record = context.state.get(SURFACE_REPORTERS, key) or SurfaceReporter(0, 0, 0)
        context.state.put(SURFACE_REPORTERS, key, replace(record, last_round=signed.report.round))
    for underlying, expiries_ms in dates_of(context.state, context.time_ms).items():
        reports = [
            SurfaceReport(
                signed.authority_index,
                signed.report.observed_ms,
                _quotes(quote, expiries_ms),
            )
            for signed in volatilities
            for quote in signed.report.surfaces
            if quote.underlying == underlying
        ]
        chosen = choose(reports, expiries_ms, context.time_ms, quorum_count)
        if chosen is not None:
            if not _is_held(context, underlying, chosen):
                _keep(context, underlying, chosen, oracle_keys)
            _tell_refused(context, underlying, chosen, oracle_keys)


def let_surfaces_age(context: BlockContext) -> None:
    """Give every surface the state that its age makes of it, or what is held back."""
    state = context.state
    for key, stored in tuple(state.scan(SURFACES)):
        standing = state.get(SURFACE_STANDINGS, key) or NOT_HELD
        found = surface_state_by_age(max(0, context.time_ms - stored.chosen_ms))
        if standing.held_count and found is not FeedState.AUCTION:
            found = FeedState.JUMP
        if found != standing.state:
            moved = replace(standing, state=found, since_ms=context.time_ms)
            state.put(SURFACE_STANDINGS, key, moved)
            context.emit(SurfaceStateChanged(str(key), standing.state, found))


def surface_state_of(view: View, underlying: FeedId) -> FeedState:
    """Return how far an underlying's surface may be trusted now; invalid before the first one."""
    standing = view.get(SURFACE_STANDINGS, underlying)
    return FeedState.INVALID if standing is None else FeedState(standing.state)


def surface_of(view: View, underlying: FeedId, time_ms: int) -> Surface | None:
    """Return an underlying's surface at a time, rolled down from when it was chosen.

    None before the first one, and when all its dates have passed.
    """
    stored = view.get(SURFACES, underlying)
    if stored is None:
        return None
    chosen = Surface(
        stored.chosen_ms,
        tuple(smile.expiry_ms for smile in stored.smiles),
        tuple(smile.forward_e8 for smile in stored.smiles),
        tuple(slice_of(smile) for smile in stored.smiles),
    )
    rolled = rolled_down(chosen, max(time_ms, stored.chosen_ms))
    return rolled if rolled.expiries_ms else None


def volatility_at_e9(view: View, underlying: FeedId, expiry_ms: int, strike_e8: int) -> int | None:
    """Return the volatility of a date at a strike, None where nobody said one.

    Time does not change it: a surface rolls down by its variance, and its volatilities stay.

    Rounds: down.
    """
    stored = view.get(SURFACES, underlying)
    smiles = () if stored is None else stored.smiles
    for smile in smiles:
        if stored is not None and smile.expiry_ms == expiry_ms:
            term_ms = expiry_ms - stored.chosen_ms
            return volatility_e9(slice_of(smile), smile.forward_e8, strike_e8, term_ms)
    return None


def slice_of(smile: Smile) -> Slice:
    """Return the slice of a smile as it was chosen."""
    return Slice(smile.a_q56, smile.b_q56, smile.rho_q56, smile.m_q56, smile.sigma_q56)


def _quotes(quote: SurfaceQuote, expiries_ms: tuple[int, ...]) -> tuple[Quote, ...]:
    """Return what a report says of every date, or nothing where it speaks of others."""
    if tuple(smile.expiry_ms for smile in quote.smiles) != expiries_ms:
        return ()
    return tuple(
        Quote(one.forward_e8, Slice(one.a_q56, one.b_q56, one.rho_q56, one.m_q56, one.sigma_q56))
        for one in quote.smiles
    )


def _keep(
    context: BlockContext, underlying: FeedId, chosen: Chosen, oracle_keys: Sequence[bytes]
) -> None:
    surface = chosen.surface
    liars_max, _ = divmod(len(oracle_keys) - 1, 3)
    smiles = tuple(
        Smile(expiry_ms, forward_e8, *one, spread_ppm)
        for expiry_ms, forward_e8, one, spread_ppm in zip(
            surface.expiries_ms,
            surface.forwards_e8,
            surface.slices,
            dispersions_ppm(chosen, liars_max),
            strict=True,
        )
    )
    index, admitted_count = chosen.reporter_index, len(chosen.admitted)
    distance_q62 = min(chosen.distance_q62, DISTANCE_Q62_MAX)
    context.state.put(
        SURFACES,
        underlying,
        VolatilitySurface(context.time_ms, index, distance_q62, admitted_count, smiles),
    )
    context.emit(SurfaceChosen(underlying, index, distance_q62, admitted_count))
    _count(context, oracle_keys[index], chosen_count=1)


def _is_held(context: BlockContext, underlying: FeedId, chosen: Chosen) -> bool:
    """Return whether a chosen surface is to wait, because it moved too far; and write that down.

    What is kept meanwhile may be off by the move, which is its dispersion until then.
    """
    state, at_ms = context.state, context.time_ms
    before = surface_of(state, underlying, at_ms)
    standing = state.get(SURFACE_STANDINGS, underlying) or NOT_HELD
    move = STILL
    if before is not None:
        move = move_of(_lasting(before), _lasting(chosen.surface))
    if move.size_ppm <= SURFACE_MOVE_MAX_PPM:
        held_count = 0
    else:
        agrees = standing.held_count > 0 and standing.held_above == move.is_above
        held_count = standing.held_count + 1 if agrees else 1
    if held_count in {0, JUMP_CONFIRMATIONS_COUNT}:
        if standing.held_count:
            state.put(SURFACE_STANDINGS, underlying, replace(standing, held_count=0))
        return False
    held = replace(standing, held_count=held_count, held_above=move.is_above)
    state.put(SURFACE_STANDINGS, underlying, held)
    stored = state.get(SURFACES, underlying)
    assert stored is not None
    off_ppm = min(move.size_ppm, DISPERSION_MAX_PPM)
    smiles = tuple(
        replace(smile, dispersion_ppm=max(smile.dispersion_ppm, off_ppm)) for smile in stored.smiles
    )
    state.put(SURFACES, underlying, replace(stored, smiles=smiles))
    context.emit(SurfaceHeld(underlying, chosen.reporter_index, move.size_ppm, held_count))
    return True


def _lasting(surface: Surface) -> Surface:
    """Return a surface without the dates whose windows are open: little is left to vary there."""
    return rolled_down(surface, surface.time_ms, surface.time_ms + WINDOW_MS)


def _tell_refused(
    context: BlockContext, underlying: FeedId, chosen: Chosen, oracle_keys: Sequence[bytes]
) -> None:
    for refused, fault in chosen.refused:
        context.emit(SurfaceRefused(underlying, refused, fault))
        _count(context, oracle_keys[refused], refused_count=1)


def _count(
    context: BlockContext, oracle_key: bytes, *, chosen_count: int = 0, refused_count: int = 0
) -> None:
    record = context.state.get(SURFACE_REPORTERS, oracle_key)
    assert record is not None
    counted = replace(
        record,
        chosen_count=record.chosen_count + chosen_count,
        refused_count=record.refused_count + refused_count,
    )
    context.state.put(SURFACE_REPORTERS, oracle_key, counted)
