"""What a quoter bids and asks for an option, and how far what rests may stand from it.

    half spread = vega x volatility + |delta| x forward x hedge
                  at most a share of the mark, and at least some ticks
    middle      = mark - half spread x skew x position / position max
    bid         = middle - half spread, down to the tick;  ask = middle + half spread, up

A width in volatility is what makers of options quote by: it is as wide for a week as for a
year, in what the option is about. What hedging costs comes beside it, since volatility is
nearly nothing shortly before the end while the forward still moves.

Source: docs/specs/agents.md, AGT-077 to AGT-081.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.agents.limits import ONE_PPM, steps_in
from node.agents.quoter.chain import ChainSeen, OptionSeen
from node.agents.quoter.form import Chain
from node.agents.quotes import Quote
from node.agents.seen import BUY, SELL, Resting

E8_SQUARED = 10**16


@dataclass
class Room:
    """How many lots all options of an underlying may yet be bought, and sold."""

    bought_lots: int
    sold_lots: int

    def take(self, side: int, lots: int) -> int:
        """Return how many of these lots there is room for, and count them as taken."""
        room = self.bought_lots if side == BUY else self.sold_lots
        taken = max(0, min(lots, room))
        if side == BUY:
            self.bought_lots -= taken
        else:
            self.sold_lots -= taken
        return taken


@dataclass(frozen=True)
class Terms:
    """How the options of one date are quoted, its sizes in lots."""

    chain: ChainSeen
    told: Chain

    @property
    def size_lots(self) -> int:
        """The size of each order. Refuses: one that is no number of lots."""
        return steps_in(self.told.size, self.chain.lot_size_e8, f"size of {self.chain.forward}")

    @property
    def limit_lots(self) -> int:
        """The most of one option, long or short. Refuses: as `size_lots`."""
        what = f"position_max of {self.chain.forward}"
        return steps_in(self.told.position_max, self.chain.lot_size_e8, what)

    def tolerance_ticks(self, option: OptionSeen) -> int:
        """Return how far from its place an order may stand. Rounds: down."""
        most = half_spread(option, self) * self.told.tolerance_ppm // ONE_PPM
        return most // self.chain.tick_value_quantums


def half_spread(option: OptionSeen, terms: Terms) -> int:
    """Return how far from the middle an option's bid and ask stand, in quantums a lot.

    Rounds: what volatility and hedging come to up, the share of the mark down.
    """
    chain, told = terms.chain, terms.told
    forward_quantums = chain.forward_e8 * chain.lot_size_e8 * 10**6 // E8_SQUARED
    by_volatility = -(-option.vega_quantums * told.volatility_ppm // ONE_PPM)
    by_hedge = -(-abs(option.delta_ppm) * forward_quantums * told.hedge_ppm // ONE_PPM**2)
    most = option.mark_ticks * chain.tick_value_quantums * told.premium_max_ppm // ONE_PPM
    least = told.ticks_min * chain.tick_value_quantums
    return max(least, min(by_volatility + by_hedge, most))


def prices(option: OptionSeen, terms: Terms, position_lots: int) -> tuple[int, int]:
    """Return bid and ask of an option, in ticks; a bid below one tick is none.

    Rounds: the middle down to the quantum, the bid down and the ask up to the tick.
    """
    tick, half = terms.chain.tick_value_quantums, half_spread(option, terms)
    limit_lots = terms.limit_lots
    held_lots = max(-limit_lots, min(limit_lots, position_lots))
    moved = half * terms.told.skew_ppm * held_lots // (ONE_PPM * limit_lots)
    middle = option.mark_ticks * tick - moved
    return (middle - half) // tick, max(1, -(-(middle + half) // tick))


def quotes(
    option: OptionSeen, terms: Terms, position_lots: int, own: Sequence[Resting], room: Room
) -> list[Quote]:
    """Return the orders that are wanted of an option: a bid, an ask, either or none.

    Neither would meet what others have resting, and either filled leaves the position within
    its limit and all options within theirs.
    """
    limit_lots = terms.limit_lots
    bid_ticks, ask_ticks = prices(option, terms, position_lots)
    other_bid, other_ask = of_others(option, own)
    if other_ask:
        bid_ticks = min(bid_ticks, other_ask - 1)
    ask_ticks = max(ask_ticks, other_bid + 1)
    wanted = []
    for side, letter, ticks in ((BUY, "b", bid_ticks), (SELL, "a", ask_ticks)):
        if ticks < 1:
            continue
        left_lots = limit_lots - position_lots if side == BUY else limit_lots + position_lots
        lots = room.take(side, min(terms.size_lots, left_lots))
        if lots > 0:
            wanted.append(Quote(f"{option.instrument}/{letter}", side, ticks, lots))
    return wanted


def of_others(option: OptionSeen, own: Sequence[Resting]) -> tuple[int, int]:
    """Return the best bid and ask of others as far as they are seen, in ticks; 0 for none.

    What stands where an own order does is taken for it: what others have behind is not seen.
    """
    mine = {(order.side, order.price_ticks) for order in own}
    bid_ticks, ask_ticks = option.bid_ticks, option.ask_ticks
    return (
        0 if (BUY, bid_ticks) in mine else bid_ticks,
        0 if (SELL, ask_ticks) in mine else ask_ticks,
    )
