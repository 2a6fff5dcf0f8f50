"""The name that was meant. Criterion: RPC-035 of docs/specs/rpc.md."""

import pytest

from node.naming.near import near_name

KNOWN = ["BTC-26MAR27", "BTC-PERP", "ETH-PERP", "orders.order_placed"]


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        ("BTC-PERP", "BTCPERP"),
        ("BTC-PERP", "btc-perp"),
        ("BTC-PERP", "BTC"),
        ("ETH-PERP", "eth"),
        ("orders.order_placed", "placed"),
        ("", "gold"),
        ("", ""),
    ],
)
def test_the_nearest_name_is_found_by_spelling_then_by_its_parts(meant: str, written: str) -> None:
    assert meant == near_name(written, KNOWN)


def test_a_long_text_is_not_compared_whole() -> None:
    assert "" == near_name("x" * 1_000_000, KNOWN)
