"""AGT-002, AGT-042: decimals as the chain counts them, and the loss at which an agent stops."""

from dataclasses import replace

import pytest

from node.agents.limits import LossLimit, lots_of, opening, usd_quantums
from node.client.failures import Failure
from tests.node.agents.sights import ACCOUNT, MARKET, USD


def test_a_size_is_whole_lots_or_refused_with_the_nearest() -> None:
    with pytest.raises(Failure) as refused:
        lots_of("0.0015", MARKET)

    assert "client.amount_inexact" == refused.value.kind.reason
    assert 1_500 == lots_of("1.5", MARKET)


def test_an_account_is_opened_by_a_deposit_in_whole_dollars() -> None:
    plan = opening("nov1m/0", "500_000")

    assert "500000000000" == plan.actions[0][1]["amount_quantums"]
    assert 2_500_000 == usd_quantums("2.5")


def test_a_loss_limit_that_was_passed_stays_passed() -> None:
    limit = LossLimit("1000")
    equities = [500_000 * USD, 499_000 * USD, 499_000 * USD - 1, 600_000 * USD]

    passed = [limit.is_passed(replace(ACCOUNT, equity_quantums=one)) for one in equities]

    assert [False, False, True, True] == passed
