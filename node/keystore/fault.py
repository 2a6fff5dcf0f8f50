"""What can be wrong with a key, each by its permanent number."""

from typing import ClassVar

from node.faults import NodeFault


class KeystoreFault(NodeFault):
    """A key cannot be used, made or read. Nothing was signed."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "key_not_found": 1520,
        "key_exists": 1521,
        "key_malformed": 1522,
        "key_version_unknown": 1523,
        "passphrase_missing": 1524,
        "passphrase_wrong": 1525,
        "development_key_refused": 1526,
        "key_purpose_wrong": 1527,
        "key_name_wrong": 1528,
        "key_unwritable": 1529,
    }
    EXIT_CODE: ClassVar[int] = 7

    def __init__(self, slug: str, happened: str, *, hint: str = "", **facts: int | str) -> None:
        super().__init__(slug, happened, spared="Nothing was signed.", hint=hint, **facts)
