from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from derivatives.insurance.allocation import Sharer, cuts_of, shares_of, sooner_first, split

AMOUNTS = st.one_of(st.integers(0, 20), st.integers(0, 2**60))
GAINS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), AMOUNTS, max_size=12)
SHARERS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(Sharer, st.one_of(st.integers(-5, 20), st.integers(0, 2**60)), AMOUNTS),
    max_size=12,
)


@settings(deadline=None)
@given(GAINS, AMOUNTS)
def test_cuts_pay_the_loss_with_less_than_a_quantum_an_account_more(
    gains: dict[str, int], loss: int
) -> None:
    # INS-022
    cuts = cuts_of(gains, loss)

    due = min(loss, sum(gains.values()))
    assert 0 <= sum(cuts.values()) - due < max(1, len(cuts))
    assert all(cuts[account] <= gains[account] for account in cuts)


@settings(deadline=None)
@given(SHARERS, AMOUNTS)
def test_shares_pay_exactly_the_loss_or_all_there_is(sharers: dict[str, Sharer], loss: int) -> None:
    # INS-031
    shares = shares_of(sharers, loss)

    able = {a: one for a, one in sharers.items() if one.risk_quantums > 0}
    there = sum(max(0, one.solvency_quantums) for one in able.values())
    assert min(loss, there) == sum(shares.values())
    assert all(0 < share <= able[account].solvency_quantums for account, share in shares.items())


@settings(deadline=None)
@given(SHARERS, AMOUNTS)
def test_nobody_uncapped_pays_less_by_risk_than_another(
    sharers: dict[str, Sharer], loss: int
) -> None:
    # INS-032: by risk, up to the one quantum of rounding.
    shares = shares_of(sharers, loss)

    for one, share in shares.items():
        for other, held in sharers.items():
            paid = shares.get(other, 0)
            if held.risk_quantums > 0 and paid < held.solvency_quantums:
                risk = sharers[one].risk_quantums
                assert (share - 1) * held.risk_quantums <= (paid + 1) * risk


@settings(deadline=None)
@given(st.lists(st.builds(Sharer, st.integers(1, 2**60), st.integers(1, 2**60))))
def test_who_is_capped_sooner_comes_first_and_ties_stay(sharers: list[Sharer]) -> None:
    named = [(str(place), one) for place, one in enumerate(sharers)]

    by_fraction = sorted(named, key=lambda each: Fraction(*each[1]))

    assert by_fraction == sooner_first(named)


def test_ratios_that_differ_in_the_last_place_are_told_apart() -> None:
    # They differ by 1 / (2^60 x (2^60 + 1)).
    sooner, later = Sharer(2**60 - 1, 2**60), Sharer(2**60, 2**60 + 1)

    assert [("b", sooner), ("a", later)] == sooner_first([("a", later), ("b", sooner)])


def test_one_that_is_capped_leaves_the_rest_to_the_others() -> None:
    # INS-031, worked: 90 over risks 1:1:1, of which the first has 10.
    sharers = {"a": Sharer(10, 1), "b": Sharer(100, 1), "c": Sharer(100, 1)}

    assert {"a": 10, "b": 40, "c": 40} == shares_of(sharers, 90)


@settings(deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1), st.integers(1, 2**50), min_size=1), AMOUNTS)
def test_split_is_whole_and_within_a_quantum(weights: dict[str, int], amount: int) -> None:
    # INS-071
    parts = split(weights, amount)

    total = sum(weights.values())
    assert amount == sum(parts.values())
    assert all(abs(parts[a] * total - amount * weights[a]) < total for a in weights)
