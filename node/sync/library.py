"""What the store serves to those who catch up, and how an authority list is read."""

from itertools import pairwise

from chain.block.certificate import AuthoritySet, Certificate
from chain.block.header import Header, header_bytes
from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord
from chain.limits import AUTHORITIES_MAX_COUNT
from chain.modules.authorities.sets import authorities_hash_of, authorities_of
from chain.modules.authorities.state import AuthorityList
from node.state_store import StateStore
from node.storage.leveldb import Storage
from node.sync.wire import EpochEnd

AUTHORITIES_MAX_BYTES = 256 * 1024


def read_authorities(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the hash that a header states of this list, and its consensus keys.

    Raises `MalformedRecord` for anything that no state holds.
    """
    listed = decode(AuthorityList, data, AUTHORITIES_MAX_BYTES)
    keys = tuple(member.consensus_key for member in listed.members)
    ascending = all(left < right for left, right in pairwise(keys))
    if not 0 < len(keys) <= AUTHORITIES_MAX_COUNT or not ascending:
        raise MalformedRecord("authorities ascend by consensus key, none twice")
    AuthoritySet(0, keys)
    return authorities_hash_of(listed), keys


class StoreLibrary:
    """The store as `serving` reads it; called from threads."""

    def __init__(self, storage: Storage, state_store: StateStore) -> None:
        self._storage = storage
        self._state_store = state_store

    def certified_height(self) -> int:
        """Return the highest height with a Finalize certificate of its own; 0 for none."""
        fin = self._storage.fin()
        return fin.height if fin is not None else 0

    def header(self, height: int) -> Header | None:
        """Return the header at a height."""
        return self._storage.header(height)

    def block_bytes(self, height: int) -> bytes | None:
        """Return the block at a height as it travels."""
        return self._storage.block_bytes(height)

    def certificate_at_or_above(self, height: int) -> tuple[int, Certificate] | None:
        """Return the next certified height from here up, with its certificate."""
        return self._storage.certificate_at_or_above(height)

    def epoch_ends(self, from_epoch: int, max_count: int) -> list[EpochEnd]:
        """Return boundaries in order, as many as the state still has the next list of."""
        ends: list[EpochEnd] = []
        for epoch in range(from_epoch, from_epoch + max_count):
            height = self._boundary_of(epoch)
            following = authorities_of(self._state_store.tables, epoch + 1)
            if height is None or following is None:
                break
            header = self._storage.header(height)
            certificate = self._storage.certificate(height)
            if header is None or certificate is None:
                break
            ends.append(EpochEnd(header_bytes(header), encode(certificate), encode(following)))
        return ends

    def _boundary_of(self, epoch: int) -> int | None:
        """Return the height that closed an epoch, by halving: epochs ascend with heights."""
        low, high = 0, self.certified_height()
        top = self._storage.header(high)
        if top is None or top.epoch < epoch or (top.epoch == epoch and not top.epoch_end):
            return None
        while low < high:
            middle = (low + high + 1) >> 1
            header = self._storage.header(middle)
            if header is None:
                return None
            if header.epoch <= epoch:
                low = middle
            else:
                high = middle - 1
        header = self._storage.header(low)
        return low if header is not None and header.epoch == epoch and header.epoch_end else None
