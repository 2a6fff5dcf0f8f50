"""CLI-097: a payoff as curves."""

from typing import Any

from node.cli.showing.payoff import ROWS_COUNT, payoff_lines


def answer(
    later: list[int], zeros: list[int], expiry_ms: int | None = 86_400_000
) -> dict[str, Any]:
    points = [
        {"price_e8": str((50 + place) * 10**8), "now_quantums": str(one // 2)}
        | {"expiry_quantums": str(one)}
        for place, one in enumerate(later)
    ]
    return {
        "underlying": "BTC",
        "height": "9",
        "price_e8": str(70 * 10**8),
        "expiry_ms": expiry_ms,
        "items": points,
        "zeros_e8": [str(zero * 10**8) for zero in zeros],
    }


def lines_of(*given: Any, **how: Any) -> list[str]:
    return payoff_lines(answer(*given, **how), lambda quantums: f"{quantums} USD")


def test_both_curves_are_drawn_over_prices() -> None:
    lines = lines_of([place - 20 for place in range(41)], [70])

    assert "at height 9, BTC at 70" == lines[0]
    drawn = [line for line in lines if "┤" in line]
    assert ROWS_COUNT == len(drawn)
    assert "20 USD" in drawn[0]
    assert "-20 USD" in drawn[-1]
    assert all(mark in "".join(drawn) for mark in "●·-")
    (below,) = [line for line in lines if line.strip().startswith("50")]
    assert ["50", "70", "90"] == below.split()


def test_where_nothing_is_gained_and_how_far_it_goes_is_told() -> None:
    text = "\n".join(lines_of([place - 20 for place in range(41)], [70]))

    assert "nothing is gained or lost at 70" in text
    assert "best 20 USD, worst -20 USD" in text
    assert "1970-01-02" in text


def test_without_a_date_or_a_crossing_it_says_so() -> None:
    text = "\n".join(lines_of([5] * 41, [], expiry_ms=None))

    assert "no break-even" in text
    assert "● now   - no change" in text
    assert "at the end" not in text
    assert "·" not in text
