"""Decide which options a quoter bids and asks for, and when its orders must go.

Every turn it asks for the options of the next dates and whether they may be opened.  An option
is left alone while what rests of it is good, and placed anew by itself; all that is placed anew
of a date is one signed list.

Source: docs/specs/agents.md, AGT-075 to AGT-088.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from node.agents.limits import LossLimit, opening, steps_in
from node.agents.quoter.chain import ChainSeen, chain_of, dates_of, nearest
from node.agents.quoter.form import Chain, QuoterSettings
from node.agents.quoter.pricing import Room, Terms, quotes
from node.agents.quotes import ENDING_PARTS, Quote, is_dead_man_near, is_ending, is_stale
from node.agents.seen import (
    RELIEF_LANE,
    AccountSeen,
    Action,
    Agent,
    Call,
    Plan,
    Resting,
    Seen,
    cancel_all,
    place,
    set_dead_man,
)

ACTIONS_MAX_COUNT = 64
ALONG_PARTS = 2
"""What has used this part of its tolerance, or of its life, goes along with what must: one list
costs the chain little more than one option, since its account is margined once."""
NEXT_DATE = 0
"""Asked for where no date is known: the node shows the next one, and names the others."""

Date = tuple[str, int]
"""An underlying, and when the date ends."""


@dataclass(frozen=True)
class Looked:
    """A date as it is seen now, and whether its options may be opened."""

    chain: ChainSeen
    may_open: bool


class Quoter(Agent):
    """A quoter at work: what it was told, and which dates it saw last."""

    def __init__(self, settings: QuoterSettings, account: str) -> None:
        super().__init__(account)
        self._settings = settings
        self._loss = LossLimit(settings.loss_max)
        self._dates: dict[str, tuple[int, ...]] = {}
        self._asked: list[tuple[Date, bool]] = []
        self._probes: dict[Date, str] = {}
        self._places: dict[str, Date] = {}

    def questions(self) -> Sequence[Call]:
        """Return what it asks of each date: its options, and whether one may be opened.

        What holds for one of a date holds for all: they share a forward and a surface.
        """
        calls: list[Call] = []
        self._asked = []
        for underlying in self._settings.chains:
            for expiry_ms in self._dates.get(underlying) or (NEXT_DATE,):
                date = (underlying, expiry_ms)
                of_date = {} if expiry_ms == NEXT_DATE else {"expiry_ms": expiry_ms}
                calls.append(("market_getChain", {"underlying": underlying, **of_date}))
                probe = self._probes.get(date)
                if probe is not None:
                    fields = {"instrument": probe}
                    calls.append(("query_call", {"name": "instruments.standing", "fields": fields}))
                self._asked.append((date, probe is not None))
        return calls

    def farewell(self) -> Sequence[Plan]:
        """Return the cancelling of everything it has."""
        return (Plan("farewell", (cancel_all(self.account),), RELIEF_LANE),)

    def decide(self, seen: Seen) -> Sequence[Plan]:
        """Return what is to be cancelled, and the quotes that are to be placed anew."""
        if seen.account is None:
            return (opening(self.account, self._settings.deposit, self._settings.schedule),)
        known = self._places
        looked, unsure = self._looked(seen)
        if self._loss.is_passed(seen.account):
            self.standing = "not quoted: the loss limit is reached"
            return self._retreat(seen.account, frozenset())
        plans: list[Plan] = []
        why: dict[str, str] = {}
        kept = {order.instrument for order in seen.account.orders} & {
            name for name, date in (known | self._places).items() if date in unsure
        }
        for underlying, told in self._settings.chains.items():
            dates = self._dates.get(underlying, ())
            if not dates:
                why[underlying] = "not quoted: no options are listed"
            room = self._room(underlying, told, looked, seen.account, kept)
            for date in ((underlying, expiry_ms) for expiry_ms in dates):
                if date in looked and room is not None:
                    plan, wanted, said = self._date_plan(
                        seen, seen.account, looked[date], told, room
                    )
                    kept |= wanted
                    plans += [] if plan is None else [plan]
                    why[looked[date].chain.forward] = said
        dead_man_ms = self._settings.dead_man_ms
        if not plans and is_dead_man_near(seen.account, seen.time_ms, dead_man_ms):
            plans.append(Plan("dead man", (set_dead_man(self.account, dead_man_ms),), RELIEF_LANE))
        said_of = {one: [name for name, its in why.items() if its == one] for one in why.values()}
        said = "; ".join(f"{', '.join(names)} {one}" for one, names in said_of.items())
        self.standing = said or "looking for dates"
        return [*self._retreat(seen.account, frozenset(kept)), *plans]

    def _looked(self, seen: Seen) -> tuple[dict[Date, Looked], set[Date]]:
        """Return the dates that are seen now, and those of which nothing sure is known.

        An answer of another height is no answer: its dates are left for the next turn.
        """
        looked: dict[Date, Looked] = {}
        unsure: set[Date] = set()
        answers = iter(seen.answers)
        for (underlying, expiry_ms), has_standing in self._asked:
            date = (underlying, expiry_ms)
            told = _of_height(next(answers, None), seen.height)
            standing = _of_height(next(answers, None), seen.height) if has_standing else None
            if told is None:
                # It may have left: which dates there are is asked anew.
                unsure |= {date, *((underlying, one) for one in self._dates.get(underlying, ()))}
                self._dates[underlying] = ()
                continue
            self._learn(underlying, told, seen.time_ms)
            chain = chain_of(told)
            if chain is None:
                continue
            date = (underlying, chain.expiry_ms)
            self._remember(date, chain)
            if standing is None:
                unsure.add(date)
            else:
                looked[date] = Looked(chain, bool(standing["value"]["may_open"]))
        return looked, unsure

    def _learn(self, underlying: str, told: Any, time_ms: int) -> None:
        """Note which dates are the next ones."""
        one = self._settings.chains[underlying]
        ahead = [ends_ms for ends_ms in dates_of(told) if ends_ms - time_ms > one.stop_ms]
        self._dates[underlying] = tuple(ahead[: one.dates_count])

    def _remember(self, date: Date, chain: ChainSeen) -> None:
        """Note which options a date has, and the one that is asked for next time."""
        chosen = {(name, ends_ms) for name, all_ms in self._dates.items() for ends_ms in all_ms}
        self._places = {name: its for name, its in self._places.items() if its in chosen}
        self._places |= {option.instrument: date for option in chain.options}
        trading = [option for option in nearest(chain, len(chain.options)) if option.is_open]
        self._probes = {its: name for its, name in self._probes.items() if its in chosen}
        if trading:
            self._probes[date] = trading[0].instrument

    def _room(
        self,
        underlying: str,
        told: Chain,
        looked: dict[Date, Looked],
        account: AccountSeen,
        kept: set[str],
    ) -> Room | None:
        """Return what all options of an underlying may yet come to; None where none is seen.

        What rests of dates that are not seen now counts as filled.
        """
        sizes_e8 = [one.chain.lot_size_e8 for date, one in looked.items() if date[0] == underlying]
        if not sizes_e8:
            return None
        most_lots = steps_in(told.total_max, sizes_e8[0], f"total_max of {underlying}")
        held = [
            lots
            for name, lots in account.positions_lots.items()
            if name.startswith(f"{underlying}-") and name.endswith(("-C", "-P"))
        ]
        room = Room(
            most_lots - sum(max(0, lots) for lots in held),
            most_lots - sum(max(0, -lots) for lots in held),
        )
        for order in account.orders:
            if order.instrument in kept and order.instrument.startswith(f"{underlying}-"):
                room.take(order.side, order.remaining_lots)
        return room

    def _date_plan(
        self, seen: Seen, account: AccountSeen, looked: Looked, told: Chain, room: Room
    ) -> tuple[Plan | None, set[str], str]:
        """Return what is to be placed anew of a date, the options it quotes, and how it stands."""
        chain, terms = looked.chain, Terms(looked.chain, told)
        name = f"quote {chain.forward}"
        if name in seen.refused:
            return None, set(), f"not quoted: refused, {seen.refused[name]}"
        if not looked.may_open:
            return None, set(), "not quoted: its price or volatility may not be trusted now"
        due: list[tuple[bool, list[Action]]] = []
        quoted: set[str] = set()
        for option in nearest(chain, told.strikes_count):
            own = [order for order in account.orders if order.instrument == option.instrument]
            if not option.is_open or not option.mark_ticks:
                continue
            held_lots = account.positions_lots.get(option.instrument, 0)
            wanted = quotes(option, terms, held_lots, own, room)
            if not wanted:
                continue
            quoted.add(option.instrument)
            off_ticks = terms.tolerance_ticks(option)
            must = is_stale(wanted, own, off_ticks) or self._is_ending(own, seen.time_ms, 1)
            may = is_stale(wanted, own, off_ticks // ALONG_PARTS) or self._is_ending(
                own, seen.time_ms, ALONG_PARTS
            )
            if must or may:
                anew = self._anew(option.instrument, wanted, own, seen.time_ms)
                due.append((must, anew))
        if not any(must for must, _ in due):
            return None, quoted, "quoted" if quoted else "not quoted: nothing of it trades"
        actions: list[Action] = []
        for _, anew in sorted(due, key=lambda one: not one[0]):
            if len(actions) + len(anew) < ACTIONS_MAX_COUNT:
                actions += anew
        actions.append(set_dead_man(self.account, self._settings.dead_man_ms))
        return Plan(name, tuple(actions)), quoted, "quoted"

    def _anew(
        self, instrument: str, wanted: Sequence[Quote], own: Sequence[Resting], time_ms: int
    ) -> list[Action]:
        """Return the cancelling of what an option has resting, and its new orders."""
        placed = [
            place(
                self.account,
                instrument,
                quote.side,
                quote.price_ticks,
                quote.size_lots,
                post_only=True,
                client_id=quote.client_id,
                good_till_ms=time_ms + self._settings.order_life_ms,
            )
            for quote in wanted
        ]
        return [*((cancel_all(self.account, instrument),) if own else ()), *placed]

    def _is_ending(self, own: Sequence[Resting], time_ms: int, part: int) -> bool:
        return is_ending(own, time_ms, self._settings.order_life_ms, ENDING_PARTS // part)

    def _retreat(self, account: AccountSeen, kept: frozenset[str]) -> list[Plan]:
        """Return the cancelling of every order in what is not kept."""
        rested = dict.fromkeys(order.instrument for order in account.orders)
        gone = [name for name in rested if name not in kept]
        if not gone:
            return []
        names = gone[:ACTIONS_MAX_COUNT] if len(gone) < len(rested) else [""]
        actions = tuple(cancel_all(self.account, name) for name in names)
        return [Plan("retreat", actions, RELIEF_LANE)]


def _of_height(answer: Any, height: int) -> Any:
    """Return an answer, None where it is of another height."""
    return answer if answer is not None and int(answer["height"]) == height else None
