"""What the parts of a node offer each other, and to whoever serves the outside.

Nothing here decides anything: it is the list of the rooms, by name, that `node.assembly`
fills once and `node.rpc` reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chain.block.receipt import Receipt
from chain.block.transaction import Transaction
from chain.kit.reason import Refusal
from chain.machine.application import Application
from chain.machine.audit import Breach
from chain.machine.genesis import Genesis
from chain.state.view import View
from node.clock import Clock
from node.config import Configuration
from node.finality import Finality
from node.history.index import History
from node.mempool.pool import Mempool
from node.reports.room import Reports
from node.state_store import StateStore
from node.storage.leveldb import Storage
from p2p.network import Network

T = TypeVar("T")


@dataclass(frozen=True)
class Standing:
    """Where this node stands between its peers and its own disk, in one look."""

    epoch: int
    view: int
    leader: str
    """Name of the authority whose turn it is."""
    height: int
    best_height: int
    """Highest height proven by a certificate that this node has seen."""
    syncing: bool
    ready: bool
    """Within two blocks of the best proven height."""
    signing: bool
    not_signing_why: str
    """Empty while signing, or for a node without a consensus key."""


@dataclass(frozen=True)
class Tally:
    """The votes of one kind for one block in one view, by name."""

    view: int
    kind: str
    """`notarize`, `nullify` or `finalize`."""
    block_id: bytes
    voted: tuple[str, ...]
    missing: tuple[str, ...]
    needed_count: int


@dataclass(frozen=True)
class Stall:
    """Everything that says why the chain moves or does not."""

    why: str
    """One sentence: what is waited for, and for whom."""
    standing: Standing
    since_final_ms: int
    tallies: tuple[Tally, ...]
    certificate_missing_views: tuple[int, ...]
    """Views below the current one for which this node holds no certificate."""
    silent: tuple[str, ...]
    """Authorities that are not linked, or from which nothing came for ten seconds."""
    needed_count: int
    authority_count: int
    clock_offset_ms: int | None
    """Own wall clock less the median of the authorities', None until a quorum was heard."""
    free_bytes: int
    free_floor_bytes: int
    mempool_count: int
    alarms: tuple[str, ...]
    """What happened that somebody can do something about, newest last."""


class Consensus(Protocol):
    """What a node tells of its part in consensus."""

    def standing(self) -> Standing:
        """Return where this node stands."""
        ...

    def explain_stall(self) -> Stall:
        """Return what is missing for the next block."""
        ...


class Admission(Protocol):
    """The door of the mempool."""

    async def submit(self, data: bytes) -> bytes:
        """Admit the bytes of one transaction and return its id.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        ...

    async def submit_parsed(self, transaction: Transaction) -> None:
        """Admit a transaction that was taken apart already, as submitted here.

        Refuses: with the codes of areas transaction, signers and mempool.
        """
        ...

    async def submit_list(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Admit many that were taken apart already; return for each why not, or None."""
        ...


class Simulator(Protocol):
    """Runs one transaction on the final head and forgets it."""

    async def simulate(self, data: bytes) -> Receipt:
        """Return the receipt that this transaction would get in the next block.

        Refuses: what would make it unfit for a block.
        """
        ...

    async def try_out(
        self, data: bytes, look: Callable[[View], T], earlier: Sequence[Transaction] = ()
    ) -> tuple[Receipt, T, T]:
        """Return what `simulate` does after `earlier`, with what a look finds before and after."""
        ...

    async def audit(self) -> list[Breach]:
        """Return every invariant that the final state breaks; none is good."""
        ...

    def pending(self, transaction_id: bytes) -> Transaction | None:
        """Return a transaction that stands in a valid block which is not final yet."""
        ...


class DevControls(Protocol):
    """What only a development chain offers. Refuses on any other with `node.*` reasons."""

    async def faucet(self, account: bytes, asset: str, amount_quantums: int) -> bytes:
        """Send from the funded genesis signer, and return the transaction's id."""
        ...

    async def mine(self, block_count: int) -> int:
        """Finalise this many blocks and return the new height."""
        ...

    async def advance_time(self, by_ms: int) -> int:
        """Move the chain's clock forward and return its new time in ms."""
        ...

    async def snapshot(self) -> str:
        """Keep state and vote log as they are, and return the name to go back to."""
        ...

    async def revert(self, name: str) -> int:
        """Go back to a snapshot and return its height."""
        ...

    async def set_price(self, feed: str, price_e8: int | None) -> int:
        """Have a feed's price be this one, or its feeder's again, and return the height then."""
        ...

    async def isolate(self, names: Sequence[str]) -> None:
        """Drop and refuse connections with these nodes; nobody heals."""
        ...


class Halting(Protocol):
    """Ends the node after a block."""

    @property
    def height(self) -> int | None:
        """The height after which this node ends, None when it goes on."""
        ...

    def order(self, height: int | None) -> None:
        """End after this height, or do not."""
        ...


@dataclass
class Services:
    """The rooms of one running node."""

    configuration: Configuration
    genesis: Genesis
    application: Application
    storage: Storage
    state_store: StateStore
    mempool: Mempool
    admission: Admission
    consensus: Consensus
    simulator: Simulator
    finality: Finality
    clock: Clock
    network: Network | None
    """None on a chain of one authority without peers."""
    dev: DevControls | None
    """None unless the genesis kind is dev or devnet."""
    reports: Reports
    history: History
    own_name: str
    """Name of the authority whose key this node holds, or the configured name of a follower."""
    halt: Halting
