"""The work that the core asks for: build, execute, commit, serve. Answers go into its inbox."""

from collections.abc import Callable
from typing import Any

import trio

from chain.block.evidence import Evidence
from chain.codec.canonical import encode
from chain.consensus.effects import (
    BehindBy,
    Build,
    Execute,
    Finalized,
    Serve,
    Verdict,
)
from chain.consensus.messages import BlockAnswer, GetBlock
from chain.machine.evidence import admissible_evidence
from chain.machine.run import BlockFacts
from chain.modules.signers.lanes import next_sequence
from chain.state.view import View
from node.consensus.committer import Committer
from node.consensus.driver import Driver
from node.consensus.outbound import Outbound
from node.executor import Executor, ParentGone
from node.mempool.pool import Mempool
from node.proposer import Contents
from node.storage.leveldb import Storage
from node.sync.syncing import Syncing
from p2p.network import Network

EVIDENCE_KEPT_COUNT = 64


class Work:
    """Carries out what the core asks for inside this process."""

    def __init__(
        self,
        *,
        chain_id: bytes,
        own_index: Callable[[View, int], int],
        build_max_ms: int,
        executor: Executor,
        committer: Committer,
        mempool: Mempool,
        storage: Storage,
        outbound: Outbound,
        executed: Callable[[], None],
        section: Callable[[View, int, int], bytes],
    ) -> None:
        """Build with what depends on the state after a block's parent.

        `own_index` gives this node's place in an epoch, as that state says; `section` the
        block's oracle section, of that state, epoch and time.
        """
        self._chain_id = chain_id
        self._own_index = own_index
        self._build_max_ms = build_max_ms
        self._executor = executor
        self._committer = committer
        self._mempool = mempool
        self._storage = storage
        self._outbound = outbound
        self._executed = executed
        self._section = section
        self._network: Network | None = None
        self._syncing: Syncing | None = None
        self._evidence: dict[bytes, Evidence] = {}
        self._driver: Driver | None = None
        self._nursery: trio.Nursery | None = None
        self._is_ending = False

    def connect(self, network: Network, syncing: Syncing) -> None:
        """Have peers to charge and to catch up from."""
        self._network = network
        self._syncing = syncing

    async def run(self, driver: Driver, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Be there for one driver until cancelled."""
        self._driver = driver
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            try:
                await trio.sleep_forever()
            finally:
                self._is_ending = True

    def build(self, order: Build) -> None:
        """Begin to build a block."""
        self._begin(self._build, order)

    def execute(self, order: Execute) -> None:
        """Begin to execute a block."""
        self._begin(self._execute, order)

    def commit(self, order: Finalized) -> None:
        """Queue final blocks for the store."""
        done = self._committer.put(order.block_ids, order.certificate)
        self._begin(self._commit, order, done)

    def serve(self, order: Serve) -> None:
        """Begin to answer a peer from the store."""
        self._begin(self._serve, order)

    def catch_up(self, order: BehindBy) -> None:
        """Hand over to range sync."""
        if self._syncing is None:
            return
        if order.certificate is None:
            self._syncing.later_epoch()
        else:
            self._syncing.proven(order.height)

    def charge(self, peer: str, misdeed: str) -> None:
        """Hold a misdeed against a peer."""
        if self._network is not None:
            self._network.charge(peer, f"consensus.{misdeed}")

    def keep(self, evidence: Evidence) -> None:
        """Keep a proof for the blocks that this node builds."""
        if len(self._evidence) < EVIDENCE_KEPT_COUNT:
            self._evidence.setdefault(evidence.signer, evidence)

    def _begin(self, work: Callable[..., object], *order: object) -> None:
        assert self._nursery is not None, "work runs before its driver"
        # The node stops, and its driver has not come to a wait yet: what began would be cancelled.
        if self._is_ending:
            return
        self._nursery.start_soon(work, *order)  # type: ignore[arg-type]

    async def _build(self, order: Build) -> None:
        assert self._driver is not None
        try:
            # The parent's state, not the final one, knows who votes in an epoch that it opens.
            proposer = self._own_index(self._executor.state_after(order.parent_id), order.epoch)
            facts = BlockFacts(
                chain_id=self._chain_id,
                epoch=order.epoch,
                height=order.height,
                view=order.view,
                parent_id=order.parent_id,
                proposer=proposer,
                time_ms=order.time_ms,
            )
            built, following = await self._executor.build(
                facts,
                lambda state: self._contents(state, order),
                self._build_max_ms,
            )
        except ParentGone:
            self._driver.built(order.request, None, None)
            return
        if built is not None and built.unfit_ids:
            self._mempool.unfit(built.unfit_ids)
        self._driver.built(order.request, built.block if built else None, following)
        self._executed()

    def _contents(self, state: View, order: Build) -> Contents:
        if order.budget.empty:
            return Contents((), b"", ())
        pending = self._executor.pending_ids(order.parent_id)
        candidates = self._mempool.take(
            order.budget.share_ppm,
            without=pending,
            next_of=lambda signer, lane: next_sequence(state, signer, lane),
        )
        kept = [encode(evidence) for evidence in self._evidence.values()]
        evidence = admissible_evidence(state, self._chain_id, kept) if kept else ()
        section = self._section(state, order.epoch, order.time_ms)
        return Contents(candidates, section, evidence)

    async def _execute(self, order: Execute) -> None:
        assert self._driver is not None
        try:
            judged = await self._executor.judge(order.block, order.block_id, order.parent_id)
        except ParentGone:
            # The head moved past it while it waited: the core will not ask again.
            self._driver.judged(order.block_id, Verdict.UNDECIDED, None)
            return
        self._driver.judged(order.block_id, judged.verdict, judged.following)
        self._executed()

    async def _commit(self, order: Finalized, done: trio.Event) -> None:
        assert self._driver is not None
        await done.wait()
        self._driver.committed(order.block_ids)

    async def _serve(self, order: Serve) -> None:
        peer = str(order.peer)
        if not isinstance(order.wanted, GetBlock):
            certificate = await trio.to_thread.run_sync(
                self._storage.closing_certificate, order.wanted
            )
            if certificate is not None:
                self._outbound.answer(peer, certificate)
            return
        block_id = order.wanted.block_id
        height = self._storage.height_of(block_id)
        block = None
        if height is not None:
            block = await trio.to_thread.run_sync(self._storage.block, height)
        if block is not None:
            self._outbound.answer(peer, BlockAnswer(block, block_id))
