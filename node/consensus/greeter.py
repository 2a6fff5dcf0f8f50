"""Makes our hellos and judges those of others: who is an authority, and who only follows."""

from collections.abc import Callable, Mapping
from typing import Protocol

from chain.block.certificate import Verify
from chain.block.vote import Vote
from node.consensus.hello import BadHello, Hello, hello_bytes, parse_hello
from p2p.network import Member, PeerId, Rejected, Standing


class Roll(Protocol):
    """Who votes now and after the next boundary, as far as this node has got."""

    def name_of(self, consensus_key: bytes) -> str | None:
        """Return an authority's name, None when this key votes neither now nor next."""
        ...

    def key_of(self, name: str) -> bytes | None:
        """Return the consensus key of the authority with this name."""
        ...


class ChainGreeter:
    """Greets for one node of one chain.

    `votes_of` gives the newest votes of an authority that this node holds, `heard` is told of
    every believable hello. Both are called from within the network and must not wait.
    """

    def __init__(
        self,
        *,
        chain_id: bytes,
        me: PeerId,
        own_name: str,
        key: tuple[bytes, Callable[[bytes], bytes]] | None,
        peer_names: Mapping[PeerId, str],
        roll: Roll,
        votes_of: Callable[[bytes], tuple[Vote, ...]],
        heard: Callable[[PeerId, bytes, tuple[Vote, ...]], None],
        verify: Verify,
    ) -> None:
        self._chain_id = chain_id
        self._me = me
        self._own_name = own_name
        self._key = key
        self._peer_names = dict(peer_names)
        self._roll = roll
        self._votes_of = votes_of
        self._heard = heard
        self._verify = verify
        self._keys: dict[PeerId, bytes] = {}

    def key_of(self, peer_id: PeerId) -> bytes | None:
        """Return the consensus key that this peer proved to hold."""
        return self._keys.get(peer_id)

    def hello_for(self, peer_id: PeerId) -> bytes:
        """Return our hello to this peer, with what we hold of its votes."""
        key = self._keys.get(peer_id)
        if key is None and peer_id in self._peer_names:
            key = self._roll.key_of(self._peer_names[peer_id])
        votes = self._votes_of(key) if key is not None else ()
        return hello_bytes(
            self._chain_id, self._own_name, self._me, peer_id, votes=votes, key=self._key
        )

    def judge(self, peer_id: PeerId, hello: bytes) -> Member:
        """Return who sent this hello, or raise `Rejected`.

        A key that votes neither now nor next makes a follower: it may have been an authority.
        """
        try:
            heard = parse_hello(hello, self._chain_id, peer_id, self._me, self._verify)
        except BadHello as bad:
            raise Rejected(str(bad)) from bad
        member = self._member(heard)
        if heard.consensus_key:
            self._keys[peer_id] = heard.consensus_key
        self._heard(peer_id, heard.consensus_key, heard.votes)
        return member

    def _member(self, hello: Hello) -> Member:
        if hello.consensus_key:
            name = self._roll.name_of(hello.consensus_key)
            if name is not None:
                return Member(Standing.AUTHORITY, name)
        return Member(Standing.FOLLOWER, hello.name)
