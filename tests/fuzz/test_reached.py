"""What is kept of a fuzzer's finds reaches all that any of them does, and nothing twice."""

from chain.arithmetic import divide_down
from chain.codec.record import MalformedRecord
from tests.fuzz.reached import fewest, kept_of, lines_reached

A, B, C, D = (("chain/a.py", number) for number in range(4))


def test_of_several_the_one_that_reaches_most_is_kept_and_what_it_covers_is_not() -> None:
    reached = {
        b"xx": frozenset({A, B, C}),
        b"x": frozenset({A, B}),
        b"y": frozenset({D}),
        b"yy": frozenset({D}),
    }

    assert [b"xx", b"y"] == fewest(reached, frozenset())


def test_what_seeds_reach_needs_no_input() -> None:
    assert [] == fewest({b"x": frozenset({A, B})}, frozenset({A, B, C}))


def test_lines_of_the_program_are_seen_and_those_of_tests_are_not() -> None:
    lines = lines_reached(lambda data: str(divide_down(len(data), 2)), bytes(32))

    assert {"arithmetic.py"} <= {name.rpartition("/")[2] for name, _ in lines}
    assert not [name for name, _ in lines if "/tests/" in name]


def test_an_input_that_reaches_another_line_is_kept() -> None:
    def strike(data: bytes) -> None:
        if len(data) > 3:
            divide_down(7, 2)
        elif data:
            str(MalformedRecord("short"))

    kept = kept_of(strike, [b""], [b"long", b"longer", b"x"])

    assert b"long" in kept
    assert b"longer" not in kept
