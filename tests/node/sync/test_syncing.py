"""SYNC-010, SYNC-050 to SYNC-053: from tip to tip, whoever is silent, slow or lying."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
import trio.testing

from chain.consensus.effects import Verdict
from node.clock import TrioClock
from node.consensus.alarms import Alarms
from node.sync import wire
from node.sync.epochs import EpochSets
from node.sync.library import read_authorities
from node.sync.ranges import CheckedRange, CheckedTip, checked_tip
from node.sync.serving import range_answer, tip_answer
from node.sync.syncing import WRONG_RANGE, Syncing
from node.sync.wire import GetRange, GetTip
from p2p.network import PeerStatus, Refused, Standing, Unreachable
from tests.node.sync.test_serving import CHAIN, SET, Shelf


@dataclass
class Streets:
    """A network of shelves: each peer answers from its own, or misbehaves."""

    shelves: dict[str, Shelf]
    silent: set[str] = field(default_factory=set)
    lying: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    charged: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, wire.Request]] = field(default_factory=list)

    def peers(self) -> list[PeerStatus]:
        return [
            PeerStatus(name, name, Standing.AUTHORITY, "", True, True, 1, 0, 0, "")
            for name in self.shelves
        ]

    def charge(self, peer: str, offence: str) -> None:
        self.charged.append((peer, offence))

    async def ask(self, peer: str, protocol: str, request: bytes, **how: Any) -> bytes:
        await trio.sleep(0.01)
        asked = wire.parse_request(request)
        self.asked.append((peer, asked))
        if peer in self.slow:
            await trio.sleep(60)
        if peer in self.silent:
            raise Unreachable(peer, "silent")
        match asked:
            case GetTip():
                return tip_answer(self.shelves[peer])
            case GetRange():
                if peer in self.lying:
                    return range_answer(self.shelves[peer], GetRange(1, 1))
                return range_answer(self.shelves[peer], asked)
            case _:
                raise Refused("no epochs here")


@dataclass
class Notebook:
    """A store that writes down what it is given."""

    height: int = 0
    verdict: Verdict = Verdict.VALID
    applied: list[int] = field(default_factory=list)

    async def apply(self, checked: CheckedRange) -> Verdict:
        await trio.sleep(0.01)
        if self.verdict is Verdict.VALID:
            self.applied += [block.header.height for block in checked.blocks]
            self.height = self.applied[-1]
        return self.verdict


def syncing_of(streets: Streets, store: Notebook) -> Syncing:
    clock = TrioClock(0)
    return Syncing(
        network=streets,  # type: ignore[arg-type]
        clock=clock,
        store=store,
        chain_id=CHAIN,
        epochs=EpochSets(CHAIN, SET),
        read_authorities=read_authorities,
        alarms=Alarms(clock),
    )


async def until(store: Notebook, height: int, seconds: float = 300) -> None:
    with trio.fail_after(seconds):
        while store.height < height:  # noqa: ASYNC110 -- it has no event
            await trio.sleep(0.05)


async def caught_up(streets: Streets, height: int) -> Notebook:
    store = Notebook()
    syncing = syncing_of(streets, store)
    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await until(store, height)
        nursery.cancel_scope.cancel()
    return store


async def test_the_chain_is_fetched_in_order_from_all(autojump_clock: Any) -> None:
    shelf = Shelf(300, set(range(1, 301)))
    streets = Streets(dict.fromkeys("abcd", shelf))

    store = await caught_up(streets, 300)

    assert list(range(1, 301)) == store.applied
    assert {"a", "b", "c", "d"} == {
        peer for peer, asked in streets.asked if isinstance(asked, GetRange)
    }


async def test_a_silent_peer_costs_time_and_no_block(autojump_clock: Any) -> None:
    shelf = Shelf(200, set(range(1, 201)))
    streets = Streets(dict.fromkeys("abc", shelf), silent={"b"})

    store = await caught_up(streets, 200)

    assert list(range(1, 201)) == store.applied
    assert [] == streets.charged


async def test_nobody_waits_for_a_peer_that_is_slow_to_say_its_tip(autojump_clock: Any) -> None:
    shelf = Shelf(20, {20})
    streets = Streets(dict.fromkeys("abc", shelf), slow={"b"})
    syncing = syncing_of(streets, Notebook())

    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await trio.sleep(30)
        nursery.cancel_scope.cancel()

    tips_asked = [peer for peer, asked in streets.asked if isinstance(asked, GetTip)]
    assert 1 == tips_asked.count("b")
    assert 10 < tips_asked.count("a")
    assert 10 < tips_asked.count("c")


async def test_a_wrong_range_is_charged_to_its_sender(autojump_clock: Any) -> None:
    shelf = Shelf(200, set(range(1, 201)))
    streets = Streets(dict.fromkeys("abc", shelf), lying={"c"})

    store = await caught_up(streets, 200)

    assert list(range(1, 201)) == store.applied
    assert ("c", WRONG_RANGE) in streets.charged
    assert {"c"} == {peer for peer, _ in streets.charged}


async def test_a_tip_is_verified_only_when_it_proves_something_new(
    autojump_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[int] = []

    def checked(tip: wire.Tip, *given: Any) -> CheckedTip:
        proven = checked_tip(tip, *given)
        verified.append(proven.header.height)
        return proven

    monkeypatch.setattr("node.sync.syncing.checked_tip", checked)
    streets = Streets(dict.fromkeys("ab", Shelf(20, {20})))
    syncing = syncing_of(streets, Notebook())
    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await trio.sleep(30)
        nursery.cancel_scope.cancel()

    assert [20] == verified
    assert 25 < sum(isinstance(asked, GetTip) for _, asked in streets.asked)


async def test_a_height_is_believed_when_a_certificate_proves_it(autojump_clock: Any) -> None:
    streets = Streets({"a": Shelf(20, {12})})

    store = await caught_up(streets, 12)

    assert list(range(1, 13)) == store.applied


async def test_a_certified_block_that_is_not_valid_here_stops_catching_up(
    autojump_clock: Any,
) -> None:
    streets = Streets({"a": Shelf(20, {20})})
    store = Notebook(verdict=Verdict.INVALID)
    syncing = syncing_of(streets, store)

    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await trio.sleep(60)
        ranges = [asked for _, asked in streets.asked if isinstance(asked, GetRange)]
        nursery.cancel_scope.cancel()

    assert 1 == len(ranges)
    assert [] == store.applied


async def test_what_could_not_be_applied_is_tried_again(autojump_clock: Any) -> None:
    streets = Streets({"a": Shelf(20, {20})})
    store = Notebook(verdict=Verdict.UNDECIDED)
    syncing = syncing_of(streets, store)

    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await trio.sleep(5)
        store.verdict = Verdict.VALID
        await until(store, 20)
        nursery.cancel_scope.cancel()

    assert list(range(1, 21)) == store.applied


async def test_behind_means_more_than_two_proven_blocks(autojump_clock: Any) -> None:
    syncing = syncing_of(Streets({}), Notebook())

    syncing.proven(2)
    near = syncing.is_behind
    syncing.proven(3)
    far = syncing.is_behind
    syncing.moved(3)

    assert (False, True, False) == (near, far, syncing.is_behind)
    assert 3 == syncing.best_height


async def test_no_tip_is_asked_for_while_consensus_brings_blocks(autojump_clock: Any) -> None:
    streets = Streets(dict.fromkeys("abc", Shelf(0, set())))
    syncing = syncing_of(streets, Notebook())
    async with trio.open_nursery() as nursery:
        await nursery.start(syncing.run)
        await trio.sleep(0.1)
        asked_first_count = len(streets.asked)
        for height in range(1, 21):
            syncing.moved(height)
            await trio.sleep(0.5)
        asked_meanwhile_count = len(streets.asked)
        await trio.sleep(10)
        nursery.cancel_scope.cancel()

    assert 1 == asked_first_count == asked_meanwhile_count
    assert asked_meanwhile_count + 8 <= len(streets.asked)
