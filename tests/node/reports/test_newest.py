"""REPORT-001, REPORT-002 and REPORT-021: one form is not taken for the other."""

import pytest

from chain.codec.canonical import encode
from derivatives.oracle.volatility import SignedVolatility
from node.reports.fault import ReportFault
from node.reports.smiles import made_up_smiles
from tests import given
from tests.given_volatility import signed_volatility
from tests.node.reports.conftest import UNIT_E8, Desk


def volatility(desk: Desk, index: int, after_ms: int = 0, signer: str = "") -> SignedVolatility:
    now_ms = desk.world.head.header.time_ms + after_ms
    smiles = made_up_smiles(64_000 * UNIT_E8, [now_ms + 86_400_000], now_ms, 500_000)
    key = given.key(f"{signer or desk.names[index]}/oracle")
    return signed_volatility(index, key, desk.world.chain_id, now_ms, {"BTC": smiles})


def test_the_newest_of_each_authority_is_kept(desk: Desk) -> None:
    kept = desk.room().volatilities
    keys = [given.key(f"{name}/oracle").public_key for name in desk.names]
    first, later = volatility(desk, 1), volatility(desk, 1, after_ms=5_000)

    kept.take(encode(first))
    taken = kept.take(encode(later))

    assert (desk.names[1], 1, later.report.round) == (
        taken.authority,
        taken.authority_index,
        taken.round,
    )
    assert {1: later} == kept.of_epoch(0, keys)
    assert {} == kept.of_epoch(1, keys)
    assert later.report.round == kept.newest_round(keys[1])
    assert kept.newest_round(keys[0]) is None


def test_old_late_and_forged_ones_are_refused(desk: Desk) -> None:
    kept = desk.room().volatilities
    kept.take(encode(volatility(desk, 0)))

    for signed, slug in (
        (volatility(desk, 0), "report_old"),
        (volatility(desk, 1, after_ms=5_001), "report_untimely"),
        (volatility(desk, 1, signer="alice"), "report_forged"),
    ):
        with pytest.raises(ReportFault) as refused:
            kept.take(encode(signed))
        assert slug == refused.value.slug


def test_a_report_of_prices_is_none_of_volatility(desk: Desk) -> None:
    room = desk.room()

    with pytest.raises(ReportFault) as refused:
        room.volatilities.take(desk.report(0))
    assert "report_malformed" == refused.value.slug
    with pytest.raises(ReportFault) as refused:
        room.prices.take(encode(volatility(desk, 0)))
    assert "report_malformed" == refused.value.slug


def test_an_own_report_takes_the_place_of_what_was_kept(desk: Desk) -> None:
    kept, signed = desk.room().volatilities, volatility(desk, 0)
    key = given.key(f"{desk.names[0]}/oracle").public_key

    kept.keep_own(key, signed)

    assert {0: signed} == kept.of_epoch(0, [key])


def test_only_what_was_submitted_here_is_told(desk: Desk) -> None:
    kept, heard = desk.room().volatilities, []
    kept.tell(heard.append)

    kept.take(encode(volatility(desk, 0)))
    data = encode(volatility(desk, 1))
    kept.submit(data)

    assert [data] == heard
