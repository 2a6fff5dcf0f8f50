"""PRIC-022: the tables in C are those of the twin."""

import os
from pathlib import Path

from derivatives.pricing.kernel import header

PATH = Path(header.__file__).with_name("tables.h")


def test_header_is_its_golden() -> None:
    if os.environ.get("NOVATION_GOLDENS") == "write":
        PATH.write_text(header.header(), encoding="utf-8")

    assert PATH.read_text(encoding="utf-8") == header.header()
