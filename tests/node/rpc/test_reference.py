"""The reference page is what the declarations say. Criterion: RPC-044 of docs/specs/rpc.md."""

from node.rpc.methods.every import ALWAYS, ON_DEVELOPMENT_CHAINS
from node.rpc.reference import PAGE, every_reason, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_names_every_method_and_every_reason() -> None:
    text = page()

    lacking = [
        method.name
        for method in (*ALWAYS, *ON_DEVELOPMENT_CHAINS)
        if f"### `{method.name}`" not in text
    ]
    lacking += [one.slug for one in every_reason() if f"`{one.slug}`" not in text]
    assert [] == lacking
