"""Execute a proven range and make it durable, block after block, and tell the core."""

from chain.consensus.effects import Verdict
from chain.modules.authorities.sets import authority_set_of
from node.consensus.alarms import Alarms
from node.consensus.committer import Committer
from node.consensus.driver import Driver
from node.executor import Executor, ParentGone
from node.state_store import StateStore
from node.sync.ranges import CheckedRange
from node.telemetry.metrics import SYNC_BLOCKS

TRIES_COUNT = 2
"""What failed for a reason of this machine is run again once."""


class Applying:
    """The way of a checked range into the store."""

    def __init__(
        self,
        *,
        executor: Executor,
        committer: Committer,
        state_store: StateStore,
        driver: Driver,
        alarms: Alarms,
    ) -> None:
        self._executor = executor
        self._committer = committer
        self._state_store = state_store
        self._driver = driver
        self._alarms = alarms

    @property
    def height(self) -> int:
        """The height of the last block that is stored here."""
        return self._state_store.head.height

    async def apply(self, checked: CheckedRange) -> Verdict:
        """Execute the blocks that are not here yet, in order, and store them.

        Compares the state root of each. INVALID means that a quorum signed what is not valid
        here: this node signs nothing more. UNDECIDED: consensus was faster, or this machine
        failed; ask again.
        """
        for block, block_id in zip(checked.blocks, checked.block_ids, strict=True):
            if block.header.height <= self.height:
                continue
            verdict, what = Verdict.UNDECIDED, ""
            try:
                for _ in range(TRIES_COUNT):
                    judged = await self._executor.judge(block, block_id, block.header.parent_id)
                    verdict, what = judged.verdict, judged.what
                    if verdict is not Verdict.UNDECIDED:
                        break
            except ParentGone:
                return Verdict.UNDECIDED
            if verdict is Verdict.INVALID:
                self._stop(block.header.height, what)
            if verdict is not Verdict.VALID:
                return verdict
        await self._store(checked)
        return Verdict.VALID

    async def _store(self, checked: CheckedRange) -> None:
        before = self.height
        # The committer ends what it began; where it cannot, the node ends, and this with it.
        await self._committer.put(checked.block_ids, checked.certificate).wait()
        SYNC_BLOCKS.inc(max(0, self.height - before))
        if checked.certificate.block_id != checked.block_ids[-1]:
            return
        header = checked.certified_header
        epoch = header.epoch + 1 if header.epoch_end else header.epoch
        following = authority_set_of(self._state_store.tables, epoch)
        if following is not None:
            self._driver.synced(header, checked.certificate, following)

    def _stop(self, height: int, what: str) -> None:
        self._alarms.sound("invalid_certified_block", height=height, why=what)
        why = f"block {height} has a certificate and is not valid here: {what}"
        self._driver.hold_signing(why)
