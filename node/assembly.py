"""Connect the rooms of a node, and be it: one nursery, until it is cancelled."""

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from chain.block.transaction import Transaction
from chain.block.vote import Vote
from chain.consensus.core import Simplex
from chain.consensus.log import Contents, Place
from chain.crypto.verification import is_genuine
from chain.modules.authorities.sets import authority_set_of
from chain.modules.signers.lanes import next_sequence
from chain.modules.system.standing import consensus_parameters_of
from chain.state.view import View
from node.admission import Admission
from node.clock import VirtualClock
from node.consensus.arrivals import Arrivals
from node.consensus.committer import Committer
from node.consensus.driver import Driver
from node.consensus.explain import Explainer, Facts
from node.consensus.outbound import Outbound
from node.consensus.recovery import recovered
from node.consensus.watch import DiskWatch
from node.consensus.work import Work
from node.dev.controls import Controls, Faucet
from node.dev.pacing import Pacing
from node.dev.snapshots import Snapshots
from node.executor import Executor
from node.finality import Finality, FinalNotice
from node.history.index import History
from node.invariant_watch import InvariantWatch
from node.mempool.pool import Mempool
from node.peers.gossip import TransactionGossip
from node.reports.gossip import ReportGossip, report_topic, volatility_topic
from node.reports.own import OwnReports
from node.reports.room import Reports
from node.rooms.halting import Halt
from node.rooms.opening import Rooms, greeter_of, oracle_key_of, settings_of
from node.services import Services
from node.signatures import Signatures
from node.storage.scrub import Scrub
from node.sync.applying import Applying
from node.sync.epochs import EpochSets
from node.sync.library import StoreLibrary, read_authorities
from node.sync.serving import Serving
from node.sync.syncing import Syncing
from node.sync.wire import PROTOCOL
from node.telemetry.metrics import FINALITY_SECONDS
from p2p.network import Greeter, Network, PeerId

TEND_POOL_EVERY_S = 1.0
FORGET_EVERY_BLOCKS = 64
"""How often the vote log is looked over for segments that are history."""

Join = Callable[[trio.Nursery, Greeter], Awaitable[Network | None]]
"""Starts a network for this greeter in the nursery and returns it; None for a node alone."""

Serve = Callable[[trio.Nursery, Services], Awaitable[object]]
"""Starts whatever serves the outside, once there is something to serve."""


async def run_rooms(
    rooms: Rooms,
    *,
    join: Join,
    serve: Serve | None = None,
    task_status: Any = trio.TASK_STATUS_IGNORED,
) -> None:
    """Be a node until cancelled; `nursery.start` returns its services.

    Raises `VoteLogFatal` and `StorageFault` when the disk fails: nothing was sent since.
    """
    signatures = Signatures()
    try:
        async with trio.open_nursery() as nursery:
            node = await _Node.connected(rooms, signatures, nursery, join)
            services = node.services()
            if serve is not None:
                await serve(nursery, services)
            await node.start(nursery)
            task_status.started(services)
    finally:
        signatures.close()


class _Node:
    """The rooms of one node, connected."""

    def __init__(self, rooms: Rooms, signatures: Signatures) -> None:
        self.rooms = rooms
        application, chain_id = rooms.application, rooms.genesis.chain_id
        self.mempool = Mempool(
            rooms.configuration.mempool,
            lambda signer, lane: next_sequence(rooms.state_store.tables, signer, lane),
        )
        self.signatures = signatures
        self.executor = Executor(
            application=application,
            chain_id=chain_id,
            storage=rooms.storage,
            state_store=rooms.state_store,
            signatures=self.signatures,
            clock=rooms.clock,
            alarms=rooms.alarms,
        )
        oracle_key = oracle_key_of(rooms)
        self.reports = Reports(
            chain_id=chain_id,
            state_store=rooms.state_store,
            clock=rooms.clock,
            own=OwnReports(oracle_key, chain_id) if oracle_key else None,
        )
        self.finality = Finality(rooms.state_store.head)
        self.history = History(
            storage=rooms.storage,
            application=application,
            path=rooms.configuration.folder.history,
            chain_id=chain_id,
            events_max_count=rooms.configuration.storage.history_events_max_count,
        )
        rooms.closing.append(self.history.close)
        self.committer = Committer(self.executor, rooms.state_store, self.finality)
        self.admission = Admission(
            application=application,
            chain_id=chain_id,
            state_store=rooms.state_store,
            mempool=self.mempool,
            signatures=self.signatures,
            clock=rooms.clock,
        )
        self.greeter = greeter_of(rooms, lambda: self.driver.core, self._heard)
        self.network: Network | None = None
        self.final_at_ms = rooms.clock.monotonic_ms()
        self._waited = False
        self.driver: Driver
        self.work: Work
        self.syncing: Syncing | None = None
        self.gossip: TransactionGossip | None = None
        self.report_gossips: list[ReportGossip] = []
        self.disk: DiskWatch
        self.dev: Controls | None = None
        self.pacing: Pacing | None = None

    @classmethod
    async def connected(
        cls, rooms: Rooms, signatures: Signatures, nursery: trio.Nursery, join: Join
    ) -> "_Node":
        """Return a node with its network, nothing but that running yet."""
        node = cls(rooms, signatures)
        # Hellos are heard as soon as the network runs; what they say waits in the inbox.
        node._connect_driver()
        node.network = await join(nursery, node.greeter)
        node._connect_network()
        return node

    def _core_from(self, contents: Contents) -> Simplex:
        rooms = self.rooms
        return Simplex(
            settings_of(rooms),
            rooms.key.public_key if rooms.key else None,
            rooms.key.sign if rooms.key else _nothing_to_sign_with,
            is_genuine,
            recovered(rooms.storage, rooms.state_store, contents),
        )

    def _connect_driver(self) -> None:
        rooms = self.rooms
        self.outbound = Outbound()
        self.work = Work(
            chain_id=rooms.genesis.chain_id,
            own_index=self._own_index,
            build_max_ms=rooms.configuration.consensus.build_max_ms,
            executor=self.executor,
            committer=self.committer,
            mempool=self.mempool,
            storage=rooms.storage,
            outbound=self.outbound,
            executed=self._transactions_wait,
            section=self.reports.section,
        )
        self.driver = Driver(
            core=self._core_from(rooms.contents),
            clock=rooms.clock,
            log=rooms.log,
            outbound=self.outbound,
            worker=self.work,
            alarms=rooms.alarms,
        )
        self.disk = DiskWatch(
            rooms.storage,
            rooms.configuration.storage.free_floor_bytes,
            self.driver,
            rooms.alarms,
        )
        self.halt = Halt(self.driver)
        self.committer.tell(self._committed)
        self.committer.tell(self.history.told)
        self.admission.tell(self._admitted)

    def _connect_network(self) -> None:
        rooms, network = self.rooms, self.network
        self._connect_development()
        if network is None:
            return
        self.outbound.link = network.link()
        applying = Applying(
            executor=self.executor,
            committer=self.committer,
            state_store=rooms.state_store,
            driver=self.driver,
            alarms=rooms.alarms,
        )
        self.syncing = Syncing(
            network=network,
            clock=rooms.clock,
            store=applying,
            chain_id=rooms.genesis.chain_id,
            epochs=EpochSets(rooms.genesis.chain_id, rooms.roll.current),
            read_authorities=read_authorities,
            alarms=rooms.alarms,
        )
        self.work.connect(network, self.syncing)
        library = StoreLibrary(rooms.storage, rooms.state_store)
        serving = Serving(library, rooms.clock, lambda: self.committer.waiting_count > 1)
        network.answer(PROTOCOL, serving.answer)
        self.gossip = TransactionGossip(
            network,
            self.admission,
            rooms.genesis.chain_id,
            lambda transaction_id: self.mempool.get(transaction_id) is not None,
        )
        self.admission.tell(self.gossip.admitted)
        chain_id = rooms.genesis.chain_id
        self.report_gossips = [
            ReportGossip(network, self.reports.prices, report_topic(chain_id)),
            ReportGossip(network, self.reports.volatilities, volatility_topic(chain_id)),
        ]

    def _connect_development(self) -> None:
        rooms = self.rooms
        if not rooms.genesis.is_development:
            return
        if isinstance(rooms.clock, VirtualClock):
            self.pacing = Pacing(
                clock=rooms.clock,
                driver=self.driver,
                finality=self.finality,
                something_waits=lambda: self.mempool.waiting_count > 0,
                manual=rooms.configuration.development.manual,
            )
        snapshots = None
        if isinstance(rooms.clock, VirtualClock) and rooms.log is not None:
            snapshots = Snapshots(
                state_store=rooms.state_store,
                log=rooms.log,
                clock=rooms.clock,
                driver=self.driver,
                executor=self.executor,
                mempool=self.mempool,
                finality=self.finality,
                reports=self.reports,
                core_from=self._core_from,
            )
        names = sorted(rooms.roll.names().values())
        self.dev = Controls(
            faucet=Faucet(
                chain_id=rooms.genesis.chain_id,
                lane=names.index(rooms.own_name) if rooms.own_name in names else len(names),
                application=rooms.application,
                next_sequence=self.mempool.next_sequence,
                submit=self.admission.submit,
            ),
            finality=self.finality,
            pacing=self.pacing,
            snapshots=snapshots,
            network=self.network,
            peer_ids={peer.name: peer.peer_id for peer in rooms.configuration.p2p.peers},
            reports=self.reports,
            state_store=rooms.state_store,
        )

    def _own_index(self, state: View, epoch: int) -> int:
        authorities = authority_set_of(state, epoch)
        assert authorities is not None, "an epoch that is built in is kept"
        assert self.rooms.key is not None, "only an authority is asked to build"
        index = authorities.index_of(self.rooms.key.public_key)
        assert index is not None, "only a leader is asked to build"
        return index

    async def start(self, nursery: trio.Nursery) -> None:
        """Start every task, what others wait for first."""
        await nursery.start(self.committer.run)
        await nursery.start(self.work.run, self.driver)
        await nursery.start(self.disk.run)
        await nursery.start(self.driver.run)
        await nursery.start(self.admission.run)
        nursery.start_soon(self._tend_pool)
        nursery.start_soon(self._end_when_halted, nursery.cancel_scope)
        if self.network is not None:
            assert self.syncing is not None
            assert self.gossip is not None
            arrivals = Arrivals(self.network, self.driver, self.greeter.key_of)
            await nursery.start(arrivals.run)
            await nursery.start(self.syncing.run)
            await nursery.start(self.gossip.run)
            for report_gossip in self.report_gossips:
                await nursery.start(report_gossip.run)
        authorities, key = self.rooms.roll.current, self.rooms.key
        watch = InvariantWatch(
            executor=self.executor,
            finality=self.finality,
            driver=self.driver,
            alarms=self.rooms.alarms,
            place=(authorities.index_of(key.public_key) or 0) if key else 0,
            place_count=authorities.count,
        )
        await nursery.start(watch.run)
        await nursery.start(Scrub(self.rooms.storage, self._damaged).run)
        await nursery.start(self.history.run, self.rooms.alarms)
        if self.pacing is not None:
            await nursery.start(self.pacing.run)

    def services(self) -> Services:
        """Return what others may use."""
        rooms = self.rooms
        return Services(
            configuration=rooms.configuration,
            genesis=rooms.genesis,
            application=rooms.application,
            storage=rooms.storage,
            state_store=rooms.state_store,
            mempool=self.mempool,
            admission=self.admission,
            consensus=Explainer(self._facts),
            simulator=self.executor,
            finality=self.finality,
            clock=rooms.clock,
            network=self.network,
            dev=self.dev,
            reports=self.reports,
            history=self.history,
            own_name=rooms.own_name,
            halt=self.halt,
        )

    def _heard(self, peer: PeerId, key: bytes, votes: tuple[Vote, ...]) -> None:
        if key:
            self.driver.put(lambda core, now, wall: core.hello_votes(now, wall, peer, key, votes))

    def _admitted(self, transactions: list[Transaction], local: bool) -> None:  # noqa: ARG002
        self.executor.remember(transactions)
        self._transactions_wait()

    def _transactions_wait(self) -> None:
        """Have what waits in no block proposed. Virtual time moves by pacing alone."""
        if self.pacing is not None:
            self.pacing.wake()
            return
        waiting = self.mempool.waiting_count > self.executor.pending_count
        if waiting or self._waited:
            self.driver.look_at_clock(waiting=waiting)
        self._waited = waiting

    def _committed(self, notices: list[FinalNotice]) -> None:
        """Let everybody in the node know what became durable."""
        self.final_at_ms = self.rooms.clock.monotonic_ms()
        if self.syncing is None or not self.syncing.is_behind:
            wall_ms = self.rooms.clock.wall_ms()
            for notice in notices:
                FINALITY_SECONDS.observe(max(0, wall_ms - notice.block.header.time_ms) / 1000)
        for notice in notices:
            self.admission.look_again(self.mempool.applied(notice.transactions))
        height = self.rooms.state_store.head.height
        self.halt.committed(height)
        if self.syncing is not None:
            self.syncing.moved(height)
        certificate = notices[-1].certificate
        if height % FORGET_EVERY_BLOCKS == 0 and certificate.block_id == notices[-1].block_id:
            self.driver.forget(Place(certificate.epoch, certificate.view))
        self._transactions_wait()

    def _damaged(self, why: str) -> None:
        self.rooms.alarms.sound("storage_damaged", why=why)
        self.driver.hold_signing(why)

    async def _end_when_halted(self, scope: trio.CancelScope) -> None:
        await self.halt.wait()
        scope.cancel()

    async def _tend_pool(self) -> None:
        """Let go of what has expired or was parked too long."""
        while True:
            await trio.sleep(TEND_POOL_EVERY_S)
            head_height = self.rooms.state_store.head.height
            self.mempool.expire(head_height, self.rooms.clock.monotonic_ms())

    def _facts(self) -> Facts:
        rooms = self.rooms
        status = self.driver.core.status()
        height = rooms.state_store.head.height
        syncing = self.syncing
        return Facts(
            status=status,
            names=rooms.roll.names(),
            authority_keys=rooms.roll.current.keys,
            own_key=rooms.key.public_key if rooms.key else None,
            peers=self.network.peers() if self.network is not None else (),
            height=height,
            best_height=max(height, syncing.best_height if syncing else 0),
            syncing=syncing.is_behind if syncing else False,
            since_final_ms=rooms.clock.monotonic_ms() - self.final_at_ms,
            target_block_ms=consensus_parameters_of(rooms.state_store.tables).target_block_ms,
            free_bytes=rooms.storage.free_bytes(),
            free_floor_bytes=rooms.configuration.storage.free_floor_bytes,
            mempool_count=self.mempool.waiting_count,
            alarms=rooms.alarms.kept(),
            disk_why=self.disk.why,
        )


def _nothing_to_sign_with(message: bytes) -> bytes:
    raise AssertionError(f"a follower was asked to sign {len(message)} bytes")
