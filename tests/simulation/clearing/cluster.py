"""Several who execute the same trading blocks, each in its own way, while leaders lie.

    builder  the C kernel, in memory
    twin     the Python that defines the kernel; loses its memory, and executes all blocks again
    disk     the C kernel over LevelDB; loses its memory, and begins where its disk is

Every block is built once and executed by all others; roots agree or the block is refused.
The equations of the books hold after each, and the auditor agrees to the quantum.

.venv/bin/python -m tests.simulation.clearing.cluster FIRST_SEED COUNT
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from chain.block.block import Block, body_roots, decode_block, encode_block
from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.transaction import is_genuine_transaction
from chain.block.vote import FINALIZE
from chain.kit import InvalidBlock, decode
from chain.kit import replace as with_fields
from chain.machine.application import Application
from chain.machine.genesis import Genesis, genesis_state
from chain.machine.run import BlockFacts, Outcome
from chain.machine.validity import apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.state.tables import Tables
from derivatives.oracle.section import Section
from derivatives.oracle.volatility import SmileQuote
from derivatives.positions.state import HOLDINGS
from node.state_store import StateStore
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage, Tuning
from tests import given
from tests.given_reports import SINS, VOLATILITY_SINS, Bend, LyingLeader
from tests.simulation.clearing.auditor import DEFAULT, FUND, INSURANCE, Auditor
from tests.simulation.clearing.market import agree_with_state, terms_of_instruments
from tests.simulation.clearing.traders import (
    E8,
    FUTURE,
    MOST_TRADED,
    NAMES,
    USD,
    USUAL,
    WALLET,
    Traders,
    ending,
    moved,
)

# What was said half a second ago is no lie where the last report is older.
LIES_OF_REPORTS = sorted(sin for sin in SINS if sin != "former")
LIES_OF_VOLATILITY = sorted(VOLATILITY_SINS)
LIES_OF_ROOTS = ("state_root", "receipts_root", "params_hash", "history_root")


class Member:
    """One who judges blocks on a state of its own, with the kernel that is built."""

    def __init__(self, application: Application, genesis: Genesis) -> None:
        self.application = application
        self.genesis = genesis
        self.tables, _ = genesis_state(application, genesis)
        self.kept: list[bytes] = []

    def take(self, data: bytes) -> Outcome:
        """Execute a block and make it the head. Refuses: InvalidBlock, leaving all as it was."""
        block = decode_block(data)
        outcome = self.judge(block)
        self.fold(block, outcome)
        self.kept.append(data)
        assert self.tables.root == block.header.state_root
        return outcome

    def judge(self, block: Block) -> Outcome:
        """Return what a block comes to here."""
        checked = check_block(
            self.application, self.genesis.chain_id, block, is_genuine_transaction
        )
        authorities = authority_set_of(self.tables, block.header.epoch)
        assert authorities is not None
        return apply_block(self.application, self.tables, checked, authorities)

    def fold(self, block: Block, outcome: Outcome) -> None:
        """Make a block's changes the state."""
        self.tables.fold(outcome.overlay)

    def crash(self) -> None:
        """Lose the memory, and come back with what is kept."""
        root, kept = self.tables.root, self.kept
        self.tables, _ = genesis_state(self.application, self.genesis)
        self.kept = []
        for data in kept:
            self.take(data)
        assert root == self.tables.root


class Twin(Member):
    """One whose kernel is the Python that defines it."""

    def judge(self, block: Block) -> Outcome:
        with without_kernel():
            return super().judge(block)


class Disk(Member):
    """One whose state is on disk."""

    def __init__(self, application: Application, genesis: Genesis, path: Path) -> None:
        super().__init__(application, genesis)
        self.path = path
        self._open()

    def _open(self) -> None:
        self.storage = Storage.open(self.path, self.genesis.chain_id, Tuning(flush=False))
        self.store = StateStore.recover(self.storage, self.application, self.genesis)
        self.tables: Tables = self.store.tables

    def fold(self, block: Block, outcome: Outcome) -> None:
        block_id = block_id_of(block.header)
        final = FinalBlock(block, block_id, outcome.encoded_receipts, outcome.overlay)
        view, signatures = block.header.view, (bytes(64),) * 3
        certificate = Certificate(
            kind=FINALIZE,
            epoch=0,
            view=view,
            block_id=block_id,
            bitmap=b"\x07",
            signatures=signatures,
        )
        self.store.fold(FinalBatch((final,), certificate))

    def crash(self) -> None:
        root = self.tables.root
        self.storage.close()
        self._open()
        assert root == self.tables.root


@contextmanager
def without_kernel() -> Iterator[None]:
    """Let the twin answer whatever the kernel is asked."""
    scan = "derivatives.margin.kernel.scan.kernel"
    packed = "derivatives.margin.book.packed.kernel"
    priced = "derivatives.pricing.kernel.level.kernel"
    placed = "derivatives.kernel.level.kernel"
    with patch(scan, None), patch(packed, None), patch(priced, None), patch(placed, None):
        yield


@dataclass
class Cluster(given.World):
    """A chain whose every block all members judge, lies first."""

    members: list[Member] = field(default_factory=list)
    random: Random = field(default_factory=Random)
    met: Counter[str] = field(default_factory=Counter)

    def judge(self, block: Block) -> Outcome:
        """Let a liar try, then let everybody execute the block; return what it comes to."""
        self._try_lies(block)
        data = encode_block(block)
        outcomes = [member.take(data) for member in self.members]
        assert 1 == len({outcome.state_root for outcome in outcomes})
        assert 1 == len({outcome.receipts_root for outcome in outcomes})
        return outcomes[0]

    def _try_lies(self, block: Block) -> None:
        """Offer everybody a block that lies, in its reports or in what it says it came to."""
        for forged in self._lies(block):
            data = encode_block(forged)
            for member in self.members:
                root = member.tables.root
                try:
                    member.take(data)
                except InvalidBlock:
                    self.met["lie refused"] += 1
                    assert root == member.tables.root
                else:
                    raise AssertionError("a lie was taken")

    def _lies(self, block: Block) -> Iterator[Block]:
        random = self.random
        if self.head.oracle and random.random() < 0.5:
            yield self._lie_of_reports(block, random.choice(LIES_OF_REPORTS))
        told = decode(Section, self.head.oracle).volatilities if self.head.oracle else ()
        if told and random.random() < 0.5:
            yield self._lie_of_reports(block, random.choice(LIES_OF_VOLATILITY))
        if random.random() < 0.1:
            name = random.choice(LIES_OF_ROOTS)
            yield replace_header(block, **{name: bytes(32)})

    def _lie_of_reports(self, block: Block, sin: str) -> Block:
        """Return the block with another oracle section, its header true to its body."""
        header = block.header
        facts = BlockFacts(
            self.chain_id,
            header.epoch,
            header.height,
            header.view,
            header.parent_id,
            header.proposer,
            header.time_ms,
        )
        says = dict.fromkeys(range(4), self.prices_e8)
        section = LyingLeader(self.tables, facts, says, self.head.oracle).section(sin)
        roots = body_roots(block.transactions, section, block.evidence)
        forged = Block(header, block.transactions, section, block.evidence)
        return replace_header(forged, oracle_root=roots.oracle_root, body_bytes=roots.body_bytes)


def replace_header(block: Block, **changes: Any) -> Block:
    """Return a block with another header over the same body."""
    header = replace(block.header, **changes)
    return Block(header, block.transactions, block.oracle, block.evidence)


def _wild(smiles: Sequence[SmileQuote]) -> Sequence[SmileQuote]:
    """Return smiles of twice the volatility about half the forward."""
    return [with_fields(one, a_q56=4 * one.a_q56, forward_e8=one.forward_e8 // 2) for one in smiles]


def _twisted(smiles: Sequence[SmileQuote]) -> Sequence[SmileQuote]:
    """Return smiles that no market can have."""
    return [with_fields(one, a_q56=-one.b_q56, b_q56=9 * one.b_q56) for one in smiles]


def _shorter(smiles: Sequence[SmileQuote]) -> Sequence[SmileQuote]:
    """Return smiles of no date."""
    return smiles[1:]


BENDS: tuple[Bend, ...] = (None, _wild, _twisted, _shorter)
DAY_MS = 86_400_000


def run(seed: int, folder: Path, blocks: int = 14) -> Counter[str]:
    """Trade, crash and lie; hold every block; return what was met."""
    random = Random(seed)
    # What is dated ends while they trade, or much later.
    ends_ms = random.choice((40_000, 70_000, 45 * DAY_MS))
    funds = {INSURANCE: random.choice((0, 10**4 * USD)), FUND: random.choice((0, 500 * USD))}
    held = dict.fromkeys(NAMES, WALLET) | {name: {"USD": sum_} for name, sum_ in funds.items()}
    plain = given.world(held, change=lambda document: ending(document, ends_ms))
    application, genesis = plain.application, plain.genesis
    twin = Twin(application, genesis)
    disk = Disk(application, genesis, folder / f"{seed}")
    cluster = Cluster(
        application,
        genesis,
        plain.tables,
        plain.head,
        members=[twin, disk],
        random=random,
    )
    auditor = Auditor(terms_of_instruments(), funds)
    traders = Traders(random, MOST_TRADED)
    cluster.prices_e8 = USUAL | {FUTURE: 64_000 * E8}
    cluster.volatilities_ppm = {"BTC": random.choice((300_000, 600_000, 1_500_000))}
    traders.fund(cluster)
    cluster.close_block()
    # In one of three an hour ends, another begins with a rate, and debts bear interest.
    pauses = {4: 3_590_000, 7: 1_900_000, 10: 1_900_000} if random.random() < 0.33 else {}
    for number in range(blocks):
        pause = random.choice((500, 500, 9_000)) if number else 2_000
        cluster.open_block(pauses.get(number, pause))
        if number >= 2:
            for reason in traders.act(cluster, random.randint(0, 10)):
                cluster.met["refused" if reason else "applied"] += 1
        cluster.close_block()
        agree_with_state(cluster, auditor, cluster.met)
        if number == blocks // 2:
            random.choice((twin, disk)).crash()
        if number >= 5 and random.random() < 0.5:
            cluster.prices_e8 = moved(random, cluster.prices_e8, 400_000)
            volatility = cluster.volatilities_ppm["BTC"]
            cluster.volatilities_ppm["BTC"] = volatility * random.choice((50, 95, 103, 180)) // 100
        liar = random.randrange(4)
        cluster.bends = {liar: random.choice(BENDS)}
        cluster.lies_e8 = {liar: random.choice(({}, {"BTC": 1}, dict(USUAL)))}
    for _ in range(20):
        # Until a minute after the last takeover all is torn up; coins wait for somebody's cash.
        if cluster.tables.get(HOLDINGS, DEFAULT) is None:
            break
        cluster.close_block(9_000)
        agree_with_state(cluster, auditor, cluster.met)
    assert cluster.tables.get(HOLDINGS, DEFAULT) is None
    assert 1 == len({member.tables.root for member in (cluster, twin, disk)})
    disk.storage.close()
    return cluster.met


def run_all(run_one: Callable[[int, Path], Counter[str]]) -> None:
    """Run the seeds that the command line says, and print what was met or which seed failed."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    met: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, first + count):
            try:
                met += run_one(seed, Path(name))
            except BaseException:
                print(f"seed {seed}")
                raise
    for told, times in sorted(met.items()):
        print(told, times)


if __name__ == "__main__":
    run_all(run)
