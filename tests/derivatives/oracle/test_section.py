"""ORAC-001 to ORAC-009: what a section is, and every way in which it is none."""

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import InvalidBlock, replace
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.module import MODULE
from derivatives.oracle.section import (
    FeedQuote,
    Report,
    Section,
    SignedReport,
    accepted_section,
    assembled_section,
    encode,
    is_timely,
    last_round_of,
    report_bytes,
    report_fault,
    round_of,
)
from derivatives.oracle.state import REPORTERS, Reporter

CHAIN = b"c" * 32
KEYS = [SigningKey.from_seed(bytes([index]) * 32) for index in range(4)]
PUBLIC = [key.public_key for key in KEYS]
NOW = 10_000_000


def signed(index: int, **changes: object) -> SignedReport:
    report = Report(CHAIN, 0, round_of(NOW), NOW, (FeedQuote("BTC", 10**12, 10**9, 3),))
    report = replace(report, **changes)
    return SignedReport(index, report, KEYS[index].sign(report_bytes(report)))


def state() -> Overlay:
    return Overlay(Tables(MODULE.tables))


def judged(*reports: SignedReport, view: Overlay | None = None) -> Section:
    return accepted_section(
        view or state(),
        encode(Section(reports)),
        chain_id=CHAIN,
        epoch=0,
        time_ms=NOW,
        oracle_keys=PUBLIC,
        quorum_count=3,
    )


def test_quorum_of_good_reports_is_a_section() -> None:
    reports = tuple(signed(index) for index in (0, 2, 3))

    assert reports == judged(*reports).reports


@pytest.mark.parametrize(
    ("reports", "what"),
    [
        ((signed(0), signed(1)), "2 reports, 3 needed"),
        ((signed(0), signed(2), signed(1)), "authority 1 after 2"),
        ((signed(0), signed(1), signed(1)), "authority 1 after 1"),
        ((signed(0), signed(1), replace(signed(2), authority_index=4)), "authority 4 after 1"),
        ((signed(0), signed(1), signed(2, chain_id=b"x" * 32)), "of another chain"),
        ((signed(0), signed(1), signed(2, epoch=1)), "of epoch 1, not 0"),
        ((signed(0), signed(1), signed(2, round=1)), "round 1 is not that of"),
        (
            (signed(0), signed(1), signed(2, observed_ms=NOW + 2_001, round=round_of(NOW + 2_001))),
            "early, late or used",
        ),
        ((signed(0), signed(1), replace(signed(2), signature=bytes(64))), "bad signature"),
        ((signed(0), signed(1), replace(signed(2), authority_index=3)), "bad signature"),
    ],
)
def test_faulty_section_makes_the_block_invalid(
    reports: tuple[SignedReport, ...], what: str
) -> None:
    with pytest.raises(InvalidBlock, match=what):
        judged(*reports)


def test_bytes_that_are_no_section_make_the_block_invalid() -> None:
    with pytest.raises(InvalidBlock, match="oracle section"):
        accepted_section(
            state(), b"\xff", chain_id=CHAIN, epoch=0, time_ms=NOW, oracle_keys=PUBLIC,
            quorum_count=3,
        )  # fmt: skip


def test_report_is_used_once() -> None:
    view = state()
    view.put(REPORTERS, PUBLIC[1], Reporter(round_of(NOW), 1, 0, 0))

    assert not is_timely(signed(1).report, NOW, last_round_of(view, PUBLIC[1]))
    with pytest.raises(InvalidBlock, match="authority 1 is early, late or used"):
        judged(signed(0), signed(1), signed(2), view=view)


def test_feeds_of_a_report_ascend() -> None:
    quotes = (FeedQuote("ETH", 1, 1, 1), FeedQuote("BTC", 1, 1, 1))

    assert report_fault(signed(0, quotes=quotes).report, CHAIN, 0) == "its feeds do not ascend"


def test_leader_leaves_out_what_is_late_and_makes_no_section_below_a_quorum() -> None:
    late = signed(1, observed_ms=NOW - 2_001, round=round_of(NOW - 2_001))

    four = {0: signed(0), 1: late, 2: signed(2), 3: signed(3)}
    three = {0: signed(0), 1: late, 2: signed(2)}
    made = [
        assembled_section(state(), newest, time_ms=NOW, oracle_keys=PUBLIC, quorum_count=3)
        for newest in (four, three)
    ]

    assert [encode(Section((signed(0), signed(2), signed(3)))), b""] == made


def test_assembled_section_is_accepted() -> None:
    newest = {index: signed(index) for index in range(4)}

    data = assembled_section(state(), newest, time_ms=NOW, oracle_keys=PUBLIC, quorum_count=3)

    assert tuple(newest.values()) == judged(*newest.values()).reports
    assert encode(Section(tuple(newest.values()))) == data
