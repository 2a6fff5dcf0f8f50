"""SYN-001 to SYN-006: what a synthetic is made of."""

import pytest

from chain.kit import Refusal, replace
from derivatives.margin.state import FAMILIES
from derivatives.synthetics.terms import (
    haircut_ppm,
    owed_lots,
    ratio_ppm,
    require_synthetic,
    synthetic_collateral_of,
)
from tests import given_market
from tests.given_synthetics import GOLD, OUNCE_LOTS, gold


def test_ratio_is_what_initial_margin_asks_of_the_strictest_schedule() -> None:
    state = given_market.Market().state
    place = ("main", "portfolio", "GOLD")
    family = state.get(FAMILIES, place)
    assert family is not None

    before = ratio_ppm(state, GOLD)
    state.put(FAMILIES, place, replace(family, basis_ppm=10_000))

    assert 1_206_250 == before
    assert 1_212_500 == ratio_ppm(state, GOLD)


def test_only_a_short_is_owed() -> None:
    minting = gold()
    minting.minted("alice")
    view = minting.world.view

    assert OUNCE_LOTS == owed_lots(view, minting.account("alice"), GOLD)
    assert 0 == owed_lots(view, "issuer/sGOLD", GOLD)
    assert 0 == owed_lots(view, minting.account("bob"), GOLD)


def test_a_synthetic_that_an_account_has_is_found() -> None:
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "bob", 100)
    minting.deposit("bob", 100, GOLD)

    assert GOLD == synthetic_collateral_of(minting.world.view, minting.account("bob"))
    assert synthetic_collateral_of(minting.world.view, minting.account("alice")) is None


def test_what_is_no_synthetic_is_refused_by_name() -> None:
    state = given_market.Market().state

    with pytest.raises(Refusal) as refused:
        require_synthetic(state, "BTC-PERP")

    assert {"instrument": "BTC-PERP"} == dict(refused.value.facts)


def test_haircut_is_none_where_it_is_no_collateral() -> None:
    state = given_market.Market().state

    assert 250_000 == haircut_ppm(state, "main", GOLD)
    assert haircut_ppm(state, "other", GOLD) is None
