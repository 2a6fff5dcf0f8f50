"""The names behind consensus keys, as the final state says: who votes now, and who next."""

from chain.block.certificate import AuthoritySet
from chain.modules.authorities.sets import authorities_of, set_of
from chain.modules.system.standing import progress_of
from node.state_store import StateStore


class StateRoll:
    """Reads the authorities of the current and the next epoch, again only when they change."""

    def __init__(self, state_store: StateStore) -> None:
        self._state_store = state_store
        self._at_id = b""
        self._names: dict[bytes, str] = {}
        self._current = AuthoritySet(0, (bytes(32),))
        self._look()

    def name_of(self, consensus_key: bytes) -> str | None:
        """Return an authority's name, None when this key votes neither now nor next."""
        self._look()
        return self._names.get(consensus_key)

    def key_of(self, name: str) -> bytes | None:
        """Return the consensus key of the authority with this name."""
        self._look()
        return next((key for key, known in self._names.items() if known == name), None)

    def names(self) -> dict[bytes, str]:
        """Return the names of all that vote now or next."""
        self._look()
        return dict(self._names)

    @property
    def current(self) -> AuthoritySet:
        """Who votes on the block after the final head."""
        self._look()
        return self._current

    def _look(self) -> None:
        head_id = self._state_store.head.block_id
        if head_id == self._at_id:
            return
        self._at_id = head_id
        view = self._state_store.tables
        progress = progress_of(view)
        header = self._state_store.head.header
        epoch = progress.epoch + 1 if header.epoch_end else progress.epoch
        listed = authorities_of(view, epoch)
        assert listed is not None, "the next block has its authorities"
        if self._current.epoch != epoch or not self._names:
            self._current = set_of(epoch, listed)
        following = authorities_of(view, epoch + 1)
        members = (*listed.members, *(following.members if following else ()))
        self._names = {member.consensus_key: member.name for member in members}
