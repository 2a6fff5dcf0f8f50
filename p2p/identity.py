"""A peer id from a public key, without libp2p: the command line and genesis tools need it too.

    peer id = base58(0x00 | length | 0x08 0x01 0x12 0x20 | key)

The part after the length is libp2p's protobuf of an ed25519 key (field 1, type 1; field 2, 32
bytes); 0x00 is the identity multihash, used for keys as short as these.
"""

from p2p.network import PeerId

PUBLIC_KEY_BYTES = 32
_PROTOBUF_HEAD = bytes((0x08, 0x01, 0x12, PUBLIC_KEY_BYTES))
_IDENTITY_MULTIHASH = 0x00
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def peer_id_of_public_key(public_key: bytes) -> PeerId:
    """Return the peer id of an ed25519 identity key.

    >>> peer_id_of_public_key(bytes(32))
    '12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw'
    """
    assert len(public_key) == PUBLIC_KEY_BYTES, "an ed25519 public key has 32 bytes"
    protobuf = _PROTOBUF_HEAD + public_key
    return _base58(bytes((_IDENTITY_MULTIHASH, len(protobuf))) + protobuf)


def _base58(data: bytes) -> str:
    """Return bytes in base58; every leading zero byte is a '1'."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    zeros_count = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros_count + digits
