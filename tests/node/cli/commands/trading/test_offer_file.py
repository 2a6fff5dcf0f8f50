"""CLI-110: an offer goes from hand to hand as a file, whole, and of one chain."""

import json
from pathlib import Path

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import is_genuine
from derivatives.block_trades.offers import offer_bytes
from node.cli.commands.trading.offer_file import OfferFile, read_offer, write_offer
from node.client.failures import Failure
from tests.given_blocks import offering
from tests.given_book import SELL, TICKS
from tests.given_market import BTC_PERP

CHAIN = bytes(range(32))
OFFER = offering("alice", "bob", (SELL, 2_000, BTC_PERP, TICKS), expires_ms=9)
KEY = SigningKey.from_seed(b"\1" * 32)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    signed = OfferFile(CHAIN, OFFER, {}).signed_by(KEY)

    write_offer(tmp_path / "offer", signed)

    assert signed == read_offer(tmp_path / "offer", CHAIN)
    assert [] == list(tmp_path.glob(".*"))


def test_signed_is_what_the_chain_looks_at() -> None:
    signature = OfferFile(CHAIN, OFFER, {}).signed_by(KEY).signatures[KEY.public_key]

    assert is_genuine(KEY.public_key, offer_bytes(CHAIN, OFFER), signature)


def test_signatures_ascend_by_key() -> None:
    signed = OfferFile(CHAIN, OFFER, {})
    for seed in range(1, 6):
        signed = signed.signed_by(SigningKey.from_seed(bytes([seed]) * 32))

    keys = [one["public_key"] for one in signed.plain["signatures"]]

    assert sorted(keys) == keys
    assert 5 == len(keys)


@pytest.mark.parametrize(
    "broken",
    ["", "{}", "[]", '{"format": 2}', '{"format": 1, "chain_id": "0x00", "offer": 3}'],
)
def test_what_is_no_offer_is_refused(tmp_path: Path, broken: str) -> None:
    (tmp_path / "offer").write_text(broken)

    with pytest.raises(Failure, match="is no offer of a block trade"):
        read_offer(tmp_path / "offer", CHAIN)


def test_a_file_that_is_not_there_and_one_of_another_chain_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read_offer(tmp_path / "nothing", CHAIN)
    write_offer(tmp_path / "offer", OfferFile(CHAIN, OFFER, {}))
    with pytest.raises(Failure, match="is for chain"):
        read_offer(tmp_path / "offer", bytes(32))


def test_every_field_that_is_changed_is_read_as_it_stands(tmp_path: Path) -> None:
    written = OfferFile(CHAIN, OFFER, {}).written()
    written["offer"]["legs"][0]["price_ticks"] = "1"
    (tmp_path / "offer").write_text(json.dumps(written))

    assert 1 == read_offer(tmp_path / "offer", CHAIN).offer.legs[0].price_ticks
