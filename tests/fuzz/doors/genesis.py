"""A genesis file, as somebody may have edited it."""

import json
from typing import Any

from chain.kit.genesis import GenesisFault
from chain.machine.application import Application
from chain.machine.genesis import load_genesis
from derivatives.registry import REGISTRY
from tests import given
from tests.fuzz.door import Door, said
from tests.fuzz.tree import JSON

_APPLICATION = Application(REGISTRY)


def _strike(data: bytes) -> None:
    try:
        genesis = load_genesis(_APPLICATION, data)
    except GenesisFault as fault:
        said(fault)
        return
    assert load_genesis(_APPLICATION, data).chain_id == genesis.chain_id


def _seeds() -> list[bytes]:
    document = given.genesis_object({"alice": {"USD": 5}}, 1)
    return [json.dumps(_thin(document)).encode()]


def _thin(document: dict[str, Any]) -> dict[str, Any]:
    tables = {name: rows[:2] for name, rows in document["tables"].items()}
    return document | {"tables": tables}


DOORS = (Door("genesis", _seeds, _strike, input_max_bytes=16_384, form=JSON),)
