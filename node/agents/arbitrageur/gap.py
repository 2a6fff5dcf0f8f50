"""Decide what an arbitrageur takes: orders so far from the index that the gap pays for itself.

    wanted = taker fee + edge + lean x position / position max     to buy; to sell with - position
    buy  all asks at most  index x (1 - wanted), down to the tick
    sell all bids at least index x (1 + wanted), up to the tick

Nothing is hedged: a position is bounded, and reducing it wants less than adding to it.

Source: docs/specs/agents.md, AGT-050 to AGT-059.
"""

from collections.abc import Sequence

from node.agents.arbitrageur.form import ArbitrageurSettings, Gap
from node.agents.limits import ONE_PPM, LossLimit, lots_of, opening
from node.agents.seen import (
    BUY,
    IMMEDIATE_OR_CANCEL,
    SELL,
    AccountSeen,
    Agent,
    MarketSeen,
    Plan,
    Seen,
    place,
)


class Arbitrageur(Agent):
    """An arbitrageur at work: what it was told, and whether it has stopped.

    It has no order resting, and leaves with its position.
    """

    def __init__(self, settings: ArbitrageurSettings, account: str) -> None:
        super().__init__(account)
        self._settings = settings
        self._loss = LossLimit(settings.loss_max)

    def decide(self, seen: Seen) -> Sequence[Plan]:
        """Return an order for each market whose book stands apart from its index."""
        if seen.account is None:
            return (opening(self.account, self._settings.deposit),)
        if self._loss.is_passed(seen.account):
            self.standing = "stopped: the loss limit is reached"
            return ()
        self.standing = "watching " + ", ".join(self._settings.markets)
        plans = []
        for name, gap in self._settings.markets.items():
            plan = self._market_plan(seen.account, seen.markets.get(name), gap)
            plans += [plan] if plan is not None else []
        return plans

    def _market_plan(
        self, account: AccountSeen, market: MarketSeen | None, gap: Gap
    ) -> Plan | None:
        if market is None or not market.is_open or not market.index_price_e8:
            return None
        position_lots = account.positions_lots.get(market.instrument, 0)
        # What reduces a position goes first: at a full one both sides may pay.
        for side in (SELL, BUY) if position_lots > 0 else (BUY, SELL):
            price_ticks, size_lots = bargain(market, gap, position_lots, side)
            if size_lots:
                order = place(
                    self.account,
                    market.instrument,
                    side,
                    price_ticks,
                    size_lots,
                    time_in_force=IMMEDIATE_OR_CANCEL,
                )
                return Plan(f"trade {market.instrument}", (order,))
        return None


def bargain(market: MarketSeen, gap: Gap, position_lots: int, side: int) -> tuple[int, int]:
    """Return the limit price in ticks, and the lots to be had there that are wanted.

    Rounds: the price in the agent's favour, to the tick.
    """
    limit_lots = lots_of(gap.position_max, market)
    towards_lots = position_lots if side == BUY else -position_lots
    lean_ppm = gap.lean_ppm * max(-limit_lots, min(limit_lots, towards_lots)) // limit_lots
    wanted_ppm = market.taker_fee_ppm + gap.edge_ppm + lean_ppm
    scale = ONE_PPM * market.tick_size_e8
    if side == BUY:
        price_ticks = market.index_price_e8 * (ONE_PPM - wanted_ppm) // scale
        there = [lots for ticks, lots in market.asks if ticks <= price_ticks]
    else:
        price_ticks = -(-market.index_price_e8 * (ONE_PPM + wanted_ppm) // scale)
        there = [lots for ticks, lots in market.bids if ticks >= price_ticks]
    room_lots = limit_lots - towards_lots
    size_lots = min(sum(there), lots_of(gap.size_max, market), room_lots)
    return price_ticks, max(0, size_lots)
