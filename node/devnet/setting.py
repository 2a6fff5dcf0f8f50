"""Set up one node by hand: a folder with configuration, genesis and keys of its own.

Source: docs/specs/cli.md, CLI-058.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chain.kit.genesis import GenesisFault
from chain.machine.genesis import load_genesis
from node.client.declarations import application
from node.client.failures import CONFIGURATION, USAGE, VALUE_MALFORMED, Failure
from node.config import Configuration, Log, Node, P2p, Peer, Rpc, write_configuration
from node.consensus.vote_log import VoteLog
from node.folder import DataFolder, write_atomically
from node.keystore.key_file import fresh_seed, write_key_file
from p2p.identity import peer_id_of_public_key

_PEER = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9_-]*)=(?P<address>[^/]+:\d+)/(?P<peer_id>\w+)(?P<authority>!?)"
)


def initialise(
    root: Path, asked: Mapping[str, Any], passphrase: Callable[[], bytes]
) -> dict[str, Any]:
    """Write a node's folder and return what others must know of it.

    The identity has no passphrase, since a node must start without one and it holds no
    right; the key that votes has one on a chain that is not for development.

    Refuses: a folder that holds a node already; a genesis that is none; a malformed peer.
    """
    folder = DataFolder(root)
    if folder.configuration.exists() or folder.signer.exists():
        raise Failure(
            USAGE, f"{root} holds a node already", "nothing was changed; another folder: --data DIR"
        )
    try:
        data = Path(asked["genesis"]).read_bytes()
        genesis = load_genesis(application(), data)
    except (OSError, GenesisFault) as fault:
        raise Failure(CONFIGURATION, f"{asked['genesis']}: {fault}", "nothing was made") from fault
    peers = peers_of(asked["peers"])
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = write_key_file(folder.identity, fresh_seed(), "identity", None)
    consensus_key = None
    if asked["authority"]:
        locked = None if genesis.is_development else passphrase()
        folder.signer.mkdir(mode=0o700)
        key = write_key_file(folder.consensus_key, fresh_seed(), "consensus", locked)
        VoteLog.create(folder.signer, genesis.chain_id, key.public_key)
        consensus_key = f"0x{key.public_key.hex()}"
    write_atomically(folder.genesis, data, mode=0o644)
    # Last: a folder without it holds no node.
    write_configuration(
        folder.configuration,
        Configuration(
            node=Node(name=asked["name"], kind="authority" if asked["authority"] else "follower"),
            rpc=Rpc(port=asked["port"]),
            p2p=P2p(port=asked["p2p_port"], peers=peers),
            log=Log(file="node.log"),
        ),
    )
    return {
        "name": asked["name"],
        "folder": str(root),
        "chain_id": f"0x{genesis.chain_id.hex()}",
        "peer_id": peer_id_of_public_key(identity.public_key),
        "consensus_key": consensus_key,
    }


def peers_of(texts: Sequence[str]) -> tuple[Peer, ...]:
    """Return peers written as `NAME=HOST:PORT/PEER_ID`, with `!` after an authority.

    Refuses: VALUE_MALFORMED.
    """
    peers = []
    for text in texts:
        match = _PEER.fullmatch(text)
        if match is None:
            raise Failure(
                VALUE_MALFORMED,
                f'"{text}" is no peer',
                "like this: auth1=10.0.0.2:7701/12D3KooW...! (! marks an authority)",
            )
        peers.append(
            Peer(
                name=match["name"],
                address=match["address"],
                peer_id=match["peer_id"],
                authority=bool(match["authority"]),
            )
        )
    return tuple(peers)
