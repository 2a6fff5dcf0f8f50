"""MACH-010 to MACH-013."""

import pytest

from chain.codec.record import BadDeclaration
from chain.kit import Area, InvalidBlock, Reason, Refusal, require


def short() -> Reason:
    return Reason(3, "too_short", "It is short by {short_by_quantums}.", ("short_by_quantums",))


def test_code_and_slug_follow_from_the_area() -> None:
    reason = short()

    Area(50, "probe", (reason,))

    assert 5003 == reason.code
    assert "probe.too_short" == reason.slug


def test_message_quotes_the_facts() -> None:
    reason = short()
    Area(50, "probe", (reason,))

    refusal = Refusal(reason, short_by_quantums=7)

    assert "It is short by 7." == refusal.message
    assert "probe.too_short: It is short by 7." == str(refusal)


def test_refusal_states_exactly_the_declared_facts() -> None:
    with pytest.raises(AssertionError):
        Refusal(short())
    with pytest.raises(AssertionError):
        Refusal(short(), short_by_quantums=1, other=2)
    assert 2 == Refusal(short(), short_by_quantums=1, action_index=2).facts["action_index"]


@pytest.mark.parametrize(
    "reasons",
    [
        (Reason(1, "a", "A."), Reason(1, "b", "B.")),
        (Reason(1, "a", "A."), Reason(2, "a", "B.")),
    ],
)
def test_no_number_or_slug_is_used_twice_in_an_area(reasons: tuple[Reason, ...]) -> None:
    with pytest.raises(BadDeclaration):
        Area(50, "probe", reasons)


def test_reason_belongs_to_one_area_for_ever() -> None:
    reason = short()
    Area(50, "probe", (reason,))
    Area(50, "probe", (reason,))

    with pytest.raises(BadDeclaration):
        Area(51, "other", (reason,))


@pytest.mark.parametrize(
    ("number", "slug", "sentence"),
    [(0, "a", "A."), (100, "a", "A."), (1, "A", "A."), (1, "a b", "A."), (1, "a", "{unknown}")],
)
def test_badly_declared_reason_is_refused(number: int, slug: str, sentence: str) -> None:
    with pytest.raises(BadDeclaration):
        Reason(number, slug, sentence)


def test_require_refuses_unless_the_condition_holds() -> None:
    reason = Reason(1, "no", "No.")

    require(1, reason)
    with pytest.raises(Refusal):
        require(0, reason)


def test_invalid_block_says_what_is_wrong() -> None:
    assert "state_root" == InvalidBlock("state_root").what
