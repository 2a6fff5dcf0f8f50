"""Every situation that broke the protocol once is survived by the rules as they are."""

import pytest

from tests.simulation.scenarios import SCENARIOS


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_rules_survive(name: str) -> None:
    SCENARIOS[name]()
