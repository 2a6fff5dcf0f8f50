"""Which authorities sign which epoch, learned boundary by boundary. Pure.

Source: docs/specs/sync.md, SYNC-040 to SYNC-043.
"""

from collections.abc import Callable, Sequence

from chain.block.certificate import AuthoritySet
from chain.codec.record import MalformedRecord
from node.sync.ranges import UnknownEpoch, WrongRange, checked_tip
from node.sync.wire import EpochEnd, Tip

EPOCHS_KEPT_COUNT = 1_024

ReadAuthorities = Callable[[bytes], tuple[bytes, tuple[bytes, ...]]]
"""Returns (hash, consensus keys ascending) of an authority list's bytes, or raises
`MalformedRecord`."""


class EpochSets:
    """The authority sets that are proven here, the newest of them to build on."""

    def __init__(self, chain_id: bytes, current: AuthoritySet) -> None:
        self._chain_id = chain_id
        self._sets = {current.epoch: current}

    @property
    def sets(self) -> dict[int, AuthoritySet]:
        """The proven sets by epoch; to be read only, also from threads."""
        return self._sets

    @property
    def newest_epoch(self) -> int:
        """The last epoch whose authorities are known."""
        return max(self._sets)

    def learn(self, authorities: AuthoritySet) -> None:
        """Take in a set that the own state says, which needs no proof."""
        if authorities.epoch not in self._sets:
            self._keep({**self._sets, authorities.epoch: authorities})

    def extend(self, ends: Sequence[EpochEnd], read: ReadAuthorities) -> int:
        """Take in boundaries that follow the newest known epoch, and return how many.

        Raises `WrongRange` at the first that is not proven by the set before it.
        """
        sets = dict(self._sets)
        for place, end in enumerate(ends):
            epoch = self.newest_epoch + place
            try:
                tip = checked_tip(Tip(end.header, end.certificate), self._chain_id, sets)
            except UnknownEpoch as fault:
                raise WrongRange(f"the boundary of epoch {epoch} was asked for") from fault
            if tip.header.epoch != epoch or not tip.header.epoch_end:
                raise WrongRange(f"the boundary of epoch {epoch} was asked for")
            try:
                digest, keys = read(end.authorities)
            except MalformedRecord as fault:
                raise WrongRange(str(fault)) from fault
            if digest != tip.header.next_authorities_hash:
                raise WrongRange(f"the authorities of epoch {epoch + 1} are not its header's")
            sets[epoch + 1] = AuthoritySet(epoch + 1, keys)
        self._keep(sets)
        return len(ends)

    def _keep(self, sets: dict[int, AuthoritySet]) -> None:
        oldest = max(sets) - EPOCHS_KEPT_COUNT
        # Replaced whole, never changed: a thread may be reading the one before.
        self._sets = {epoch: known for epoch, known in sets.items() if epoch > oldest}
