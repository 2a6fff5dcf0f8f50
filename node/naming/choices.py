"""What the numbers of a transaction's fields stand for, where they stand for a choice.

Source: docs/specs/rpc.md, RPC-090.
"""

from collections.abc import Mapping

from derivatives.accounts.state import MODE_CROSS, MODE_ISOLATED
from derivatives.orders.state import (
    FILL_OR_KILL,
    GOOD_TILL_CANCELLED,
    IMMEDIATE_OR_CANCEL,
    SELF_TRADE_CANCELS_INCOMING,
    SELF_TRADE_CANCELS_RESTING,
    SIDE_BUY,
    SIDE_SELL,
    TRIGGER_STOP,
    TRIGGER_TAKE_PROFIT,
)

TIMES_IN_FORCE: Mapping[int, str] = {
    GOOD_TILL_CANCELLED: "gtc",
    IMMEDIATE_OR_CANCEL: "ioc",
    FILL_OR_KILL: "fok",
}
CHOICES: Mapping[str, Mapping[int, str]] = {
    "side": {SIDE_BUY: "buy", SIDE_SELL: "sell"},
    "time_in_force": TIMES_IN_FORCE,
    "self_trade": {
        SELF_TRADE_CANCELS_RESTING: "the resting order goes",
        SELF_TRADE_CANCELS_INCOMING: "this order goes",
    },
    "trigger_kind": {0: "none", TRIGGER_STOP: "stop", TRIGGER_TAKE_PROFIT: "take-profit"},
    "mode": {MODE_CROSS: "cross", MODE_ISOLATED: "isolated"},
}
"""By a field's name, the same in every transaction."""


def choices_said(name: str) -> str:
    """Return the choices of a field in words, nothing where its number is no choice.

    >>> choices_said("side")
    '1 buy, 2 sell'
    """
    return ", ".join(f"{number} {word}" for number, word in CHOICES.get(name, {}).items())
