from collections.abc import Callable
from typing import Any

import pytest

from node.cli import kernels
from node.cli.commands import doctor as subject
from node.cli.commands.doctor import Finding

Run = Callable[..., Any]


def test_doctor_looks_at_everything_that_a_node_needs(novation: Run) -> None:
    said = novation("doctor", "--json", "--rpc", "http://127.0.0.1:9")

    assert 0 == said.code
    checks = {check["subject"]: check["state"] for check in said.document["data"]["checks"]}
    before, after = (
        ["python", "libraries", "libsodium", "build"],
        ["ports", "disk", "clock", "keys"],
    )
    assert [*before, "kernels", *after] == list(checks)
    assert "ok" == checks["libsodium"]


def test_fault_is_named_and_exits_2(novation: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sick = Finding("libsodium", "fault", "judges otherwise", "run: make install")
    monkeypatch.setattr(subject, "LOOKS", (lambda _: sick,))

    said = novation("doctor", "--json")

    assert 2 == said.code
    assert "libsodium" in said.document["error"]["message"]
    assert "make install" in said.document["error"]["hint"]


def test_a_kernel_that_is_not_in_use_is_a_warning_with_what_to_do(
    novation: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        kernels, "kernels_in_use", lambda: {"chain": "c-native", "margin": "python"}
    )
    monkeypatch.setattr(subject, "LOOKS", (subject._look_kernels,))

    said = novation("doctor")

    assert 0 == said.code
    assert "WARN  kernels  chain c-native · margin python" in said.out
    assert "make install" in said.out


def test_clock_far_from_the_authorities_is_a_warning(
    novation: Run, serve: Callable[..., Any]
) -> None:
    node = serve(node_explainStall={"clock_offset_ms": -450})

    checks = novation("doctor", "--json", "--rpc", node.url).document["data"]["checks"]

    (clock,) = [check for check in checks if check["subject"] == "clock"]
    assert "warning" == clock["state"]
    assert "-450 ms" in clock["text"]
