"""A genesis file, as somebody may have edited it."""

import json
from typing import Any
from zlib import crc32

from chain.kit.genesis import GenesisFault
from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from derivatives.registry import REGISTRY
from tests import given
from tests.fuzz.door import Door, said
from tests.fuzz.tree import JSON

_APPLICATION = Application(REGISTRY)
_ELSEWHERE = ("ETH", "26MAR27")
AGAIN_ONE_IN = 16
"""Of genesis files that are good, so many are read twice: what is read is what it says."""


def _strike(data: bytes) -> None:
    try:
        genesis = load_genesis(_APPLICATION, data)
    except GenesisFault as fault:
        said(fault)
        return
    if crc32(data) % AGAIN_ONE_IN == 0:
        assert load_genesis(_APPLICATION, data).chain_id == genesis.chain_id


def _seeds() -> list[bytes]:
    """Return a good genesis of one market and one synthetic, and one that lacks what it names."""
    document = given.genesis_object({"alice": {"USD": 5, "BTC": 7}, "bob": {"USD": 1}}, 1)
    few = {name: rows[:2] for name, rows in document["tables"].items()}
    one = {name: list(filter(_is_here, rows)) for name, rows in document["tables"].items()}
    return [json.dumps(document | {"tables": tables}).encode() for tables in (one, few)]


def _is_here(row: dict[str, Any]) -> bool:
    return not any(name in str(value) for name in _ELSEWHERE for value in row.values())


DOORS = (Door("genesis", _seeds, _strike, input_max_bytes=16_384, form=JSON),)
