"""NET-001: a peer id can be computed without libp2p, and is the one that libp2p computes."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.id import ID

from p2p.identity import peer_id_of_public_key


@given(st.binary(min_size=32, max_size=32))
def test_the_peer_id_is_that_of_libp2p(seed: bytes) -> None:
    public_key = create_new_key_pair(seed).public_key

    assert ID.from_pubkey(public_key).to_base58() == peer_id_of_public_key(public_key.to_bytes())


def test_the_peer_id_of_a_known_key() -> None:
    # The key of the seed of 32 zero bytes.
    public_key = bytes.fromhex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")

    assert "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN" == peer_id_of_public_key(
        public_key
    )


def test_the_interface_and_identities_do_not_import_libp2p() -> None:
    script = (
        "import sys, p2p.network, p2p.identity, p2p.memory, p2p.score;"
        "sys.exit(any(name.split('.')[0] == 'libp2p' for name in sys.modules))"
    )

    assert 0 == subprocess.run([sys.executable, "-c", script], check=False).returncode
