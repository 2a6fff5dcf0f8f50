"""A quorum's word on one view: which authorities voted alike, and their signatures.

A certificate proves itself against the authority set of its epoch and against nothing else, so
anybody may carry it. Which signers it names is chance: no block's identity depends on it.

Source: docs/specs/certificate.md, CERT-001 to CERT-006.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from chain.arithmetic import divide_down, divide_up
from chain.block.vote import Vote, is_well_formed, vote_bytes
from chain.codec.record import Blob, Hash, Signature, record
from chain.crypto.verification import is_genuine
from chain.limits import AUTHORITIES_MAX_COUNT

Verify = Callable[[bytes, bytes, bytes], bool]
"""Says whether a signature is genuine: (public key, message, signature) -> verdict."""


@dataclass(frozen=True)
class AuthoritySet:
    """Who votes in one epoch: consensus keys in ascending order, one key one vote."""

    epoch: int
    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Hold what is always true: at least one key, ascending, none twice."""
        assert 1 <= len(self.keys) <= AUTHORITIES_MAX_COUNT
        assert all(left < right for left, right in zip(self.keys, self.keys[1:], strict=False))

    @cached_property
    def count(self) -> int:
        """Return n, how many authorities there are."""
        return len(self.keys)

    @cached_property
    def fault_max(self) -> int:
        """Return f, how many of them may be faulty: (n - 1) / 3. Rounds: down."""
        return divide_down(self.count - 1, 3)

    @cached_property
    def quorum(self) -> int:
        """Return q = n - f, how many alike votes make a certificate.

        Never 2f + 1: for n = 5 that is 3, and two quorums of 3 may share only a faulty node.

        >>> AuthoritySet(0, tuple(bytes([i]) for i in range(5))).quorum
        4
        """
        return self.count - self.fault_max

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {key: index for index, key in enumerate(self.keys)}

    def leader(self, view: int) -> int:
        """Return the index of the view's leader: (view + epoch) mod n."""
        return (view + self.epoch) % self.count

    def index_of(self, key: bytes) -> int | None:
        """Return the place of a key, or None when it is not in the set."""
        return self._places.get(key)


@record
class Certificate:
    """Alike votes of a quorum: bit i of the bitmap is authority i, signatures in that order.

    Bit i is bit `i mod 8`, counted from the least significant, of byte `i / 8`. The bitmap has
    exactly as many bytes as the set needs, and no bit beyond it.
    """

    kind: int
    epoch: int
    view: int
    block_id: Hash
    bitmap: Blob
    signatures: tuple[Signature, ...]


def bitmap_of(indexes: Iterable[int], count: int) -> bytes:
    """Return the bitmap with these bits set, for a set of `count` authorities.

    >>> bitmap_of([0, 2, 9], 10).hex()
    '0502'
    """
    bits = 0
    for index in indexes:
        assert 0 <= index < count
        bits |= 1 << index
    return bits.to_bytes(divide_up(count, 8), "little")


def signers_of(certificate: Certificate, count: int) -> tuple[int, ...] | None:
    """Return who signed, ascending, or None when the bitmap is not one of `count` authorities.

    None also when there are not exactly as many signatures as bits.
    """
    if len(certificate.bitmap) != divide_up(count, 8):
        return None
    bits = int.from_bytes(certificate.bitmap, "little")
    if bits >> count or bits.bit_count() != len(certificate.signatures):
        return None
    return tuple(index for index in range(count) if bits >> index & 1)


def certificate_of(votes: Iterable[Vote], authorities: AuthoritySet) -> Certificate:
    """Return the certificate that these votes make: alike, of different signers, a quorum."""
    ordered = sorted(votes, key=lambda vote: vote.signer_index)
    first = ordered[0]
    assert len(ordered) >= authorities.quorum
    assert len({(v.kind, v.epoch, v.view, v.block_id) for v in ordered}) == 1
    assert len({v.signer_index for v in ordered}) == len(ordered)
    return Certificate(
        kind=first.kind,
        epoch=first.epoch,
        view=first.view,
        block_id=first.block_id,
        bitmap=bitmap_of((vote.signer_index for vote in ordered), authorities.count),
        signatures=tuple(vote.signature for vote in ordered),
    )


def check_certificate(
    certificate: Certificate,
    chain_id: bytes,
    authorities: AuthoritySet,
    verify: Verify = is_genuine,
    is_known: Callable[[int, bytes], bool] | None = None,
) -> bool:
    """Return whether a quorum of this set really signed what the certificate says.

    `is_known(signer index, signature)` answers True for a signature over this same vote that
    was verified before, so that a certificate made of votes already seen costs no second check.
    """
    if certificate.epoch != authorities.epoch:
        return False
    if certificate.view < 1 or not is_well_formed(certificate.kind, certificate.block_id):
        return False
    signers = signers_of(certificate, authorities.count)
    if signers is None or len(signers) < authorities.quorum:
        return False
    message = vote_bytes(
        chain_id, certificate.epoch, certificate.view, certificate.kind, certificate.block_id
    )
    for index, signature in zip(signers, certificate.signatures, strict=True):
        if is_known is not None and is_known(index, signature):
            continue
        if not verify(authorities.keys[index], message, signature):
            return False
    return True
