"""Members with and without kernel, in memory and on disk, agree on trading while some lie."""

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.clearing.cluster import run


@pytest.mark.parametrize("seed", range(6))
def test_members_and_auditor_agree_in_every_block(seed: int, tmp_path: Path) -> None:
    met = run(seed, tmp_path)

    assert met["lie refused"]
    assert met["OrderPlaced"]


@pytest.mark.simulation
def test_three_hundred_markets_agree(tmp_path: Path) -> None:
    met = sum((run(seed, tmp_path) for seed in range(6, 306)), start=Counter[str]())

    told = ("AccountTakenOver", "GainCut", "PositionTornUp", "DefaultSliced", "FundingPaid")
    told += ("PositionSettled", "SurfaceHeld", "SurfaceRefused", "BlockTraded", "BundleFilled")
    assert [] == [name for name in told if not met[name]]
