"""A configuration file, as somebody may have typed it."""

from pathlib import Path

from node.agents.feeder.settings import read_settings, write_synthetic
from node.config import Configuration, load_configuration, write_configuration
from node.faults import NodeFault
from tests.fuzz.door import Door, folder_in_memory, said
from tests.fuzz.tree import TOML

_FOLDER = folder_in_memory()
_FILE = Path(_FOLDER.name) / "config.toml"


def _strike(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        load_configuration(_FILE)
    except NodeFault as fault:
        said(fault)


def _strike_feeder(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        read_settings(_FILE)
    except NodeFault as fault:
        said(fault)


def _seeds() -> list[bytes]:
    write_configuration(_FILE, Configuration())
    return [_FILE.read_bytes(), b'[rpc]\nport = 7\norigins = ["http://a"]\n[storage]\nflush=true\n']


def _feeder_seeds() -> list[bytes]:
    write_synthetic(_FILE, node="http://127.0.0.1:1", name="auth0", seed=7)
    return [_FILE.read_bytes()]


DOORS = (
    Door("configuration", _seeds, _strike, form=TOML),
    Door("feeder-settings", _feeder_seeds, _strike_feeder, form=TOML),
)
