"""AGT-014 to AGT-019: one plan of a name at a time, nothing guessed, refusals left alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from node.agents.acting import Acting
from node.agents.maker.form import MakerSettings
from node.agents.maker.quoting import Maker
from node.agents.seen import RELIEF_LANE, Plan, cancel_all, deposit, set_dead_man
from node.client.building import Chain
from node.client.failures import Failure
from node.client.transport import Client
from tests import given
from tests.node.agents.conftest import Hands
from tests.node.agents.fake_market import FakeMarket
from tests.node.client.fake_chain import CHAIN_ID, SHORT
from tests.node.client.fake_node import FakeNode, Refuse

ACCOUNT = f"{text_of(given.address('maker'))}/0"
CHAIN = Chain(CHAIN_ID, "devnet", 10)
DEPOSIT = deposit(ACCOUNT, "USD", 5)
LIST = Plan("list", (cancel_all(ACCOUNT), set_dead_man(ACCOUNT, 9_000)), RELIEF_LANE)
Serve = Callable[[FakeMarket], FakeNode]


class Judging(Maker):
    """An agent that says why not."""

    def __init__(self, why: str) -> None:
        super().__init__(MakerSettings(), ACCOUNT)
        self.why = why
        self.events: Sequence[Mapping[str, Any]] = ()

    def judge(self, plan: Plan, events: Sequence[Mapping[str, Any]]) -> str:
        assert plan.is_tried_first
        self.events = events
        return self.why


@pytest.fixture
def acting(clock: Hands) -> Acting:
    return Acting("maker", given.key("maker"), given.address("maker"), clock)


def sent(acting: Acting, node: FakeNode, *plans: Plan, agent: Maker | None = None) -> int:
    agent = agent or Judging("")
    return acting.send(Client(node.url, 2_000), CHAIN, agent, plans)


def test_a_plan_is_signed_and_handed_in_in_its_lane(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    assert 2 == sent(acting, serve(market), DEPOSIT, LIST)

    assert [("accounts.deposit", 0), ("system.list", 1)] == [
        (kind, lane) for kind, lane, _ in market.submitted()
    ]
    assert 2 == len(acting.transactions)


def test_a_plan_under_way_is_not_sent_again(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    node = serve(market)
    sent(acting, node, DEPOSIT)

    assert 0 == sent(acting, node, DEPOSIT)

    acting.learn([{"status": "waiting"}], 30)
    assert 0 == sent(acting, node, DEPOSIT)
    acting.learn([{"status": "applied"}], 30)
    assert 1 == sent(acting, node, DEPOSIT)


@pytest.mark.parametrize(
    ("stands", "left"),
    [(("unknown", 30), 1), (("unknown", 31), 0), (("expired", 12), 0), (("replaced", 12), 0)],
)
def test_what_is_unknown_counts_as_under_way_until_its_last_height(
    serve: Serve, market: FakeMarket, acting: Acting, stands: tuple[str, int], left: int
) -> None:
    sent(acting, serve(market), DEPOSIT)

    acting.learn([{"status": stands[0]}], stands[1])

    assert left == len(acting.transactions)


def test_a_refused_plan_is_left_alone_twice_as_long_each_time(
    serve: Serve, market: FakeMarket, acting: Acting, clock: Hands
) -> None:
    node = serve(market)
    refused = {"status": "refused", "receipt": {**SHORT}}

    lengths_ms = []
    for _ in range(7):
        assert 1 == sent(acting, node, DEPOSIT)
        acting.learn([refused], 11)
        began_ms = clock.now_ms
        assert {"deposit": "ledger.balance_short"} == acting.refused
        assert 1 == sent(acting, node, LIST)
        acting.learn([{"status": "applied"}], 11)
        while acting.refused:
            clock.now_ms += 500
        lengths_ms.append(clock.now_ms - began_ms)

    assert [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] == lengths_ms


def test_success_ends_the_memory_of_refusals(
    serve: Serve, market: FakeMarket, acting: Acting, clock: Hands
) -> None:
    node = serve(market)
    for status in ("refused", "applied", "refused"):
        sent(acting, node, DEPOSIT)
        acting.learn([{"status": status, "receipt": {**SHORT}}], 11)
        clock.now_ms += 1_000

    assert {} == acting.refused


def test_what_the_node_does_not_take_is_left_alone_too(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    def refuse(tx: str) -> None:
        raise Refuse(1101, "mempool.full", "the pool is full", {})

    node = serve(market)
    node.answers["tx_submit"] = refuse

    assert 0 == sent(acting, node, DEPOSIT)
    assert {"deposit": "mempool.full"} == acting.refused


def test_what_no_chain_would_take_is_never_signed(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    assert 0 == sent(acting, serve(market), deposit(ACCOUNT, "USD", 0))
    assert {"deposit": "ledger.amount_not_positive"} == acting.refused
    assert [] == market.submitted()


def test_a_plan_to_be_tried_is_judged_by_what_would_come_of_it(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    node = serve(market)
    tried = Plan("try", DEPOSIT.actions, is_tried_first=True)
    no, yes = Judging("too dear"), Judging("")

    assert (0, 1) == (sent(acting, node, tried, agent=no), sent(acting, node, tried, agent=yes))
    assert ["ledger.transferred"] == [event["name"] for event in no.events]


def test_a_foreseen_refusal_is_not_sent(serve: Serve, market: FakeMarket, acting: Acting) -> None:
    market.chain.foreseen = SHORT

    assert 0 == sent(acting, serve(market), Plan("try", DEPOSIT.actions, is_tried_first=True))
    assert {"try": "ledger.balance_short"} == acting.refused
    assert [] == market.submitted()


def test_a_node_that_is_away_is_no_refusal(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    node = serve(market)
    node.close()

    with pytest.raises(Failure):
        sent(acting, node, DEPOSIT)

    assert {} == acting.refused


def test_what_left_without_an_answer_is_under_way(
    serve: Serve, market: FakeMarket, acting: Acting
) -> None:
    node = serve(market)

    def build(**asked: Any) -> Any:
        node.drop_next = 2
        return market.chain.build(**asked)

    node.answers["tx_build"] = build

    assert 1 == sent(acting, node, DEPOSIT)
    assert 1 == len(acting.transactions)
