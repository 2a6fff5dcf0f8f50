"""Declarations, described. Criterion: RPC-090 of docs/specs/rpc.md."""

import pytest

from chain.kit.fields import Field
from chain.machine.application import Application
from derivatives.registry import REGISTRY
from node.rpc.errors import RpcError
from node.rpc.methods.describe import described_kinds, json_form, kind_named

APPLICATION = Application(REGISTRY)


def test_every_kind_has_a_sentence_and_every_field_a_form() -> None:
    kinds = described_kinds(APPLICATION)

    assert list(APPLICATION.kinds) == [kind.kind for kind in kinds]
    assert all(kind.sentence and kind.fields for kind in kinds)
    assert all(field.form and field.json for kind in kinds for field in kind.fields)


def test_a_number_that_is_a_choice_has_its_words() -> None:
    kinds = {kind.name: kind for kind in described_kinds(APPLICATION)}
    fields = {field.name: field for field in kinds["orders.place"].fields}

    assert {1: "buy", 2: "sell"} == {one.number: one.word for one in fields["side"].choices}
    assert "gtc" == fields["time_in_force"].choices[0].word
    assert [] == fields["size_lots"].choices
    assert "lot_size" in fields["size_lots"].sentence


@pytest.mark.parametrize(
    ("json", "field"),
    [
        ("string", Field("amount_quantums", "integer", "quantums")),
        ("number", Field("time_ms", "integer", "ms")),
        ("boolean", Field("open", "boolean")),
        ("array", Field("keys", "list")),
        ("object", Field("part", "record")),
        ("string", Field("to", "address")),
    ],
)
def test_units_decide_the_json_form(json: str, field: Field) -> None:
    assert json == json_form(field)


def test_a_mistyped_kind_is_told_which_was_meant() -> None:
    with pytest.raises(RpcError) as refused:
        kind_named(APPLICATION, "ledger.transfr")

    assert {"kind": "ledger.transfr", "did_you_mean": "ledger.transfer"} == refused.value.facts
    assert 201 == kind_named(APPLICATION, "ledger.transfer")
