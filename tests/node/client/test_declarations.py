import pytest

from chain.modules.ledger.transactions import Transfer
from node.client import declarations
from node.client.failures import Failure


def test_transaction_is_found_by_its_full_name() -> None:
    assert (201, Transfer) == declarations.kind_named("ledger.transfer")


def test_unknown_transaction_names_the_nearest() -> None:
    with pytest.raises(Failure) as refused:
        declarations.kind_named("ledger.transfre")

    assert 'did you mean "ledger.transfer"?' in refused.value.message


def test_table_is_found_bare_or_with_its_module() -> None:
    bare = declarations.table_named("signers")

    assert bare is not None
    assert bare is declarations.table_named("signers.signers")
    assert None is declarations.table_named("ledger.signers")
    assert None is declarations.table_named("nothing.signers")


def test_query_is_found_bare_where_that_is_enough() -> None:
    full = declarations.query_named("signers.next_sequence")

    assert full is not None
    assert full == declarations.query_named("next_sequence")
    assert None is declarations.query_named("nothing")


def test_key_and_query_fields_come_from_their_declaration() -> None:
    table = declarations.table_named("balances")
    query = declarations.query_named("signers.next_sequence")
    assert table is not None
    assert query is not None

    assert ["holder", "asset"] == [field.name for field in declarations.key_fields(table)]
    assert ["signer", "lane"] == [field.name for field in declarations.query_fields(query[1])]


def test_every_transaction_but_the_list_can_be_named() -> None:
    names = declarations.kind_names()

    assert {"ledger.transfer", "signers.set_keys"} <= set(names)
    assert "system.signed_list" not in names
    assert all(declarations.sentence_of(declarations.kind_named(name)[1]) for name in names)


def test_everything_that_can_be_asked_is_listed() -> None:
    assert {"ledger.assets", "signers.next_sequence"} <= set(declarations.query_names())


def test_name_far_from_every_other_has_no_nearest() -> None:
    assert "" == declarations.nearest("zzz", ["alice"])


def test_fields_of_a_payload_keep_their_order() -> None:
    fields = declarations.payload_fields(Transfer)

    assert ["to", "asset", "amount_quantums"] == [field.name for field in fields]
