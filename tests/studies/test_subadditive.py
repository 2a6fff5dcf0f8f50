"""MARG-043: two books never need more together than apart."""

import pytest

from tests.studies.subadditive import violations


@pytest.mark.parametrize("of", ["BTC", ""])
def test_no_pair_of_random_books_needs_more_together(of: str) -> None:
    assert [] == violations(400, seed=7, of=of)
