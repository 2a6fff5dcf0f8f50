"""ORAC-050 to ORAC-056: which reports of volatility a block may hold, and which make it invalid."""

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import InvalidBlock, replace
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.module import MODULE
from derivatives.oracle.state import SURFACE_REPORTERS, SurfaceReporter
from derivatives.oracle.volatility import (
    SignedVolatility,
    SurfaceQuote,
    is_timely_volatility,
    last_volatility_round_of,
    require_volatilities,
    usable_volatilities,
    volatility_bytes,
    volatility_fault,
    volatility_round_of,
)
from tests.given_volatility import signed_volatility, smile_quotes

CHAIN = b"c" * 32
KEYS = [SigningKey.from_seed(bytes([index]) * 32) for index in range(4)]
PUBLIC = [key.public_key for key in KEYS]
NOW = 10_000_000
DATES = (NOW + 86_400_000, NOW + 7 * 86_400_000)


def signed(index: int, **changes: object) -> SignedVolatility:
    told = signed_volatility(index, KEYS[index], CHAIN, NOW, {"BTC": smile_quotes(DATES, NOW)})
    report = replace(told.report, **changes)
    return replace(told, report=report, signature=KEYS[index].sign(volatility_bytes(report)))


def state() -> Overlay:
    return Overlay(Tables(MODULE.tables))


def judge(*volatilities: SignedVolatility, view: Overlay | None = None) -> None:
    require_volatilities(
        view or state(),
        volatilities,
        chain_id=CHAIN,
        epoch=0,
        time_ms=NOW,
        oracle_keys=PUBLIC,
        quorum_count=3,
    )


def test_none_and_a_quorum_are_fine() -> None:
    judge()
    judge(signed(0), signed(2), signed(3))


QUOTE = SurfaceQuote("BTC", smile_quotes(DATES, NOW))
WRONG = {
    "chain": ({"chain_id": b"d" * 32}, "another chain"),
    "epoch": ({"epoch": 1}, "epoch 1, not 0"),
    "round": ({"round": 3}, "round 3"),
    "early": ({"observed_ms": NOW + 2_001}, "early, late or used"),
    "late": ({"observed_ms": NOW - 2_001, "round": volatility_round_of(NOW - 2_001)}, "early"),
    "underlyings": ({"surfaces": (QUOTE, QUOTE)}, "underlyings do not ascend"),
    "dates": (
        {"surfaces": (SurfaceQuote("BTC", QUOTE.smiles[::-1]),)},
        "dates of BTC do not ascend",
    ),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_one_wrong_report_makes_the_block_invalid(name: str) -> None:
    changes, why = WRONG[name]

    with pytest.raises(InvalidBlock, match=why):
        judge(signed(0), signed(1), signed(2, **changes))


def test_too_few_make_the_block_invalid() -> None:
    with pytest.raises(InvalidBlock, match="2 reports, 3 needed"):
        judge(signed(0), signed(1))


def test_authorities_out_of_order_make_the_block_invalid() -> None:
    with pytest.raises(InvalidBlock, match="authority 1 after 2"):
        judge(signed(0), signed(2), signed(1))
    with pytest.raises(InvalidBlock, match="authority 4 after 2"):
        judge(signed(0), signed(2), replace(signed(3), authority_index=4))


def test_a_forged_report_makes_the_block_invalid() -> None:
    forged = replace(signed(2), signature=signed(1).signature)

    with pytest.raises(InvalidBlock, match="bad signature"):
        judge(signed(0), signed(1), forged)


def test_a_report_is_used_once() -> None:
    view = state()
    view.put(SURFACE_REPORTERS, PUBLIC[1], SurfaceReporter(volatility_round_of(NOW), 0, 0))

    with pytest.raises(InvalidBlock, match="authority 1 is early, late or used"):
        judge(signed(0), signed(1), signed(2), view=view)
    assert volatility_round_of(NOW) == last_volatility_round_of(view, PUBLIC[1])
    assert -1 == last_volatility_round_of(view, PUBLIC[0])


def test_what_it_says_of_volatility_makes_no_block_invalid() -> None:
    absurd = SurfaceQuote("XYZ", tuple(replace(s, sigma_q56=-1) for s in QUOTE.smiles))

    judge(*(signed(index, surfaces=(absurd,)) for index in range(3)))


def test_a_leader_takes_what_is_timely_and_nothing_below_a_quorum() -> None:
    view = state()
    view.put(SURFACE_REPORTERS, PUBLIC[1], SurfaceReporter(volatility_round_of(NOW), 0, 0))
    newest = {index: signed(index) for index in range(4)}

    found = usable_volatilities(view, newest, time_ms=NOW, oracle_keys=PUBLIC, quorum_count=3)

    assert [0, 2, 3] == [one.authority_index for one in found]
    del newest[0]
    few = usable_volatilities(view, newest, time_ms=NOW, oracle_keys=PUBLIC, quorum_count=3)
    assert () == few


def test_a_report_is_timely_within_two_seconds_and_of_a_later_round() -> None:
    report = signed(0).report

    assert volatility_fault(report, CHAIN, 0) is None
    assert is_timely_volatility(report, NOW + 2_000, report.round - 1)
    assert not is_timely_volatility(report, NOW + 2_001, report.round - 1)
    assert not is_timely_volatility(report, NOW, report.round)
