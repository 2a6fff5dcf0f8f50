"""CODEC-018: the form of a record tells what its bytes look like, and what bounds them."""

from chain.codec.forms import LENGTH_MAX, form_of
from chain.codec.record import Record
from tests.chain.codec.samples import Nested, Plain


def test_form_tells_bounds_of_numbers_and_of_lengths() -> None:
    told = form_of(Nested)
    assert told is not None
    plain = form_of(Plain)
    assert plain is not None

    assert ("first", "second", "many", "hashes") == told[4]
    assert ("optional", 0, LENGTH_MAX, None, (), (plain,)) == told[5][1]
    assert ("blob", 32, 32, None, (), ()) == told[5][3][5][0]
    assert ("integer", -(2**63), 2**63 - 1, None, (), ()) == plain[5][0]


def test_what_is_no_record_or_holds_a_relation_has_none() -> None:
    class Related(Record, frozen=True, array_like=True):
        count: int

        def relations(self) -> None:
            """Hold nothing."""

    assert form_of(tuple) is None
    assert form_of(Related) is None
