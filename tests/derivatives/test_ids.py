"""ACCT-001 to ACCT-003: names of holders, and what kind each is."""

from chain.kit.holder import check_holder, may_owe
from derivatives import ids
from tests import given

ALICE = given.address("alice")


def test_only_a_wallet_with_a_number_is_an_account() -> None:
    texts = (ALICE.hex() + "/0", ALICE.hex(), "default/main", "house/BTC-PERP", "fees")

    assert [True, False, False, False, False] == [ids.is_account(text) for text in texts]


def test_account_tells_its_number() -> None:
    assert 65_535 == ids.number_of(ALICE.hex() + "/65535")


def test_names_of_the_house_are_holders_and_only_houses_may_owe() -> None:
    names = (
        ids.house_of("BTC-PERP"),
        ids.funding_house_of("BTC-PERP"),
        ids.default_account_of("main"),
        ids.insurance_of("main"),
        ids.default_fund_of("main"),
        ids.fees_of("main"),
    )

    assert [""] * 6 == [check_holder(name) for name in names]
    assert [True, True, True, False, False, False] == [may_owe(name) for name in names]
