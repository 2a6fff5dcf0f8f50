from collections.abc import Callable
from typing import Any

import pytest

from derivatives.margin.kernel.level import level_name

Run = Callable[..., Any]


def test_version_names_itself_and_what_it_verifies_with(novation: Run) -> None:
    data = novation("version", "--json").document["data"]

    assert {"version", "python", "platform", "kernel", "kernels", "libraries"} == data.keys()
    assert level_name() == data["kernel"] == data["kernels"]["margin"]
    assert ["chain", "orders", "margin", "pricing"] == list(data["kernels"])
    assert data["libraries"]["pynacl"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(novation: Run, shell: str) -> None:
    said = novation("completion", shell)

    assert 0 == said.code
    assert "_NOVATION_COMPLETE" in said.out


def test_unknown_shell_is_refused(novation: Run) -> None:
    assert 2 == novation("completion", "csh").code
