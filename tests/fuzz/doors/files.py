"""A key file, and texts that name holders and amounts."""

from pathlib import Path

from chain.crypto.addresses import MalformedAddress, address_from, text_of
from chain.kit.holder import MalformedHolder, holder_from, text_of_holder
from node.faults import NodeFault
from node.keystore.key_file import read_key_file, write_key_file
from tests.fuzz.door import Door, folder_in_memory, said
from tests.fuzz.tree import JSON
from tests.given import address

_FOLDER = folder_in_memory()
_FILE = Path(_FOLDER.name) / "key.json"


def _strike_key(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        read_key_file(_FILE)
    except NodeFault as fault:
        said(fault)


def _strike_texts(data: bytes) -> None:
    text = data.decode("latin-1")
    try:
        assert text_of(address_from(text)) == text, "two texts of one address"
    except MalformedAddress as fault:
        said(fault)
    try:
        assert text_of_holder(holder_from(text)) == text, "two texts of one holder"
    except MalformedHolder as fault:
        said(fault)


def _key_seeds() -> list[bytes]:
    path = Path(_FOLDER.name) / "seed.json"
    write_key_file(path, bytes(range(32)), "account", None, replace=True)
    return [path.read_bytes()]


DOORS = (
    Door("key-file", _key_seeds, _strike_key, form=JSON),
    Door(
        "texts",
        lambda: [text_of(address("bob")).encode(), text_of(address("bob")).encode() + b"/7"],
        _strike_texts,
    ),
)
