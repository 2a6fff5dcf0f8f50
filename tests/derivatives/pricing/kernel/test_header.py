"""PRIC-022: the tables in C are those of the twin."""

import os
from pathlib import Path

from derivatives.pricing.kernel import header

PATH = Path(header.__file__).with_name("tables.h")


def test_header_is_its_golden() -> None:
    text = header.header()
    if os.environ.get("NOVATION_GOLDENS") == "write" and PATH.read_text(encoding="utf-8") != text:
        PATH.write_text(text, encoding="utf-8")  # then the kernel is to be built anew

    assert PATH.read_text(encoding="utf-8") == text
