"""MACH-050 to MACH-052."""

import pytest

from chain.codec.canonical import decode
from chain.kit.genesis import GenesisFault, rows_from
from chain.modules.ledger.state import BALANCES, LEDGER_PARAMETERS, Balance, LedgerParameters

ROW = {"holder": "fees", "asset": "USD", "amount_quantums": "5"}


def fault_of(plain: object) -> tuple[str, str]:
    with pytest.raises(GenesisFault) as caught:
        rows_from(BALANCES, plain, "$.balances")
    return caught.value.path, caught.value.what


def test_row_is_key_parts_beside_fields() -> None:
    [(key, data)] = rows_from(BALANCES, [ROW], "$.balances")

    assert ("fees", "USD") == BALANCES.key_from(key)
    assert Balance(5) == decode(Balance, data)


def test_rows_are_sorted_by_encoded_key() -> None:
    rows = rows_from(BALANCES, [{**ROW, "holder": "z"}, ROW, {**ROW, "asset": "BTC"}], "$")

    assert sorted(rows) == rows


def test_item_has_no_key_parts() -> None:
    plain = {"fee_asset": "USD", "fee_refused_quantums": "10000"}

    [(key, data)] = rows_from(LEDGER_PARAMETERS, [plain], "$")

    assert () == LEDGER_PARAMETERS.key_from(key)
    assert LedgerParameters("USD", 10_000) == decode(LedgerParameters, data)


def test_what_is_wrong_is_said_with_its_place() -> None:
    assert ("$.balances", "expected a list of objects") == fault_of({})
    assert ("$.balances[0]", "expected an object") == fault_of([7])
    assert "$.balances[0].amount_quantums" == fault_of([{**ROW, "amount_quantums": 5}])[0]
    assert "$.balances[0].more" == fault_of([{**ROW, "more": 1}])[0]
    assert ("$.balances[0].asset", "missing") == fault_of(
        [{"holder": "fees", "amount_quantums": "5"}]
    )
    assert "$.balances[1]" == fault_of([ROW, {**ROW, "asset": "X" * 17}])[0]


def test_same_key_twice_is_refused_with_both_places() -> None:
    assert ("$.balances[1]", "the same key as $.balances[0]") == fault_of([ROW, ROW])
