"""REPORT-001 to REPORT-006: the newest genuine report of each authority, and no other."""

from typing import Any

import pytest

from chain.codec.canonical import decode
from derivatives.oracle.section import Section, accepted_section
from node.reports.fault import ReportFault
from tests import given
from tests.node.reports.conftest import Desk


def section_of(desk: Desk, data: bytes, time_ms: int) -> Section:
    return accepted_section(
        desk.world.tables,
        data,
        chain_id=desk.world.chain_id,
        epoch=0,
        time_ms=time_ms,
        oracle_keys=oracle_keys(desk),
        quorum_count=3,
    )


def oracle_keys(desk: Desk) -> list[bytes]:
    return [given.key(f"{name}/oracle").public_key for name in desk.names]


def test_a_quorum_of_reports_makes_a_section_that_blocks_accept(desk: Desk) -> None:
    room = desk.room()
    for index in (0, 2, 3):
        room.prices.take(desk.report(index))

    data = room.section(desk.world.tables, 0, desk.clock.now_ms)

    accepted = section_of(desk, data, desk.clock.now_ms)
    assert [0, 2, 3] == [signed.authority_index for signed in accepted.reports]


def test_fewer_than_a_quorum_make_an_empty_section(desk: Desk) -> None:
    room = desk.room()
    for index in (0, 3):
        room.prices.take(desk.report(index))

    assert b"" == room.section(desk.world.tables, 0, desk.clock.now_ms)


def test_the_newest_report_of_an_authority_takes_the_place_of_older_ones(desk: Desk) -> None:
    room = desk.room()
    for index in range(4):
        room.prices.take(desk.report(index, 64_000))
    taken = room.prices.take(desk.report(1, 65_000, after_ms=500))

    section = decode(Section, room.section(desk.world.tables, 0, desk.clock.now_ms))

    assert (desk.names[1], 1) == (taken.authority, taken.authority_index)
    prices = [signed.report.quotes[0].price_e8 // 10**8 for signed in section.reports]
    assert [64_000, 65_000, 64_000, 64_000] == prices
    assert taken.round == room.prices.newest_round(oracle_keys(desk)[1])


def test_reports_that_are_too_old_for_a_block_are_not_in_it(desk: Desk) -> None:
    room = desk.room()
    for index in range(4):
        room.prices.take(desk.report(index))

    assert b"" != room.section(desk.world.tables, 0, desk.clock.now_ms + 2_000)
    assert b"" == room.section(desk.world.tables, 0, desk.clock.now_ms + 2_001)


def test_reports_of_another_epoch_are_in_no_block_of_this_one(desk: Desk) -> None:
    room = desk.room()
    for index in range(4):
        room.prices.take(desk.report(index))

    assert b"" == room.section(desk.world.tables, 1, desk.clock.now_ms)


@pytest.mark.parametrize(
    ("slug", "how"),
    [
        ("report_elsewhere", {"chain_id": bytes(32)}),
        ("report_elsewhere", {"epoch": 7}),
        ("report_elsewhere", {"round": 1}),
        ("report_elsewhere", {"index": 4}),
        ("report_forged", {"signer": "alice"}),
        ("report_forged", {"signer": "auth9"}),
        ("report_untimely", {"after_ms": 5_001}),
        ("report_untimely", {"after_ms": -5_001}),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    desk: Desk, slug: str, how: dict[str, Any]
) -> None:
    room = desk.room()

    with pytest.raises(ReportFault) as refused:
        room.prices.take(desk.report(how.pop("index", 0), **how))

    assert slug == refused.value.slug
    assert [None] * 4 == [room.prices.newest_round(key) for key in oracle_keys(desk)]


@pytest.mark.parametrize("data", [b"", b"\xc0", b"\x93\x00\x00\x00", bytes(9_000)])
def test_bytes_that_are_no_report_are_refused(desk: Desk, data: bytes) -> None:
    with pytest.raises(ReportFault) as refused:
        desk.room().prices.take(data)

    assert "report_malformed" == refused.value.slug


def test_a_second_report_of_one_half_second_is_refused(desk: Desk) -> None:
    room = desk.room()
    room.prices.take(desk.report(0, 64_000))

    with pytest.raises(ReportFault) as refused:
        room.prices.take(desk.report(0, 65_000))

    assert "report_old" == refused.value.slug


def test_what_was_submitted_here_is_told_and_what_was_heard_is_not(desk: Desk) -> None:
    room = desk.room()
    told: list[bytes] = []
    room.prices.tell(told.append)

    room.prices.submit(desk.report(0))
    room.prices.take(desk.report(1))
    with pytest.raises(ReportFault):
        room.prices.submit(desk.report(2, signer="alice"))

    assert [desk.report(0)] == told
