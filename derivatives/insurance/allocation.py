"""Divide a loss: over gains, then over risks. Pure sums, exact, independent of order.

    cut    = ceil(gain x due / G)        due = the smaller of the loss and G
    share  = loss x R / sum of R, at most S; what a capped account does not pay the rest shares

Source: docs/specs/insurance.md, INS-020 to INS-035.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chain.kit import divide_down, divide_up


class Sharer(NamedTuple):
    """What an account can pay, and what it is asked by."""

    solvency_quantums: int
    risk_quantums: int


def cuts_of(gains_quantums: Mapping[str, int], loss_quantums: int) -> dict[str, int]:
    """Return what each gain pays of a loss, never more than itself. Rounds: up.

    Together they pay the smaller of the loss and all gains, and less than a quantum an
    account more.

    >>> cuts_of({"a": 10, "b": 5, "c": 0}, 7)
    {'a': 5, 'b': 3}
    """
    gained = sum(gains_quantums.values())
    due = min(loss_quantums, gained)
    if due == 0:
        return {}
    return {
        account: divide_up(gain * due, gained) for account, gain in gains_quantums.items() if gain
    }


def shares_of(sharers: Mapping[str, Sharer], loss_quantums: int) -> dict[str, int]:
    """Return what each account pays of a loss by its risk, at most what it has.

    Whoever is capped leaves the rest to the others, in the proportion of their risks; whole
    quantums by largest remainder, ties to the lesser account.  The sum is the loss, or all
    that there is.

    >>> shares_of({"a": Sharer(100, 1), "b": Sharer(2, 1), "c": Sharer(100, 2)}, 11)
    {'a': 3, 'b': 2, 'c': 6}
    """
    able = sooner_first([(a, one) for a, one in sorted(sharers.items()) if _can_pay(one)])
    risk = sum(one.risk_quantums for _, one in able)
    left = loss_quantums
    paid: dict[str, int] = {}
    for place, (account, one) in enumerate(able):
        # Ratios are compared by cross-multiplying: is its share at least all it has?
        if left * one.risk_quantums < one.solvency_quantums * risk:
            paid.update(_proportional(dict(able[place:]), left))
            break
        if left == 0:
            break
        paid[account] = one.solvency_quantums
        left -= one.solvency_quantums
        risk -= one.risk_quantums
    return {account: paid[account] for account in sorted(paid) if paid[account]}


def _can_pay(one: Sharer) -> bool:
    return one.solvency_quantums > 0 and one.risk_quantums > 0


def sooner_first(sharers: Sequence[tuple[str, Sharer]]) -> list[tuple[str, Sharer]]:
    """Return them by S / R, ascending: whom a lesser loss caps comes first; ties as given.

    Two ratios that differ do so by at least 1 / (R1 x R2), so with twice the bits of the
    largest risk behind the point their whole parts differ too.
    """
    places = 2 * max((one.risk_quantums.bit_length() for _, one in sharers), default=0)
    return sorted(
        sharers,
        key=lambda named: divide_down(named[1].solvency_quantums << places, named[1].risk_quantums),
    )


def _proportional(sharers: Mapping[str, Sharer], loss_quantums: int) -> dict[str, int]:
    return split({account: one.risk_quantums for account, one in sharers.items()}, loss_quantums)


def split(weights: Mapping[str, int], amount: int) -> dict[str, int]:
    """Return an amount divided in proportion to weights: largest remainder, ties: account.

    >>> split({"a": 1, "b": 1, "c": 1}, 8)
    {'a': 3, 'b': 3, 'c': 2}
    """
    total = sum(weights.values())
    parts = {account: divide_down(amount * weight, total) for account, weight in weights.items()}
    left = amount - sum(parts.values())
    by_remainder = sorted(
        weights, key=lambda account: (-((amount * weights[account]) % total), account)
    )
    for account in by_remainder[:left]:
        parts[account] += 1
    return parts
