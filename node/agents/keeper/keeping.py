"""Decide whom a keeper takes from, whether it pays, and how it closes what it took over.

    gain = allowances of the slices - cost x value of what changes hands  >=  profit_min

What a transaction would give is asked of the node first, to the quantum; what closing costs
is the keeper's own estimate. Several keepers may want the same: who is first in a block has
it, the others are refused and leave it alone for a while.

Source: docs/specs/agents.md, AGT-060 to AGT-072.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from node.agents.keeper.form import KeeperSettings
from node.agents.limits import ONE_PPM, SETTLEMENT_ASSET, LossLimit, opening, usd_quantums
from node.agents.seen import (
    BUY,
    IMMEDIATE_OR_CANCEL,
    SELL,
    AccountSeen,
    Agent,
    Call,
    MarketSeen,
    Plan,
    Seen,
    place,
)

SLICES_COUNT = 4
"""The most that one transaction takes."""
ACCOUNTS_MAX_COUNT = 8
"""How many are taken from, and how many collaterals looked at, in a turn."""

Closing = Mapping[str, Any]


class Keeper(Agent):
    """A keeper at work: what it was told, and what it saw of accounts last.

    It has no order resting, and leaves with its positions.
    """

    def __init__(self, settings: KeeperSettings, account: str) -> None:
        super().__init__(account)
        self._settings = settings
        self._owner = account.partition("/")[0]
        self._loss = LossLimit(settings.loss_max)
        self._owing: tuple[str, ...] = ()
        self._value_quantums = 0
        self._collateral_quantums = 0

    def questions(self) -> Sequence[Call]:
        """Return who is closed now, and what those who owe have left."""
        fields = {"compartment": self._settings.compartment}
        closing: Call = ("query_call", {"name": "liquidation.closing", "fields": fields})
        return (closing, *(("account_get", {"account": one}) for one in self._owing))

    def decide(self, seen: Seen) -> Sequence[Plan]:
        """Return what closes its own positions, and what takes from others."""
        if seen.account is None:
            return (opening(self.account, self._settings.deposit),)
        plans = self._unloading(seen.account, seen.markets)
        closing = self._closing(seen)
        collateral = seen.answers[1:]
        owed = dict(zip(self._owing, collateral, strict=False))
        self._owing = tuple(one["account_holder"] for one in closing if owes(one))
        self._value_quantums = value_of(seen.account, seen.markets)
        self._collateral_quantums = sum(seen.account.collateral_quantums.values())
        if self._loss.is_passed(seen.account):
            self.standing = "closing only: the loss limit is reached"
            return plans
        self.standing = f"watching, {len(closing)} accounts are closed"
        for one in closing:
            if may_be_taken_from(one):
                plans.append(self._liquidation(one["account_holder"]))
            target = owed.get(one["account_holder"])
            conversion = None if target is None else self._conversion(target)
            plans += [conversion] if conversion is not None else []
        return plans

    def judge(self, plan: Plan, events: Sequence[Mapping[str, Any]]) -> str:
        """Return why what would come of taking is not worth it, nothing where it is."""
        del plan
        gained, values, collateral = 0, 0, 0
        for event in events:
            if event["name"] == "liquidation.slice_taken":
                gained += int(event["allowance_quantums"])
                values += sum(int(leg["value_quantums"]) for leg in event["legs"])
                collateral += sum(int(cut["value_quantums"]) for cut in event["collateral"])
                strange = [
                    leg["instrument"]
                    for leg in event["legs"]
                    if leg["instrument"] not in self._settings.markets
                ]
                if strange:
                    return f"{strange[0]} is none of its markets"
            elif event["name"] == "liquidation.collateral_converted":
                gained += int(event["allowance_quantums"])
                collateral += int(event["value_quantums"])
        cost_quantums = -(-(values + collateral) * self._settings.cost_ppm // ONE_PPM)
        if gained - cost_quantums < usd_quantums(self._settings.profit_min):
            return f"it gains {gained} quantums and costs {cost_quantums}"
        if self._value_quantums + values > usd_quantums(self._settings.value_max):
            return "its positions would be worth more than it may take"
        most_quantums = usd_quantums(self._settings.collateral_max)
        if collateral and self._collateral_quantums + collateral > most_quantums:
            return "its collateral would be worth more than it may take"
        return ""

    def _closing(self, seen: Seen) -> list[Closing]:
        """Return the accounts that are closed, its owner's own left out."""
        answer = seen.answers[0] if seen.answers else None
        listed = [] if answer is None else answer["value"]["accounts"]
        others = [one for one in listed if one["account_holder"].partition("/")[0] != self._owner]
        return others[:ACCOUNTS_MAX_COUNT]

    def _liquidation(self, target: str) -> Plan:
        fields = {
            "account_holder": self.account,
            "target_holder": target,
            "slices_count": SLICES_COUNT,
        }
        return Plan(
            f"liquidate {target}", (("liquidation.liquidate", fields),), is_tried_first=True
        )

    def _conversion(self, target: Mapping[str, Any]) -> Plan | None:
        """Return the buying of an account's next collateral, as much as may be had of it."""
        most_quantums = usd_quantums(self._settings.collateral_max) - self._collateral_quantums
        pledge = next_pledge(target["collateral"])
        if pledge is None or most_quantums <= 0:
            return None
        amount, value = int(pledge["amount_quantums"]), int(pledge["value_quantums"])
        amount = min(amount, amount * most_quantums // value) if value > 0 else amount
        fields = {
            "account_holder": self.account,
            "target_holder": target["account"],
            "asset": pledge["asset"],
            "amount_quantums": str(max(1, amount)),
        }
        name = f"convert {target['account']}"
        return Plan(name, (("liquidation.convert", fields),), is_tried_first=True)

    def _unloading(self, account: AccountSeen, markets: Mapping[str, MarketSeen]) -> list[Plan]:
        plans = []
        for name, lots in account.positions_lots.items():
            market = markets.get(name)
            if market is None or not market.may_reduce or not market.index_price_e8:
                continue
            side, price_ticks = unloading(market, lots, self._settings.unload_ppm)
            if not is_met(market, side, price_ticks):
                continue
            order = place(
                self.account,
                name,
                side,
                price_ticks,
                abs(lots),
                time_in_force=IMMEDIATE_OR_CANCEL,
                reduce_only=True,
            )
            plans.append(Plan(f"unload {name}", (order,)))
        return plans


def owes(closing: Closing) -> bool:
    """Return whether an account's collateral may be converted."""
    return int(closing["converting_ms"]) > 0 and int(closing["cash_quantums"]) < 0


def may_be_taken_from(closing: Closing) -> bool:
    """Return whether slices of an account may be taken now."""
    return not closing["reason"]


def next_pledge(collateral: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return what is converted first: the least haircut, then the lower asset (LIQ-066)."""
    held = [
        one
        for one in collateral
        if one["asset"] != SETTLEMENT_ASSET and int(one["amount_quantums"]) > 0
    ]
    return min(held, key=lambda one: (one["haircut_ppm"], one["asset"]), default=None)


def value_of(account: AccountSeen, markets: Mapping[str, MarketSeen]) -> int:
    """Return what an account's positions are worth at the mark, long or short, in quantums."""
    return sum(
        abs(lots) * markets[name].mark_price_ticks * markets[name].tick_value_quantums
        for name, lots in account.positions_lots.items()
        if name in markets
    )


def unloading(market: MarketSeen, position_lots: int, unload_ppm: int) -> tuple[int, int]:
    """Return the side that closes a position, and the worst price for it. Rounds: to the index."""
    scale = ONE_PPM * market.tick_size_e8
    if position_lots > 0:
        return SELL, max(1, -(-market.index_price_e8 * (ONE_PPM - unload_ppm) // scale))
    return BUY, market.index_price_e8 * (ONE_PPM + unload_ppm) // scale


def is_met(market: MarketSeen, side: int, price_ticks: int) -> bool:
    """Return whether something rests at a price or better."""
    if side == BUY:
        return bool(market.asks) and market.asks[0][0] <= price_ticks
    return bool(market.bids) and market.bids[0][0] >= price_ticks
