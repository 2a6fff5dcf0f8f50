"""ORAC-040 to ORAC-042: averages forget at the same rate on every machine."""

from hypothesis import given, strategies

from derivatives.oracle.averages import EXP_MINUS_Q62, Q62, decayed, kept_q62


def test_table_is_frozen() -> None:
    # floor(exp(-2^-20) x 2^62), floor(exp(-1) x 2^62), floor(exp(-32) x 2^62), at 60 digits.
    exact = (4611681620382973951, 1696544475317221318, 58403)

    assert exact == (EXP_MINUS_Q62[0], EXP_MINUS_Q62[20], EXP_MINUS_Q62[25])


@given(strategies.integers(0, 10**7), strategies.integers(0, 10**7))
def test_two_steps_keep_what_one_step_of_their_sum_keeps(first_ms: int, second_ms: int) -> None:
    tau_ms = 2**20

    twice = kept_q62(first_ms, tau_ms) * kept_q62(second_ms, tau_ms) >> 62

    assert abs(twice - kept_q62(first_ms + second_ms, tau_ms)) <= 64


@given(
    strategies.integers(1, 2**62),
    strategies.integers(1, 2**62),
    strategies.integers(0, 10**9),
)
def test_average_stays_between_what_it_was_and_what_it_sees(
    average: int, value: int, elapsed_ms: int
) -> None:
    result = decayed(average, value, elapsed_ms, 300_000)

    assert min(average, value) - 1 <= result <= max(average, value)


def test_nothing_is_kept_after_very_long() -> None:
    assert 0 == kept_q62(10**12, 300_000)
    assert Q62 == kept_q62(0, 300_000)
