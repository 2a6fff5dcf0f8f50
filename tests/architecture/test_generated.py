"""Law 8: what is generated is checked. Goldens are checked beside what they freeze."""

import pytest

from tests.architecture.source import ROOT


@pytest.mark.parametrize(("module", "page"), [("rpc", "rpc.md"), ("cli", "cli.md")])
def test_reference_page_is_what_its_declarations_say(module: str, page: str) -> None:
    generator = __import__(f"node.{module}.reference", fromlist=["page"])

    assert (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8") == generator.page()
