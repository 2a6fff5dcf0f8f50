"""STATE-051: which kernel of the chain runs here is told by name."""

import pytest

from chain.kernel import level


def test_kernel_is_one_of_the_known_ones() -> None:
    assert level.level_name() in {level.TWIN_NAME, *level.LEVEL_NAMES}


def test_without_a_built_kernel_the_twin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level, "kernel", None)

    assert "python" == level.level_name()
