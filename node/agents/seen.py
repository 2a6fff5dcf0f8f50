"""What an agent sees of one height, and what it wants done; nothing here reaches out.

Source: docs/specs/agents.md, AGT-010 to AGT-019.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BUY, SELL = 1, 2
MAIN, MODE_CROSS = "main", 0
OPENED_UNDER = "standard"
"""The schedule of every account until it changes it."""
GOOD_TILL_CANCELLED, IMMEDIATE_OR_CANCEL = 1, 2
ORDINARY_LANE, RELIEF_LANE = 0, 1
"""What opens risk goes in one lane, what takes risk away in another: it waits for nothing."""

Action = tuple[str, Mapping[str, Any]]
"""A kind, `module.transaction`, and its fields as JSON says them."""
Call = tuple[str, Mapping[str, Any]]
"""A method and its parameters."""
Level = tuple[int, int]
"""A price in ticks, and the lots that rest there."""


@dataclass(frozen=True)
class Resting:
    """One open order of the agent's account."""

    order_id: int
    client_id: str
    instrument: str
    side: int
    price_ticks: int
    remaining_lots: int
    good_till_ms: int = 0
    """0: no end."""


@dataclass(frozen=True)
class MarketSeen:
    """One instrument: terms, prices, what its feed allows, and its book, best first."""

    instrument: str
    tick_size_e8: int
    lot_size_e8: int
    tick_value_quantums: int
    taker_fee_ppm: int
    index_price_e8: int
    """0 before the first mark, and so the mark."""
    mark_price_ticks: int
    is_open: bool
    """Whether it trades continuously and its feed allows opening."""
    may_reduce: bool
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True)
class AccountSeen:
    """The agent's account: how it stands, what it holds, and when its dead man acts."""

    equity_quantums: int
    initial_margin_quantums: int
    collateral_quantums: Mapping[str, int]
    """The value of each asset that is no settlement asset."""
    positions_lots: Mapping[str, int]
    orders: tuple[Resting, ...]
    dead_man_ms: int
    """0: none is set."""


@dataclass(frozen=True)
class Seen:
    """Everything of one height; `account` is None until it is open."""

    height: int
    time_ms: int
    account: AccountSeen | None
    markets: Mapping[str, MarketSeen]
    refused: Mapping[str, str] = field(default_factory=dict)
    """Name of a plan that was refused a moment ago, and the reason."""
    answers: tuple[Any, ...] = ()
    """What the node answered to the agent's own questions, None where it refused."""


@dataclass(frozen=True)
class Plan:
    """One transaction that an agent wants: its actions under one signature, all or nothing.

    While a plan of the same name is under way, or was refused a moment ago, it is not sent.
    """

    name: str
    actions: tuple[Action, ...]
    lane: int = ORDINARY_LANE
    is_tried_first: bool = False
    """Whether the node says what would come of it, and the agent judges that, before."""


class Agent(ABC):
    """Somebody who looks and decides: no clock, no socket, the same plans for the same sights."""

    def __init__(self, account: str) -> None:
        """`account` is its own, as `nov1.../N`."""
        self.account = account
        self.standing = "waiting for its account"
        """In a few words, what it is doing and why."""

    @abstractmethod
    def decide(self, seen: Seen) -> Sequence[Plan]:
        """Return what it wants done now, the most urgent first."""

    def questions(self) -> Sequence[Call]:
        """Return what it wants to know beside what every agent is shown."""
        return ()

    def judge(self, plan: Plan, events: Sequence[Mapping[str, Any]]) -> str:
        """Return why a plan that was tried is not to be sent; empty: it is."""
        del plan, events
        return ""

    def farewell(self) -> Sequence[Plan]:
        """Return what is left to do when it is told to end."""
        return ()


def deposit(account: str, asset: str, amount_quantums: int, schedule: str = OPENED_UNDER) -> Plan:
    """Return the plan that opens an account and backs it; number 0 is opened by its deposit.

    Another schedule than that of every new account is entered behind, by what was deposited.
    """
    fields = {"account_holder": account, "asset": asset, "amount_quantums": str(amount_quantums)}
    terms = {"compartment": MAIN, "mode": MODE_CROSS, "schedule": OPENED_UNDER}
    opened: Action = ("accounts.open", {"account_holder": account, **terms})
    changed: Action = ("margin.set_schedule", {"account_holder": account, "schedule": schedule})
    is_first = account.endswith("/0")
    return Plan(
        "deposit",
        (
            *(() if is_first else (opened,)),
            ("accounts.deposit", fields),
            *(() if schedule == OPENED_UNDER else (changed,)),
        ),
    )


def place(
    account: str, instrument: str, side: int, price_ticks: int, size_lots: int, **how: Any
) -> Action:
    """Return an order; it is good till cancelled unless told otherwise."""
    fields = {
        "account_holder": account,
        "instrument": instrument,
        "side": side,
        "price_ticks": str(price_ticks),
        "size_lots": str(size_lots),
        "time_in_force": GOOD_TILL_CANCELLED,
        "post_only": False,
        "reduce_only": False,
        "self_trade": 0,
        "client_id": "",
        "good_till_ms": 0,
        "trigger_kind": 0,
        "trigger_ticks": "0",
    }
    return ("orders.place", {**fields, **how})


def cancel_all(account: str, instrument: str = "") -> Action:
    """Return the cancelling of everything, or of everything in one instrument."""
    return ("orders.cancel_all", {"account_holder": account, "instrument": instrument})


def set_dead_man(account: str, timeout_ms: int) -> Action:
    """Return the setting of the time after which all orders end unless it is set again."""
    return ("orders.set_dead_man", {"account_holder": account, "timeout_ms": timeout_ms})
