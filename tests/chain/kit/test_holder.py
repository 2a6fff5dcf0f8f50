"""LEDG-001 to LEDG-004."""

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.crypto.addresses import text_of
from chain.kit.holder import (
    MalformedHolder,
    account,
    address_of,
    check_holder,
    holder_from,
    holder_key,
    text_of_holder,
    wallet,
)
from chain.modules.ledger.state import BALANCES

ADDRESS = bytes(range(32))


def test_wallet_is_the_address_in_hexadecimal_digits() -> None:
    assert ADDRESS.hex() == wallet(ADDRESS)
    assert ADDRESS == address_of(wallet(ADDRESS))


def test_account_is_the_wallet_and_a_number() -> None:
    assert f"{ADDRESS.hex()}/7" == account(ADDRESS, 7)
    assert ADDRESS == address_of(account(ADDRESS, 65_535))


def test_name_has_no_address() -> None:
    assert address_of("fees") is None
    assert address_of("house/BTC-PERP") is None


@examples(st.binary(min_size=32, max_size=32), st.integers(0, 65_535))
def test_what_people_see_is_what_they_may_type(address: bytes, number: int) -> None:
    for holder in (wallet(address), account(address, number)):
        assert holder == holder_from(text_of_holder(holder))
        assert text_of_holder(holder).startswith(text_of(address))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a\0b",
        "é",
        "x" * 81,
        ADDRESS.hex() + "/007",
        ADDRESS.hex() + "/65536",
        ADDRESS.hex() + "/",
        ADDRESS.hex() + "f",
    ],
)
def test_text_of_no_holder_is_refused(text: str) -> None:
    assert check_holder(text)
    with pytest.raises(MalformedHolder):
        holder_from(text)


def test_mistyped_address_is_refused() -> None:
    text = text_of(ADDRESS)

    with pytest.raises(MalformedHolder):
        holder_from(text[:-1] + ("q" if text[-1] != "q" else "p"))


def test_key_of_a_balance_is_table_holder_and_asset() -> None:
    key = BALANCES.encoded((wallet(ADDRESS), "USD"))

    assert b"\x02\x02" + ADDRESS.hex().encode() + b"\0USD\0" == key


def test_holder_key_is_named_for_what_it_holds() -> None:
    assert "debit_holder" == holder_key("debit_holder").name
    with pytest.raises(AssertionError):
        holder_key("owner")


def test_what_is_wrong_is_said() -> None:
    assert "account number above 65535" == check_holder(ADDRESS.hex() + "/70000")
    for number in ("99999999999999", "00", "-1"):
        assert "after an address only /number may follow, 0 to 65535" == check_holder(
            f"{ADDRESS.hex()}/{number}"
        )
    assert "" == check_holder("insurance/main")
