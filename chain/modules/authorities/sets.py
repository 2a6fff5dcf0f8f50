"""Read the sets of authorities, and hash them as headers do.

Source: docs/specs/authorities.md, AUTH-001 to AUTH-005.
"""

from chain.block.certificate import AuthoritySet
from chain.codec.canonical import encode
from chain.crypto.digest import TAG_AUTHORITIES, tagged
from chain.kit import View
from chain.modules.authorities.state import AUTHORITIES, AuthorityList


def authorities_of(view: View, epoch: int) -> AuthorityList | None:
    """Return the authorities of an epoch with their names, None when no longer kept."""
    return view.get(AUTHORITIES, epoch)


def authority_set_of(view: View, epoch: int) -> AuthoritySet | None:
    """Return who votes in an epoch, None when no longer kept."""
    listed = view.get(AUTHORITIES, epoch)
    return None if listed is None else set_of(epoch, listed)


def set_of(epoch: int, listed: AuthorityList) -> AuthoritySet:
    """Return a list of authorities as those who vote."""
    return AuthoritySet(epoch, tuple([member.consensus_key for member in listed.members]))


def authorities_hash_of(listed: AuthorityList) -> bytes:
    """Return the tagged hash of the canonical array of [name, consensus key, oracle key]."""
    return tagged(TAG_AUTHORITIES, encode(listed.members))
