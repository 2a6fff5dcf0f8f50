from pathlib import Path

import pytest

from node.storage.fault import (
    StorageFault,
    damaged,
    foreign,
    format_unknown,
    locked,
    unreadable,
    unwritable,
)

PATH = Path("auth0/chain")


@pytest.mark.parametrize(
    ("fault", "slug", "names"),
    [
        (damaged(PATH, "row 7"), "storage_damaged", "row 7"),
        (foreign(PATH, b"\x01", b"\x02"), "storage_foreign", "chain 0x01, not 0x02"),
        (format_unknown(PATH, 9, 1), "storage_format_unknown", "format 9; this program reads 1"),
        (locked(PATH), "storage_locked", "another process"),
        (unwritable(PATH, "no space"), "storage_unwritable", "no space"),
        (unreadable(PATH, "no permission"), "storage_unreadable", "no permission"),
    ],
)
def test_fault_names_the_folder_and_says_what_to_do(
    fault: StorageFault, slug: str, names: str
) -> None:
    said = str(fault).splitlines()

    assert (slug, 8, 3) == (fault.slug, fault.exit_code, len(said))
    assert "auth0/chain" in said[0]
    assert names in said[0]


def test_damage_sends_nobody_to_delete_the_key() -> None:
    assert "vote log are in signer/ and must stay" in damaged(PATH, "row 7").hint
