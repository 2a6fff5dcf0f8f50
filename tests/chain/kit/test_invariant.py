"""MACH-061."""

import pytest

from chain.kit import Broken, hold


def test_hold_raises_where_the_fact_fails() -> None:
    hold(True, "fine")
    with pytest.raises(Broken, match="2 is not 3"):
        hold(False, "2 is not 3")
