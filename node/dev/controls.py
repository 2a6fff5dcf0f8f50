"""What a person or a test asks of a development chain.

Source: docs/specs/dev.md, DEV-001 to DEV-012.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import trio

from chain.block.transaction import body_of, sign_bytes_of, signed_transaction
from chain.crypto.signing import SigningKey
from chain.limits import LANES_MAX_COUNT, VALIDITY_MAX_BLOCKS
from chain.machine.application import Application
from chain.machine.genesis_development import FAUCET_NAME, development_seed
from chain.modules.ledger.transactions import Transfer
from node.dev.fault import DevFault, dev_chain_only
from node.dev.pacing import Pacing
from node.dev.snapshots import Snapshots
from node.finality import Finality
from node.reports.own import is_price_of, may_be_price_of
from node.reports.room import Reports
from node.state_store import StateStore
from p2p.network import Network, PeerId

MINED_MAX_COUNT = 10_000
CONFIRMED_WITHIN_MS = 5_000
"""Three sections confirm a jump; each is of a later half second than the last."""

ADVANCED_MAX_MS = 366 * 86_400_000


@dataclass(frozen=True)
class Faucet:
    """How this node spends the published faucet: on a lane of its own."""

    chain_id: bytes
    lane: int
    application: Application
    next_sequence: Callable[[bytes, int], int]
    submit: Callable[[bytes], Awaitable[bytes]]


class Controls:
    """The development controls of one node."""

    def __init__(
        self,
        *,
        faucet: Faucet,
        finality: Finality,
        pacing: Pacing | None,
        snapshots: Snapshots | None,
        network: Network | None,
        peer_ids: Mapping[str, PeerId],
        reports: Reports,
        state_store: StateStore,
    ) -> None:
        self._faucet = faucet
        self._finality = finality
        self._pacing = pacing
        self._snapshots = snapshots
        self._network = network
        self._peer_ids = dict(peer_ids)
        self._reports = reports
        self._state_store = state_store
        self._spending = trio.Lock()
        self._key = SigningKey.from_seed(development_seed(FAUCET_NAME))

    async def faucet(self, account: bytes, asset: str, amount_quantums: int) -> bytes:
        """Send from the funded genesis signer, and return the transaction's id.

        Refuses: whatever admission refuses.
        """
        faucet = self._faucet
        transfer = Transfer(to=account, asset=asset, amount_quantums=amount_quantums)
        kind = faucet.application.kind_of(Transfer)
        async with self._spending:
            lane = faucet.lane % LANES_MAX_COUNT
            body = body_of(
                signer=self._key.public_key,
                lane=lane,
                sequence=faucet.next_sequence(self._key.public_key, lane),
                valid_until_height=self._finality.head.height + VALIDITY_MAX_BLOCKS,
                kind=kind,
                payload=transfer,
            )
            message = sign_bytes_of(faucet.chain_id, body)
            signature = (self._key.public_key, self._key.sign(message))
            return await faucet.submit(signed_transaction(body, [signature]))

    async def mine(self, block_count: int) -> int:
        """Finalise this many blocks and return the new height. Refuses: dev_chain_only."""
        pacing = self._virtual("dev_mine")
        if not 1 <= block_count <= MINED_MAX_COUNT:
            raise DevFault(
                "too_much_time",
                f"{block_count} blocks at once; 1 to {MINED_MAX_COUNT} are possible.",
                block_count=block_count,
            )
        return await pacing.mine(block_count)

    async def advance_time(self, by_ms: int) -> int:
        """Move the chain's clock forward, make the block that shows it, return its time."""
        pacing = self._virtual("dev_advanceTime")
        if not 0 < by_ms <= ADVANCED_MAX_MS:
            raise DevFault(
                "too_much_time",
                f"{by_ms} ms at once; 1 to {ADVANCED_MAX_MS} are possible.",
                by_ms=by_ms,
            )
        pacing.advance(by_ms)
        await pacing.mine(1)
        return self._finality.head.time_ms

    async def snapshot(self) -> str:
        """Keep state, vote log and clock as they are, and return the name to go back to.

        Refuses: dev_chain_only.
        """
        pacing, snapshots = self._virtual("dev_snapshot"), self._snapshots
        if snapshots is None:
            raise dev_chain_only("dev_snapshot")
        async with pacing.standstill:
            return await snapshots.take()

    async def revert(self, name: str) -> int:
        """Go back to a snapshot, and return its height.

        Refuses: dev_chain_only, snapshot_unknown, height_pruned.
        """
        pacing, snapshots = self._virtual("dev_revert"), self._snapshots
        if snapshots is None:
            raise dev_chain_only("dev_revert")
        async with pacing.standstill:
            height = await snapshots.go_back(name)
            pacing.forget()
        return height

    async def set_price(self, feed: str, price_e8: int | None) -> int:
        """Have a feed's price be this one, until None gives it back; return the height.

        With virtual time the node says so itself, and the blocks that a jump needs are made
        at once; with peers it is what this node's feeder reports from now on.

        Refuses: feed_unknown, price_impossible.
        """
        set_prices_e8 = self._reports.set_prices_e8
        possible = may_be_price_of(self._state_store.tables, feed, price_e8 or 0)
        if possible is None:
            raise DevFault("feed_unknown", f"There is no feed {feed[:16]!r}.", feed=feed[:16])
        if price_e8 is None:
            set_prices_e8.pop(feed, None)
            return self._finality.head.height
        if not possible:
            raise DevFault(
                "price_impossible",
                f"{price_e8} is not between the bounds of feed {feed}.",
                hint="novation query oracle.feeds shows the bounds.",
                feed=feed,
            )
        set_prices_e8[feed] = price_e8
        if self._pacing is None:
            return self._finality.head.height
        for _ in range(self._pacing.blocks_within(CONFIRMED_WITHIN_MS)):
            if is_price_of(self._state_store.tables, feed, price_e8):
                break
            await self._pacing.mine(1)
        return self._finality.head.height

    async def isolate(self, names: Sequence[str]) -> None:
        """Drop and refuse connections with these nodes; nobody heals.

        Refuses: peer_unknown, for a name that no configured peer has.
        """
        unknown = [name for name in names if name not in self._peer_ids]
        if unknown:
            known = ", ".join(sorted(self._peer_ids)) or "nobody"
            raise DevFault(
                "peer_unknown",
                f"There is no peer {unknown[0]}; this node knows {known}.",
                peer=unknown[0],
            )
        if self._network is not None:
            self._network.isolate(frozenset(self._peer_ids[name] for name in names))

    def _virtual(self, control: str) -> Pacing:
        if self._pacing is None:
            raise dev_chain_only(control)
        return self._pacing
