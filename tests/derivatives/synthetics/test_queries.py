"""SYN-002, SYN-004: a synthetic as it stands."""

from derivatives.synthetics.queries import NONE, synthetic_standing, synthetic_standings
from tests.given_synthetics import GOLD, OUNCE_LOTS, gold


def test_standing_says_what_there_is_what_it_is_worth_and_what_waits() -> None:
    minting = gold()
    minting.minted("alice")
    minting.redeem("alice", 4_000)
    minting.mint("bob", 100)

    found = synthetic_standing(minting.world.view, GOLD)

    assert (OUNCE_LOTS, 125_000_000) == (found.supply_lots, found.supply_cap_lots)
    assert (400_000, 1_000) == (found.index_value_quantums, found.mint_fee_ppm)
    assert (1_206_250, 250_000) == (found.collateral_ratio_ppm, found.haircut_ppm)
    assert (4_000, 2) == (found.pending_lots, found.requests_count)
    assert found.is_priced


def test_what_is_no_synthetic_stands_as_nothing() -> None:
    view = gold().world.view

    assert synthetic_standing(view, "BTC-PERP") == NONE
    assert [GOLD] == [one.instrument for one in synthetic_standings(view).synthetics]
