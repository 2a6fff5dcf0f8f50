"""MACH-060."""

from chain.kit import Query
from chain.modules.signers.queries import QUERIES


def test_sentence_is_the_first_line_of_the_function() -> None:
    query = QUERIES[0]

    assert "Return the next sequence of a signer's lane, 0 for a lane never used." == query.sentence


def test_function_without_words_has_no_sentence() -> None:
    assert "" == Query("silent", lambda view: view, {}).sentence
