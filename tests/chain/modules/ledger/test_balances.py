"""LEDG-010 to LEDG-024."""

import pytest

from chain.kit import Context, Refusal
from chain.limits import SUPPLY_QUANTUMS_MAX
from chain.modules.ledger.balances import (
    balance_of,
    issue,
    move_silently,
    pay_out,
    post,
    retire,
    supply_of,
    transfer,
)
from chain.modules.ledger.events import Issued, Retired, Transferred
from chain.modules.ledger.state import BALANCES
from chain.modules.registry import BASE_MODULES
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world({"alice": {"USD": 100}}, modules=BASE_MODULES)
ALICE = given.holder("alice")


def context() -> Context:
    return Context(
        state=Overlay(WORLD.tables),
        signer=given.address("alice"),
        chain_id=WORLD.chain_id,
        epoch=0,
        height=1,
        time_ms=1,
        parent_time_ms=0,
    )


def move(where: Context, amount_quantums: int, **changes: str) -> None:
    fields = {"debit": ALICE, "credit": "insurance/main", "asset": "USD", **changes}
    transfer(where, amount_quantums=amount_quantums, **fields)


def test_transfer_moves_between_any_two_holders_and_tells_it() -> None:
    where = context()

    move(where, 40)

    assert (60, 40) == (
        balance_of(where.state, ALICE, "USD"),
        balance_of(where.state, "insurance/main", "USD"),
    )
    assert [Transferred(ALICE, "insurance/main", "USD", 40)] == where.events
    assert [ALICE, "insurance/main"] == list(where.touched)


def test_all_may_be_moved_and_then_nothing_is_stored() -> None:
    where = context()

    move(where, 100)

    assert where.state.get(BALANCES, (ALICE, "USD")) is None


@pytest.mark.parametrize(
    ("amount_quantums", "changes", "slug", "facts"),
    [
        (0, {}, "ledger.amount_not_positive", {"amount_quantums": 0}),
        (-1, {"asset": "XYZ"}, "ledger.amount_not_positive", {"amount_quantums": -1}),
        (1, {"asset": "XYZ", "credit": ALICE}, "ledger.asset_unknown", {"asset": "XYZ"}),
        (101, {"credit": ALICE}, "ledger.same_holder", {}),
        (
            101,
            {},
            "ledger.balance_short",
            {"asset": "USD", "balance_quantums": 100, "short_by_quantums": 1},
        ),
    ],
)
def test_reasons_come_in_their_order(
    amount_quantums: int, changes: dict[str, str], slug: str, facts: dict[str, object]
) -> None:
    where = context()

    with pytest.raises(Refusal) as caught:
        move(where, amount_quantums, **changes)

    assert (slug, facts) == (caught.value.reason.slug, dict(caught.value.facts))
    assert [] == where.events
    assert 100 == balance_of(where.state, ALICE, "USD")


def test_issue_adds_to_supply_up_to_its_limit() -> None:
    where = context()

    issue(where, credit="fees", asset="BTC", amount_quantums=SUPPLY_QUANTUMS_MAX)

    assert SUPPLY_QUANTUMS_MAX == supply_of(where.state, "BTC")
    assert [Issued("fees", "BTC", SUPPLY_QUANTUMS_MAX)] == where.events
    with pytest.raises(Refusal) as caught:
        issue(where, credit="fees", asset="BTC", amount_quantums=1)
    assert "ledger.supply_exceeded" == caught.value.reason.slug
    assert SUPPLY_QUANTUMS_MAX + 1 == caught.value.facts["supply_quantums"]


def test_retire_takes_from_supply_what_a_holder_has() -> None:
    where = context()

    retire(where, debit=ALICE, asset="USD", amount_quantums=30)

    assert (70, 70) == (balance_of(where.state, ALICE, "USD"), supply_of(where.state, "USD"))
    assert [Retired(ALICE, "USD", 30)] == where.events
    with pytest.raises(Refusal):
        retire(where, debit=ALICE, asset="USD", amount_quantums=71)


def test_fee_moves_without_a_word() -> None:
    where = context()

    move_silently(where.state, debit=ALICE, credit="fees", asset="USD", amount_quantums=7)

    assert (93, 7) == (
        balance_of(where.state, ALICE, "USD"),
        balance_of(where.state, "fees", "USD"),
    )
    assert [] == where.events
    assert {} == where.touched


def test_holder_of_nothing_has_a_balance_of_nothing() -> None:
    assert 0 == balance_of(WORLD.tables, "fees", "USD")
    assert 0 == supply_of(WORLD.tables, "XYZ")


def test_house_may_owe_and_a_wallet_may_not() -> None:
    where = context()

    post(where.state, debit="house/X", credit=ALICE, asset="USD", amount_quantums=7)

    assert -7 == balance_of(where.state, "house/X", "USD")
    assert 107 == balance_of(where.state, ALICE, "USD")
    with pytest.raises(Refusal):
        post(where.state, debit=ALICE, credit="fees", asset="USD", amount_quantums=108)


def test_negative_amount_is_posted_the_other_way() -> None:
    where = context()

    post(where.state, debit=ALICE, credit="house/X", asset="USD", amount_quantums=-7)

    assert (107, -7) == (
        balance_of(where.state, ALICE, "USD"),
        balance_of(where.state, "house/X", "USD"),
    )


def test_margin_account_may_owe() -> None:
    where = context()

    post(where.state, debit=ALICE + "/0", credit="fees", asset="USD", amount_quantums=1)

    assert -1 == balance_of(where.state, ALICE + "/0", "USD")


def test_paying_out_is_posting_to_each() -> None:
    paid, posted = context(), context()
    amounts = (("insurance/main", 3), ("house/X", 0), (ALICE + "/0", 9), ("fees", 4))

    pay_out(paid.state, debit=ALICE + "/0", asset="USD", amounts=amounts)
    for credit, amount in amounts:
        post(posted.state, debit=ALICE + "/0", credit=credit, asset="USD", amount_quantums=amount)

    assert list(posted.state.scan(BALANCES)) == list(paid.state.scan(BALANCES))
    assert -7 == balance_of(paid.state, ALICE + "/0", "USD")


def test_wallet_pays_out_what_it_has_and_no_more() -> None:
    where = context()

    pay_out(where.state, debit=ALICE, asset="USD", amounts=(("fees", 60), ("house/X", 40)))

    assert 0 == balance_of(where.state, ALICE, "USD")
    with pytest.raises(Refusal):
        pay_out(where.state, debit=ALICE, asset="USD", amounts=(("fees", 1),))
