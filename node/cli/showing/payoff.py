"""A payoff as curves on the terminal: value at expiry and now, over the price.

Source: docs/specs/cli.md, CLI-097.
"""

from collections.abc import Callable, Mapping
from typing import Any

from node.cli.showing.drawing import Curve, curves
from node.client.amounts import decimal_of
from node.clock import moment_of

ROWS_COUNT = 17
CENT_E8 = 10**6


def payoff_lines(answer: Mapping[str, Any], amount: Callable[[str], str]) -> list[str]:
    """Return the lines that show a payoff: its curves, nothing as a line, prices below.

    Where nothing ends at a date, there is one curve.
    """
    points = answer["items"]
    now = [int(point["now_quantums"]) for point in points]
    later = [int(point["expiry_quantums"]) for point in points]
    is_dated = answer["expiry_ms"] is not None
    price = _price(int(answer["price_e8"]))
    lines = [f"at height {answer['height']}, {answer['underlying']} at {price}"]
    drawn = [Curve("●", later), Curve("-", [0] * len(points))]
    drawn[1:1] = [Curve("·", now)] if is_dated else []
    plot = curves(drawn, ROWS_COUNT, lambda quantums: amount(str(quantums)))
    lines += [f"  {line}" for line in plot]
    indent = plot[0].index("┤") + 1 if plot else 0
    first, last = (_price(int(points[place]["price_e8"])) for place in (0, -1))
    gap = len(points) - len(first) - len(price) - len(last)
    left, right = max(1, gap // 2), max(1, gap - gap // 2)
    lines.append(f"  {' ' * indent}{first}{' ' * left}{price}{' ' * right}{last}")
    ends = f"at the end of {moment_of(answer['expiry_ms'])}   · now" if is_dated else "now"
    lines.append(f"  ● {ends}   - no change")
    zeros = [_price(int(zero)) for zero in answer["zeros_e8"]]
    lines.append(
        f"  nothing is gained or lost at {', '.join(zeros)}" if zeros else "  no break-even"
    )
    where = "at the end, shown here" if is_dated else "shown here"
    lines.append(f"  best {amount(str(max(later)))}, worst {amount(str(min(later)))} {where}")
    return lines


def _price(price_e8: int) -> str:
    """Return a price with two places. Rounds: to nearest, halves up."""
    return decimal_of((price_e8 + CENT_E8 // 2) // CENT_E8, 2, group=True)
