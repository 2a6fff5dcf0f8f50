"""Blocks, headers, certificates. Criteria: RPC-080 to RPC-082 of docs/specs/rpc.md."""

import base64
from dataclasses import asdict

from chain.block.header import parse_header
from node.rpc.methods.blocks import (
    block_form,
    certificate_form,
    header_form,
    members_now,
    name_of,
    told_block,
)
from tests.node.rpc.conftest import Rooms


def test_a_header_shows_every_field_and_its_bytes(rooms: Rooms) -> None:
    header = rooms.finalise().header

    shown = header_form(header, members_now(rooms.services)[0])

    assert set(asdict(header)) | {"block_id", "proposer_name", "raw"} == set(shown)
    assert header == parse_header(base64.b64decode(shown["raw"]))
    assert ("1", 397) == (shown["height"], len(base64.b64decode(shown["raw"])))


def test_names_no_longer_kept_are_shown_as_numbers(rooms: Rooms) -> None:
    assert "3" == name_of((), 3)
    assert name_of(members_now(rooms.services)[0], 0).startswith("auth")


def test_a_certificate_of_forgotten_authorities_keeps_its_bitmap(rooms: Rooms) -> None:
    rooms.finalise()

    shown = certificate_form(rooms.services, 1, {})

    assert shown is not None
    assert ([], 3) == (shown["signers"], len(shown["signatures"]))
    assert 3 == base64.b64decode(shown["bitmap"])[0].bit_count()


def test_what_is_not_stored_has_no_form(rooms: Rooms) -> None:
    assert block_form(rooms.services, 5, {}) is None
    assert certificate_form(rooms.services, 0, {}) is None


def test_an_empty_block_is_told_as_such(rooms: Rooms) -> None:
    told = told_block(rooms.services, rooms.finalise(), ())

    assert ("1", 0, []) == (told["height"], told["tx_count"], told["transactions"])
