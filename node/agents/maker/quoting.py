"""Decide which orders a maker wants, and when those it has must go.

    middle = around x (1 - skew x position / position max)
    bid_k  = middle x (1 - half spread - k x step), down to the tick; asks the other way, up

A ladder is left alone while every order of it is there, within the tolerance of its place and
not near its end, so that orders age and count for the mark; else all of it is placed anew in
one signed list.

Source: docs/specs/agents.md, AGT-030 to AGT-049.
"""

from collections.abc import Sequence

from node.agents.limits import ONE_PPM, LossLimit, lots_of, opening
from node.agents.maker.form import Ladder, MakerSettings
from node.agents.quotes import Quote, is_dead_man_near, is_ending, is_stale
from node.agents.seen import (
    BUY,
    RELIEF_LANE,
    SELL,
    AccountSeen,
    Action,
    Agent,
    MarketSeen,
    Plan,
    Resting,
    Seen,
    cancel_all,
    place,
    set_dead_man,
)


class Maker(Agent):
    """A maker at work: what it was told, where it began, and whether it has stopped."""

    def __init__(self, settings: MakerSettings, account: str) -> None:
        super().__init__(account)
        self._settings = settings
        self._loss = LossLimit(settings.loss_max)
        self._is_stopped = False

    def farewell(self) -> Sequence[Plan]:
        """Return the cancelling of everything it has in its markets."""
        actions = tuple(cancel_all(self.account, market) for market in self._settings.markets)
        return (Plan("farewell", actions, RELIEF_LANE),)

    def decide(self, seen: Seen) -> Sequence[Plan]:
        """Return the ladders that are to be placed anew, and those that are to go."""
        if seen.account is None:
            return (opening(self.account, self._settings.deposit),)
        self._is_stopped = self._loss.is_passed(seen.account)
        plans: list[Plan] = []
        why: dict[str, str] = {}
        for name, ladder in self._settings.markets.items():
            plan, why[name] = self._market_plan(seen, seen.account, name, ladder)
            plans += [plan] if plan is not None else []
        dead_man_ms = self._settings.dead_man_ms
        if not plans and is_dead_man_near(seen.account, seen.time_ms, dead_man_ms):
            plans.append(Plan("dead man", (set_dead_man(self.account, dead_man_ms),), RELIEF_LANE))
        said = {one: [name for name, its in why.items() if its == one] for one in why.values()}
        self.standing = "; ".join(f"{', '.join(names)} {one}" for one, names in said.items())
        return plans

    def _market_plan(
        self, seen: Seen, account: AccountSeen, name: str, ladder: Ladder
    ) -> tuple[Plan | None, str]:
        """Return what is to be done in a market, None for nothing, and how it stands there."""
        market = seen.markets.get(name)
        own = [order for order in account.orders if order.instrument == name]
        refused = seen.refused.get(f"quote {name}")
        why = self._why_not(market, refused)
        if market is None or why:
            retreat = Plan(f"retreat {name}", (cancel_all(self.account, name),), RELIEF_LANE)
            return (retreat if own else None), why
        wanted = quotes(market, ladder, account.positions_lots.get(name, 0), own)
        life_ms = self._settings.order_life_ms
        stale = is_stale(wanted, own, 0, ladder.tolerance_ppm)
        if not stale and not is_ending(own, seen.time_ms, life_ms):
            return None, "quoted"
        actions: list[Action] = [cancel_all(self.account, name)]
        actions += [
            place(
                self.account,
                name,
                quote.side,
                quote.price_ticks,
                quote.size_lots,
                post_only=True,
                client_id=quote.client_id,
                # A list that is late is refused: its prices are those of another moment.
                good_till_ms=seen.time_ms + life_ms,
            )
            for quote in wanted
        ]
        actions.append(set_dead_man(self.account, self._settings.dead_man_ms))
        return Plan(f"quote {name}", tuple(actions)), "quoted"

    def _why_not(self, market: MarketSeen | None, refused: str | None) -> str:
        if self._is_stopped:
            return "not quoted: the loss limit is reached"
        if market is None:
            return "not quoted: no such market"
        if not market.index_price_e8:
            return "not quoted: no price yet"
        if not market.is_open:
            return "not quoted: its price may not be trusted now, or it does not trade"
        return f"not quoted: refused, {refused}" if refused else ""


def quotes(
    market: MarketSeen, ladder: Ladder, position_lots: int, own: Sequence[Resting]
) -> list[Quote]:
    """Return the orders that are wanted in a market, the nearest first, bids before asks.

    None would meet what others have resting, and all of a side filled bring the position at
    most to its limit. Rounds: bids down, asks up, to the tick.
    """
    size_lots = lots_of(ladder.size, market)
    limit_lots = lots_of(ladder.position_max, market)
    middle_e8 = middle(market, ladder, position_lots, limit_lots)
    wanted: list[Quote] = []
    for side, letter in ((BUY, "b"), (SELL, "a")):
        room_lots = limit_lots - position_lots if side == BUY else limit_lots + position_lots
        bound_ticks = best_of_others(market, own, side)
        for level in range(ladder.levels_count):
            lots = min(size_lots, room_lots)
            distance_ppm = ladder.half_spread_ppm + level * ladder.step_ppm
            ticks = price_of(middle_e8, distance_ppm, side, market.tick_size_e8)
            if bound_ticks:
                beside_ticks = bound_ticks - 1 if side == BUY else bound_ticks + 1
                ticks = min(ticks, beside_ticks) if side == BUY else max(ticks, beside_ticks)
            if lots <= 0 or ticks <= 0:
                break
            room_lots -= lots
            wanted.append(Quote(f"{market.instrument}/{letter}{level}", side, ticks, lots))
    return wanted


def middle(market: MarketSeen, ladder: Ladder, position_lots: int, limit_lots: int) -> int:
    """Return the price that is quoted around, in e8: below the market when long. Rounds: down.

    It moves by the skew where the position is at its limit, and no further beyond.
    """
    around_e8 = market.index_price_e8
    if ladder.around == "mark":
        around_e8 = market.mark_price_ticks * market.tick_size_e8
    held_lots = max(-limit_lots, min(limit_lots, position_lots))
    return (
        around_e8 * (ONE_PPM * limit_lots - ladder.skew_ppm * held_lots) // (ONE_PPM * limit_lots)
    )


def price_of(middle_e8: int, distance_ppm: int, side: int, tick_size_e8: int) -> int:
    """Return a price in ticks so far from the middle. Rounds: away from the middle.

    >>> price_of(64_000 * 10**8, 200, BUY, 50_000_000), price_of(64_000 * 10**8, 200, SELL, 10**8)
    (127974, 64013)
    """
    if side == BUY:
        return middle_e8 * (ONE_PPM - distance_ppm) // (ONE_PPM * tick_size_e8)
    return -(-middle_e8 * (ONE_PPM + distance_ppm) // (ONE_PPM * tick_size_e8))


def best_of_others(market: MarketSeen, own: Sequence[Resting], side: int) -> int:
    """Return the best price that others have on the other side, in ticks; 0 for none."""
    mine: dict[int, int] = {}
    for order in own:
        if order.side != side:
            mine[order.price_ticks] = mine.get(order.price_ticks, 0) + order.remaining_lots
    levels = market.asks if side == BUY else market.bids
    return next((price for price, lots in levels if lots > mine.get(price, 0)), 0)
