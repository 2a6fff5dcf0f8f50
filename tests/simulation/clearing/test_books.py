"""Random books with gaps and crashing collateral agree with the naive model to the quantum."""

from collections import Counter

import pytest

from tests.simulation.clearing.books import Book


@pytest.mark.simulation
def test_sixty_books_agree_in_every_block_and_meet_everything_that_can_pay() -> None:
    met = sum((Book(seed).run() for seed in range(60)), start=Counter[str]())

    paying = ("insurance", "fund", "cuts", "shares", "owed", "repaid", "taken over")
    assert [] == [name for name in paying if not met[name]]
