"""CLI-033: the precision of an asset."""

from collections.abc import Callable
from pathlib import Path

import pytest

from node.cli.assets import asset_decimals, warn_of_empty_wallet
from node.cli.session import Session
from node.client.failures import Failure
from node.client.keyring import Keyring
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
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


@pytest.mark.parametrize(
    ("is_said", "asset", "leaving_quantums"),
    [
        (True, "USD", 1_000_000_000_000),
        (True, "USD", 1_000_000_000_000 - 9_999),
        (False, "USD", 1_000_000_000_000 - 10_000),
        (False, "USD", 1_000_000_000_001),
        (False, "BTC", 1_000_000_000_000),
    ],
)
def test_emptying_the_wallet_that_pays_for_refusals_is_warned_of(
    session: Session, tmp_path: Path, is_said: bool, asset: str, leaving_quantums: int
) -> None:
    Keystore([tmp_path / "keys"]).create("alice", None, seed=development_seed("alice"))
    session._keyring = Keyring([tmp_path / "keys"])
    session.signer_name = "alice/1"

    warn_of_empty_wallet(session, asset, leaving_quantums)

    assert [is_said] == [bool(session.reporter.warnings)]
