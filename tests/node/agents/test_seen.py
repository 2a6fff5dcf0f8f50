"""AGT-014: what an agent plans is what the chain's own declarations take."""

from chain.crypto.addresses import text_of
from derivatives.orders.transactions import Place
from node.agents.seen import BUY, cancel_all, deposit, place, set_dead_man
from node.client.building import one, several
from tests import given

ACCOUNT = f"{text_of(given.address('maker'))}/0"


def test_every_action_is_one_that_the_chain_knows() -> None:
    actions = (
        cancel_all(ACCOUNT, "BTC-PERP"),
        place(ACCOUNT, "BTC-PERP", BUY, 128_000, 5, post_only=True, client_id="b0"),
        set_dead_man(ACCOUNT, 15_000),
    )

    assert 3 == len(several(actions).payload.actions)
    assert "accounts.deposit" == one(*deposit(ACCOUNT, "USD", 5).actions[0]).name


def test_an_account_of_another_number_is_opened_in_the_same_list() -> None:
    plan = deposit(ACCOUNT.replace("/0", "/10"), "USD", 5)

    assert ["accounts.open", "accounts.deposit"] == [kind for kind, _ in plan.actions]
    assert 2 == len(several(plan.actions).payload.actions)


def test_an_order_is_as_it_was_asked_for() -> None:
    payload = one(*place(ACCOUNT, "BTC-PERP", BUY, 128_000, 5, client_id="b0")).payload

    assert isinstance(payload, Place)
    assert (1, 128_000, 5, 1, "b0", False) == (
        payload.side,
        payload.price_ticks,
        payload.size_lots,
        payload.time_in_force,
        payload.client_id,
        payload.post_only,
    )
