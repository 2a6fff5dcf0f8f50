"""CLI-033: the precision of an asset."""

from collections.abc import Callable

import pytest

from node.cli.assets import asset_decimals
from node.cli.session import Session
from node.client.failures import Failure
from tests.node.client.fake_chain import DECIMALS, FakeChain
from tests.node.client.fake_node import FakeNode


@pytest.fixture
def session(serve: Callable[..., FakeNode]) -> Session:
    made = Session()
    made.rpc = serve(**FakeChain().answers()).url
    return made


def test_an_asset_has_the_precision_that_the_chain_says(session: Session) -> None:
    assert DECIMALS == {name: asset_decimals(session, name) for name in DECIMALS}


def test_an_asset_that_does_not_exist_is_refused_with_those_that_do(session: Session) -> None:
    with pytest.raises(Failure) as refused:
        asset_decimals(session, "DOGE")

    assert 9 == refused.value.exit_code
    assert all(name in refused.value.advice[0] for name in DECIMALS)
