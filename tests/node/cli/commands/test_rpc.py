from collections.abc import Callable
from typing import Any

from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]


def test_words_become_json_values_where_they_parse(novation: Run, serve: Serve) -> None:
    node = serve(m=lambda **fields: fields)

    said = novation(
        "rpc", "m", "a=1", "b=text", 'c=["x"]', "d=1.5", "e=", "--rpc", node.url, "--json"
    )

    assert {"a": 1, "b": "text", "c": ["x"], "d": "1.5", "e": ""} == said.document["data"]


def test_word_without_a_value_is_refused(novation: Run) -> None:
    assert 2 == novation("rpc", "m", "alone").code


def test_sound_audit_says_so(novation: Run, serve: Serve) -> None:
    node = serve(node_audit={"height": "7", "breaches": [], "invariants_count": 9})

    said = novation("audit", "--rpc", node.url)

    assert 0 == said.code
    assert said.out.startswith("all 9 invariants hold at height 7")


def test_broken_invariant_is_told_and_exits_5(novation: Run, serve: Serve) -> None:
    breach = {"module": "ledger", "invariant": "supply", "what": "off by 1"}
    node = serve(node_audit={"height": "7", "breaches": [breach]})

    said = novation("audit", "--rpc", node.url, "--json")

    assert 5 == said.code
    assert "ledger.supply: off by 1" in said.document["error"]["hint"]
