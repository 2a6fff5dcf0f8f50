"""A crowd that does all that the chain takes: every block holds, and everything is met."""

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.clearing.crowd import run


@pytest.mark.parametrize("seed", range(3))
def test_members_and_auditor_agree_on_a_crowd(seed: int, tmp_path: Path) -> None:
    met = run(seed, tmp_path)

    assert met["applied"]


@pytest.mark.simulation
def test_sixty_crowds_agree_and_meet_what_the_chain_takes(tmp_path: Path) -> None:
    met = sum((run(seed, tmp_path) for seed in range(3, 63)), start=Counter[str]())

    told = ("AccountTakenOver", "GainCut", "PositionTornUp", "DefaultSliced", "SliceTaken")
    told += ("CollateralConverted", "DebtInterestCharged", "FundingPaid", "PositionSettled")
    told += ("BlockTraded", "BundleFilled", "TriggerHit", "OrderAmended", "AuctionUncrossed")
    told += ("SyntheticMinted", "SyntheticBurned", "SyntheticRedeemed", "MintLapsed")
    told += ("AgentAdded", "DelegateAdded", "ScheduleChanged", "DeadManSet", "OffersRevoked")
    assert [] == [name for name in told if not met[name]]
