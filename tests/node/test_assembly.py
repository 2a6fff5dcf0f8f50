"""NODE-001 to NODE-009: rooms that fit together finalise transfers, one node alone or four.

Real disk, real signatures, real threads; only the wires are in memory.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import trio

from chain.block.transaction import body_of, sign_bytes_of, signed_transaction
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote
from chain.consensus.log import join_segments, parse_segment
from chain.kit.holder import wallet
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.transactions import Transfer
from node.assembly import run_rooms
from node.clock import Clock
from node.config import Configuration, Node, load_configuration, write_configuration
from node.devnet.layout import Choices, Network
from node.devnet.writing import make_network
from node.folder import DataFolder
from node.keystore.key_file import write_key_file
from node.rooms.opening import FRAME_LIMITS, Rooms, open_rooms
from node.rpc.methods.standing import final_place
from node.services import Services
from node.telemetry.observer import TelemetryObserver
from p2p.memory import MemoryHub, MemoryNetwork
from p2p.network import Greeter
from tests import given

WITHIN_S = 60
AMOUNT_QUANTUMS = 5_000_000


def made(home: Path, kind: str, count: int, block_time_ms: int = 50) -> Network:
    choices = Choices(kind, count, 7600, block_time_ms, None)
    return make_network(home, choices, Clock().wall_ms())


def opened(network: Network, name: str) -> Rooms:
    folder = network.home / name
    overrides: dict[str, object] = {
        "storage.flush": False,
        "storage.free_floor_bytes": 0,
        "consensus.view_timeout_ms": 800,
        "consensus.retry_every_ms": 300,
    }
    return open_rooms(load_configuration(folder / "config.toml", {}, overrides))


def transfer(services: Services, signer: str, to: str, lane: int = 0) -> bytes:
    key = given.key(signer)
    body = body_of(
        signer=key.public_key,
        lane=lane,
        sequence=services.mempool.next_sequence(key.public_key, lane),
        valid_until_height=services.finality.head.height + 500,
        kind=services.application.kind_of(Transfer),
        payload=Transfer(to=given.address(to), asset="USD", amount_quantums=AMOUNT_QUANTUMS),
    )
    message = sign_bytes_of(services.genesis.chain_id, body)
    return signed_transaction(body, [(key.public_key, key.sign(message))])


def usd_of(services: Services, name: str) -> int:
    return balance_of(services.state_store.tables, wallet(given.address(name)), "USD")


async def alone(nursery: trio.Nursery, greeter: Greeter) -> None:
    return None


@asynccontextmanager
async def one_node(network: Network) -> AsyncIterator[Services]:
    rooms = opened(network, "auth0")
    try:
        async with trio.open_nursery() as nursery:
            yield await nursery.start(partial(run_rooms, rooms, join=alone))
            nursery.cancel_scope.cancel()
    finally:
        rooms.close()


@dataclass
class Cluster:
    """Nodes of one network on one hub, each stopped and started by name."""

    network: Network
    hub: MemoryHub
    nursery: trio.Nursery
    services: dict[str, Services] = field(default_factory=dict)
    stopping: dict[str, tuple[trio.CancelScope, trio.Event]] = field(default_factory=dict)

    async def start(self, name: str) -> Services:
        self.services[name] = await self.nursery.start(self._run, name)
        return self.services[name]

    async def stop(self, name: str) -> None:
        scope, stopped = self.stopping.pop(name)
        scope.cancel()
        await stopped.wait()
        del self.services[name]

    async def _run(self, name: str, *, task_status: object = trio.TASK_STATUS_IGNORED) -> None:
        rooms = opened(self.network, name)
        stopped = trio.Event()

        async def join(nursery: trio.Nursery, greeter: Greeter) -> MemoryNetwork:
            observer = TelemetryObserver()
            return self.hub.join(rooms.me, greeter, observer, frame_limits=FRAME_LIMITS)

        try:
            with trio.CancelScope() as scope:
                self.stopping[name] = (scope, stopped)
                await run_rooms(rooms, join=join, task_status=task_status)
        finally:
            if rooms.me in self.hub.networks:
                self.hub.leave(rooms.me)
            rooms.close()
            stopped.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to come true, looking whenever a block may have made it so."""
        with trio.fail_after(WITHIN_S):
            while not holds():  # noqa: ASYNC110 -- many unrelated things are waited for
                await trio.sleep(0.02)

    async def grow(self, count: int) -> None:
        """Wait until every node has this many more final blocks."""
        start = max(one.finality.head.height for one in self.services.values())
        await self.until(
            lambda: all(one.finality.head.height >= start + count for one in self.services.values())
        )

    def roots_agree(self) -> bool:
        """Return whether all nodes have one block at the highest height they share."""
        height = min(one.finality.head.height for one in self.services.values())
        return 1 == len({one.storage.block_id(height) for one in self.services.values()})


@asynccontextmanager
async def cluster(home: Path, count: int) -> AsyncIterator[Cluster]:
    network = made(home, "devnet", count)
    async with trio.open_nursery() as nursery:
        hub = await nursery.start(MemoryHub(1, latency_ms=(1, 5)).run)
        nodes = Cluster(network, hub, nursery)
        for place in network.nodes:
            await nodes.start(place.name)
        yield nodes
        for name in list(nodes.stopping):
            await nodes.stop(name)
        nursery.cancel_scope.cancel()


def make_follower(network: Network, beside: str, name: str) -> None:
    """Write the folder of a node without a consensus key, that looks for the same peers."""
    folder = DataFolder(network.home / name)
    folder.root.mkdir()
    shutil.copy(network.home / beside / "genesis.json", folder.genesis)
    write_key_file(folder.identity, bytes([77]) * 32, "identity", None)
    configuration = load_configuration(network.home / beside / "config.toml", {})
    node = Node(name=name, kind="follower")
    write_configuration(folder.configuration, Configuration(node=node, p2p=configuration.p2p))


def votes_signed(network: Network) -> list[Vote]:
    votes: list[Vote] = []
    for place in network.nodes:
        files = sorted((network.home / place.name / "signer" / "votes").glob("*.log"))
        contents = join_segments([parse_segment(file.read_bytes()) for file in files])
        assert not contents.broken, contents.broken
        votes += [record for record in contents.records if isinstance(record, Vote)]
    return votes


def double_signs(votes: list[Vote]) -> list[Vote]:
    """Return votes that no honest key signs beside another of the same view."""
    seen: dict[tuple[int, int, int, int], bytes] = {}
    wrong: list[Vote] = []
    for vote in votes:
        place = (vote.signer_index, vote.epoch, vote.view)
        if seen.setdefault((*place, vote.kind), vote.block_id) != vote.block_id:
            wrong.append(vote)
        if (*place, NULLIFY) in seen and (*place, FINALIZE) in seen:
            wrong.append(vote)
    return wrong


async def test_one_authority_finalises_a_transfer_at_once(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        before = usd_of(services, "bob")

        transaction_id = await services.admission.submit(transfer(services, "alice", "bob"))
        with trio.fail_after(WITHIN_S):
            final = await services.finality.wait_transaction(transaction_id)

        assert (1, True) == (final.height, final.receipt.ok)
        assert before + AMOUNT_QUANTUMS == usd_of(services, "bob")
        assert (1, 0) == services.storage.location(transaction_id)


async def test_a_restarted_authority_goes_on_where_it_was(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    async with one_node(network) as services:
        await services.admission.submit(transfer(services, "alice", "bob"))
        with trio.fail_after(WITHIN_S):
            first = await services.finality.wait_head_above(0)
        balance = usd_of(services, "bob")

    async with one_node(network) as services:
        again = services.finality.head
        held = usd_of(services, "bob")
        await services.admission.submit(transfer(services, "alice", "bob"))
        with trio.fail_after(WITHIN_S):
            second = await services.finality.wait_head_above(again.height)

    assert (first, balance) == (again, held)
    assert first.block_id == second.header.parent_id
    assert [] == double_signs(votes_signed(network))


async def test_a_devnet_of_one_makes_blocks_by_the_clock_and_needs_nobody(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 1) as nodes:
        await nodes.grow(3)
        services = nodes.services["auth0"]

        assert services.consensus.standing().signing
        assert "Nothing is missing: blocks become final." == services.consensus.explain_stall().why


async def test_four_authorities_agree_on_a_transfer(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        services = nodes.services["auth2"]
        before = usd_of(services, "bob")

        transaction_id = await services.admission.submit(transfer(services, "alice", "bob"))
        await nodes.until(
            lambda: all(
                final_place(one, transaction_id) is not None for one in nodes.services.values()
            )
        )

        assert 1 == len({one.storage.location(transaction_id) for one in nodes.services.values()})
        assert {before + AMOUNT_QUANTUMS} == {usd_of(one, "bob") for one in nodes.services.values()}
        assert nodes.roots_agree()
    assert [] == double_signs(votes_signed(nodes.network))


async def test_three_of_four_go_on_and_the_fourth_comes_back(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(2)

        await nodes.stop("auth3")
        await nodes.grow(10)
        await nodes.start("auth3")
        await nodes.grow(3)

        assert nodes.roots_agree()
        await nodes.until(lambda: nodes.services["auth3"].consensus.standing().signing)
    assert [] == double_signs(votes_signed(nodes.network))


async def test_a_node_that_lost_its_chain_fetches_it_and_votes_again(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(3)
        await nodes.stop("auth3")
        shutil.rmtree(nodes.network.home / "auth3" / "chain")
        await nodes.grow(70)

        await nodes.start("auth3")
        await nodes.grow(1)
        await nodes.until(lambda: nodes.services["auth3"].consensus.standing().signing)
        await nodes.stop("auth2")
        await nodes.grow(3)

        assert nodes.roots_agree()
    assert [] == double_signs(votes_signed(nodes.network))


async def test_a_node_without_its_vote_log_follows_and_says_why(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(2)
        await nodes.stop("auth3")
        shutil.rmtree(nodes.network.home / "auth3" / "signer" / "votes")

        services = await nodes.start("auth3")
        await nodes.grow(3)
        standing = services.consensus.standing()

        assert not standing.signing
        assert "vote log" in standing.not_signing_why
        assert nodes.roots_agree()


async def test_a_node_with_an_old_vote_log_learns_of_it_and_signs_nothing(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        votes = nodes.network.home / "auth3" / "signer" / "votes"
        await nodes.grow(2)
        shutil.copytree(votes, tmp_path / "backup")
        # The others stop too, so that the view they were in, and its votes, stay current.
        await nodes.grow(3)
        await nodes.stop("auth0")
        await nodes.stop("auth1")
        await nodes.until(
            lambda: any(
                tally.kind == "nullify" and "auth3" in tally.voted
                for tally in nodes.services["auth2"].consensus.explain_stall().tallies
            )
        )
        await nodes.stop("auth3")
        shutil.rmtree(votes)
        shutil.copytree(tmp_path / "backup", votes)

        services = await nodes.start("auth3")
        await nodes.until(lambda: bool(services.consensus.explain_stall().alarms))
        await nodes.start("auth0")
        await nodes.start("auth1")
        await nodes.grow(3)
        standing = services.consensus.standing()

        assert not standing.signing
        assert standing.not_signing_why
        assert nodes.roots_agree()


async def test_a_follower_has_the_chain_and_no_vote(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        make_follower(nodes.network, "auth3", "watcher")
        await nodes.grow(3)

        services = await nodes.start("watcher")
        await nodes.grow(5)
        standing = services.consensus.standing()

        assert nodes.roots_agree()
        assert (False, "") == (standing.signing, standing.not_signing_why)
        transaction_id = await services.admission.submit(transfer(services, "alice", "bob"))
        await nodes.until(lambda: services.storage.location(transaction_id) is not None)


async def test_two_of_four_stop_and_say_who_is_missing(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(2)
        await nodes.stop("auth2")
        await nodes.stop("auth3")

        consensus = nodes.services["auth0"].consensus
        await nodes.until(lambda: ("auth2", "auth3") == consensus.explain_stall().silent)
        stall = consensus.explain_stall()
        await nodes.start("auth2")
        await nodes.start("auth3")
        await nodes.grow(3)

        assert "nothing is heard from auth2, auth3" in stall.why
        assert nodes.roots_agree()
    assert [] == double_signs(votes_signed(nodes.network))


async def test_a_parted_network_goes_on_once_it_is_whole(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(2)
        ids = {name: one.network.me for name, one in nodes.services.items() if one.network}

        nodes.hub.partition(
            [frozenset({ids["auth0"], ids["auth1"]}), frozenset({ids["auth2"], ids["auth3"]})]
        )
        consensus = nodes.services["auth0"].consensus
        await nodes.until(lambda: ("auth2", "auth3") == consensus.explain_stall().silent)
        nodes.hub.heal()
        await nodes.grow(3)

        assert nodes.roots_agree()
    votes = votes_signed(nodes.network)
    assert [] == double_signs(votes)
    assert NOTARIZE in {vote.kind for vote in votes}


async def test_a_node_whose_disk_is_nearly_full_serves_and_does_not_vote(tmp_path: Path) -> None:
    async with cluster(tmp_path / "net", 4) as nodes:
        await nodes.grow(2)
        full = nodes.services["auth1"]
        free_bytes = full.storage.free_bytes

        full.storage.free_bytes = lambda: -1  # type: ignore[method-assign]
        await nodes.until(lambda: "bytes are free" in full.consensus.standing().not_signing_why)
        await nodes.grow(5)
        stalled = full.consensus.standing()
        full.storage.free_bytes = free_bytes  # type: ignore[method-assign]
        await nodes.until(lambda: full.consensus.standing().signing)
        await nodes.stop("auth3")
        await nodes.grow(2)

        assert not stalled.signing
    assert [] == double_signs(votes_signed(nodes.network))
