"""Random mints, burns and redeems among trades: every block holds, and everything is met."""

from collections import Counter

import pytest

from tests.simulation.clearing.minters import run


@pytest.mark.simulation
def test_ten_chains_hold_in_every_block_and_meet_what_can_come_of_a_request() -> None:
    met = sum((run(seed) for seed in range(10)), start=Counter[str]())

    wanted = (
        "SyntheticMinted",
        "MintLapsed",
        "SyntheticBurned",
        "SyntheticRedeemed",
        "AccountTakenOver",
        "SliceTaken",
        "DefaultSliced",
    )
    assert [] == [name for name in wanted if not met[name]]
