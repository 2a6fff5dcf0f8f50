"""Records as JSON and back. Criteria: RPC-060 to RPC-065 of docs/specs/rpc.md."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.receipt import Receipt
from chain.block.transaction import LIST_KIND, list_of
from chain.crypto.addresses import text_of
from chain.kit.fields import Field, fields_of
from chain.machine.application import Application
from chain.modules.ledger.events import Transferred
from chain.modules.ledger.state import ASSETS, BALANCES
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.transactions import AddAgent
from chain.modules.system.state import PROGRESS
from derivatives.registry import REGISTRY
from node.rpc import forms, strict_json
from node.rpc.errors import ParametersInvalid
from tests import given

APPLICATION = Application(REGISTRY)
BOB = text_of(given.address("bob"))


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Return values that a field may hold, by its declaration alone."""
    whole = {
        "address": st.binary(min_size=32, max_size=32),
        "hash": st.binary(min_size=32, max_size=32),
        "public_key": st.binary(min_size=32, max_size=32),
        "signature": st.binary(min_size=64, max_size=64),
        "blob": st.binary(max_size=40),
        "text": st.text(max_size=16),
        "boolean": st.booleans(),
        "holder": st.sampled_from([given.holder("alice"), given.holder("bob") + "/7", "fees"]),
    }
    if field.form == "integer":
        own: st.SearchStrategy[Any] = st.integers(field.minimum, field.maximum)
    elif field.form == "list":
        own = st.lists(values_of(field.items[0]), max_size=4).map(tuple)
    elif field.form == "tuple":
        own = st.tuples(*(values_of(item) for item in field.items))
    elif field.form == "record":
        own = records_of(field.record)
    else:
        own = whole[field.form]
    return st.none() | own if field.optional else own


def records_of(record_type: Any) -> st.SearchStrategy[Any]:
    parts = {field.name: values_of(field) for field in fields_of(record_type)}
    return st.builds(record_type, **parts)


KINDS = [kind for kind in APPLICATION.kinds if kind != LIST_KIND]
payloads = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(st.just(kind), records_of(APPLICATION.payload(kind)))
)


@examples(payloads)
def test_what_a_payload_is_shown_as_means_that_payload(pair: tuple[int, Any]) -> None:
    kind, payload = pair

    shown = strict_json.read(strict_json.write(forms.fields_form(APPLICATION, kind, payload)))

    assert payload == forms.payload_from(APPLICATION, kind, shown)


@examples(st.lists(payloads, min_size=1, max_size=4))
def test_what_a_list_is_shown_as_means_that_list(pairs: list[tuple[int, Any]]) -> None:
    payload = list_of(pairs)

    shown = strict_json.read(strict_json.write(forms.fields_form(APPLICATION, LIST_KIND, payload)))

    assert payload == forms.payload_from(APPLICATION, LIST_KIND, shown)


@examples(st.sampled_from(APPLICATION.tables).flatmap(
    lambda table: st.tuples(
        st.just(table), *(values_of(forms.field_of_part(part)) if part.form != "text" else
                          st.text("abcXYZ/09", min_size=1, max_size=8) for part in table.key_parts)
    )
))  # fmt: skip
def test_what_a_key_is_shown_as_means_that_key(chosen: tuple[Any, ...]) -> None:
    table, *values = chosen
    key = values[0] if len(values) == 1 else tuple(values)

    shown = strict_json.read(strict_json.write(forms.key_form(table, key)))

    assert key == forms.key_from(table, shown)
    assert key == forms.key_from(table, list(shown.values()))


def test_units_decide_between_strings_and_numbers() -> None:
    agent = AddAgent(public_key=bytes(32), expires_ms=5, kinds=(201,), classes=())

    assert {
        "public_key": "0x" + "00" * 32,
        "expires_ms": 5,
        "kinds": [201],
        "classes": [],
    } == forms.fields_form(APPLICATION, APPLICATION.kind_of(AddAgent), agent)


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": 7}),
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": "07"}),
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": "-0"}),
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": "1e3"}),
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": True}),
        ("fields.amount_quantums", {"to": BOB, "asset": "USD", "amount_quantums": str(2**63)}),
        ("fields.to", {"to": BOB.upper()[:-1] + "q", "asset": "USD", "amount_quantums": "7"}),
        ("fields.to", {"to": 7, "asset": "USD", "amount_quantums": "7"}),
        ("fields.asset", {"to": BOB, "asset": None, "amount_quantums": "7"}),
        ("fields.asset", {"to": BOB, "amount_quantums": "7"}),
        ("fields.more", {"to": BOB, "asset": "USD", "amount_quantums": "7", "more": 1}),
    ],
)
def test_another_form_is_refused_with_its_place(place: str, fields: dict[str, Any]) -> None:
    kind = APPLICATION.kind_of(Transfer)

    with pytest.raises(ParametersInvalid) as refused:
        forms.payload_from(APPLICATION, kind, fields)

    assert place == refused.value.facts["field"]


@pytest.mark.parametrize(
    "actions",
    [
        None,
        {},
        [7],
        [{"kind": "ledger.transfer"}],
        [{"kind": "ledger.transfer", "fields": [], "more": 1}],
        [{"kind": "no.such", "fields": {}}],
        [{"kind": "system.list", "fields": {"actions": []}}],
    ],
)
def test_a_list_of_other_form_is_refused(actions: Any) -> None:
    with pytest.raises(ParametersInvalid):
        forms.payload_from(APPLICATION, LIST_KIND, {"actions": actions})


def test_a_table_of_one_record_has_no_key_to_give() -> None:
    assert () == forms.key_from(PROGRESS, None)
    assert {} == forms.key_form(PROGRESS, ())
    with pytest.raises(ParametersInvalid):
        forms.key_from(PROGRESS, "x")


def test_leading_parts_make_a_prefix() -> None:
    holder = given.holder("bob")

    assert (holder,) == forms.parts_from(BALANCES, {"holder": BOB})
    assert () == forms.parts_from(BALANCES, None)
    with pytest.raises(ParametersInvalid):
        forms.parts_from(BALANCES, {"asset": "USD"})


def test_a_kind_is_known_by_name_and_number() -> None:
    assert 201 == forms.kind_from(APPLICATION, "ledger.transfer")
    assert 201 == forms.kind_from(APPLICATION, 201)
    assert forms.kind_from(APPLICATION, True) is None
    assert forms.kind_from(APPLICATION, "ledger") is None
    assert forms.kind_from(APPLICATION, None) is None


def test_a_receipt_of_hooks_has_no_transaction() -> None:
    shown = forms.receipt_form(APPLICATION, Receipt(bytes(32), 3, 0, 0, (), (), 0), 7)

    assert ("system.hooks", True, None, "7") == (
        shown["kind"],
        shown["ok"],
        shown["reason"],
        shown["height"],
    )


def test_an_event_of_a_later_version_is_shown_as_bytes() -> None:
    shown = forms.event_form(APPLICATION, 250, 1, b"\x90")

    assert {"name": "250.1", "payload": base64.b64encode(b"\x90").decode()} == shown


def test_no_event_has_a_field_that_hides_its_name() -> None:
    declared = [kind for module in APPLICATION.modules for kind in module.events.values()]

    assert [] == [kind.__name__ for kind in declared if "name" in kind.__struct_fields__]


def test_an_event_concerns_whoever_it_names_as_address_or_wallet() -> None:
    event = Transferred(
        debit_holder=given.holder("alice"),
        credit_holder="fees",
        asset="USD",
        amount_quantums=1,
    )

    assert {given.address("alice")} == forms.addresses_in(event)


def test_base64_that_is_none_is_refused() -> None:
    assert b"\x00" == forms.blob_from("AA==", "tx")
    for text in ("AA", "A A=", "\u2603", "AA==\n", "AA==AA==", "=AAA"):
        with pytest.raises(ParametersInvalid):
            forms.blob_from(text, "tx")


@examples(st.lists(st.text("AB+/=-_ \n\0é9", max_size=8), max_size=3))
def test_many_texts_of_base64_are_read_as_each_alone_is(texts: list[str]) -> None:
    def alone(texts: list[str], place: str) -> list[bytes]:
        return [forms.blob_from(text, place) for text in texts]

    assert _read_by(alone, texts) == _read_by(forms.blobs_from, texts)


def _read_by(read: Callable[[list[str], str], list[bytes]], texts: list[str]) -> object:
    try:
        return read(texts, "txs")
    except ParametersInvalid as refused:
        return str(refused)


def test_assets_are_keyed_by_their_text() -> None:
    assert "USD" == forms.key_from(ASSETS, "USD")
