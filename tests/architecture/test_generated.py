"""Law 8: what is generated is checked. Goldens are checked beside what they freeze."""

import re

import pytest

from tests.architecture.source import ROOT


@pytest.mark.parametrize(("module", "page"), [("rpc", "rpc.md"), ("cli", "cli.md")])
def test_reference_page_is_what_its_declarations_say(module: str, page: str) -> None:
    generator = __import__(f"node.{module}.reference", fromlist=["page"])

    assert (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8") == generator.page()


def test_steps_of_a_block_are_the_hooks_of_the_registry() -> None:
    from derivatives.registry import REGISTRY

    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*?\|(.*?)\|", text, re.MULTILINE)
    told = [name for _, names in rows for name in re.findall(r"`(\w+)`", names)]
    hooks = [hook for module in REGISTRY for hook in module.begin_block]
    hooks += [hook for module in REGISTRY for hook in module.end_block]

    assert [str(step) for step in range(13)] == [step for step, _ in rows]
    assert [hook.__name__ for hook in hooks] == told
