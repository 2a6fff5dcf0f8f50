"""Reports of volatility: whole surfaces, signed like prices and less often.

A report says of each underlying a forward and a slice for every listed date, as of one moment.
The reports of a block ascend by authority; there are none, or at least a quorum.

    round = floor(observed_ms / 5000)

Source: docs/specs/oracle.md, ORAC-050 to ORAC-056.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated

from chain.kit import (
    Hash,
    InvalidBlock,
    Meta,
    Signature,
    View,
    divide_down,
    encode,
    is_genuine,
    record,
)
from derivatives.oracle.state import SURFACE_REPORTERS

TAG_VOLATILITY = b"NOVATION/volatility/1"
VOLATILITY_ROUND_MS = 5_000
OBSERVED_WITHIN_MS = 2_000
SMILES_MAX_COUNT = 32
UNDERLYINGS_MAX_COUNT = 16


@record
class SmileQuote:
    """What one report says of one date: the forward, and raw SVI about it."""

    expiry_ms: int
    forward_e8: int
    a_q56: int
    b_q56: int
    rho_q56: int
    m_q56: int
    sigma_q56: int


@record
class SurfaceQuote:
    """What one report says of one underlying; dates ascend and are distinct."""

    underlying: Annotated[str, Meta(min_length=1, max_length=16)]
    smiles: Annotated[tuple[SmileQuote, ...], Meta(max_length=SMILES_MAX_COUNT)]


@record
class VolatilityReport:
    """What one authority's feeder saw of volatility at one moment; underlyings ascend."""

    chain_id: Hash
    epoch: int
    round: int
    observed_ms: int
    surfaces: Annotated[tuple[SurfaceQuote, ...], Meta(max_length=UNDERLYINGS_MAX_COUNT)]


@record
class SignedVolatility:
    """A report with the place of its authority in the epoch's set, and its signature."""

    authority_index: int
    report: VolatilityReport
    signature: Signature


def volatility_round_of(observed_ms: int) -> int:
    """Return the five seconds that a moment lies in. Rounds: down."""
    return divide_down(observed_ms, VOLATILITY_ROUND_MS)


def volatility_bytes(report: VolatilityReport) -> bytes:
    """Return what an oracle key signs: the tag, then the report."""
    return TAG_VOLATILITY + encode(report)


def volatility_fault(report: VolatilityReport, chain_id: bytes, epoch: int) -> str | None:
    """Return what is wrong with a report whatever the state, or nothing."""
    if report.chain_id != chain_id:
        return "it is of another chain"
    if report.epoch != epoch:
        return f"it is of epoch {report.epoch}, not {epoch}"
    if report.round != volatility_round_of(report.observed_ms):
        return f"round {report.round} is not that of {report.observed_ms} ms"
    if any(a.underlying >= b.underlying for a, b in pairwise(report.surfaces)):
        return "its underlyings do not ascend"
    for surface in report.surfaces:
        if any(a.expiry_ms >= b.expiry_ms for a, b in pairwise(surface.smiles)):
            return f"its dates of {surface.underlying} do not ascend"
    return None


def is_timely_volatility(report: VolatilityReport, time_ms: int, last_round: int) -> bool:
    """Return whether a report is near a block's time and later than what was used."""
    return abs(report.observed_ms - time_ms) <= OBSERVED_WITHIN_MS and report.round > last_round


def last_volatility_round_of(view: View, oracle_key: bytes) -> int:
    """Return the last round in which an authority's surface was used, or -1."""
    reporter = view.get(SURFACE_REPORTERS, oracle_key)
    return -1 if reporter is None else reporter.last_round


def require_volatilities(
    view: View,
    volatilities: Sequence[SignedVolatility],
    *,
    chain_id: bytes,
    epoch: int,
    time_ms: int,
    oracle_keys: Sequence[bytes],
    quorum_count: int,
) -> None:
    """Refuse reports of volatility that no block may hold.

    Refuses: InvalidBlock, saying which report is wrong and how.
    """
    if volatilities and len(volatilities) < quorum_count:
        raise InvalidBlock(f"volatility: {len(volatilities)} reports, {quorum_count} needed")
    previous = -1
    for signed in volatilities:
        index, report = signed.authority_index, signed.report
        if not previous < index < len(oracle_keys):
            raise InvalidBlock(f"volatility: report of authority {index} after {previous}")
        previous = index
        fault = volatility_fault(report, chain_id, epoch)
        if fault is not None:
            raise InvalidBlock(f"volatility: report of authority {index}: {fault}")
        last_round = last_volatility_round_of(view, oracle_keys[index])
        if not is_timely_volatility(report, time_ms, last_round):
            raise InvalidBlock(f"volatility: report of authority {index} is early, late or used")
        if not is_genuine(oracle_keys[index], volatility_bytes(report), signed.signature):
            raise InvalidBlock(f"volatility: report of authority {index} has a bad signature")


def usable_volatilities(
    view: View,
    newest: Mapping[int, SignedVolatility],
    *,
    time_ms: int,
    oracle_keys: Sequence[bytes],
    quorum_count: int,
) -> tuple[SignedVolatility, ...]:
    """Return what a leader puts into a block of the newest genuine report of each authority.

    Nothing where fewer than a quorum are timely: a slow feeder never delays a block.
    """
    usable = tuple(
        newest[index]
        for index in range(len(oracle_keys))
        if index in newest
        and is_timely_volatility(
            newest[index].report, time_ms, last_volatility_round_of(view, oracle_keys[index])
        )
    )
    return usable if len(usable) >= quorum_count else ()
