"""What store and vote log say together when a node starts.

A log that is lost, damaged, of another chain or of another key is a lost key: the node follows,
signs nothing, and says why.

Source: docs/specs/consensus_core.md, CORE-001.
"""

from dataclasses import dataclass

from chain.consensus.log import NOWHERE, Contents
from chain.consensus.settings import Recovered
from chain.modules.authorities.sets import authority_set_of
from node.config import Configuration
from node.consensus.vote_log import VoteLog, VoteLogFault
from node.state_store import StateStore
from node.storage.files import DISK, Files
from node.storage.leveldb import Storage


@dataclass(frozen=True)
class Remembered:
    """The vote log of this node's key, and what it says."""

    log: VoteLog | None
    """None when nothing may be signed, or there is no key."""
    contents: Contents


NOTHING = Contents(NOWHERE, NOWHERE, 0, (), "")


def remembered(
    configuration: Configuration,
    chain_id: bytes,
    public_key: bytes | None,
    files: Files = DISK,
) -> Remembered:
    """Return what the log beside the key says; a log that cannot be trusted says why."""
    if public_key is None:
        return Remembered(None, NOTHING)
    try:
        log, contents = VoteLog.open(
            configuration.folder.signer,
            chain_id,
            public_key,
            segment_max_bytes=configuration.storage.segment_max_bytes,
            flush=configuration.storage.flush,
            files=files,
        )
    except VoteLogFault as fault:
        return Remembered(None, Contents(NOWHERE, NOWHERE, 0, (), str(fault)))
    return Remembered(log, contents)


def recovered(storage: Storage, state_store: StateStore, contents: Contents) -> Recovered:
    """Return what the core begins from."""
    fin, tip = storage.fin(), storage.tip()
    assert fin is not None, "genesis is stored before anything starts"
    assert tip is not None, "likewise"
    header = storage.header(fin.height)
    assert header is not None, "the store has what it says is final"
    tip_header = storage.header(tip.height) if tip.height > fin.height else None
    epoch = header.epoch + 1 if header.epoch_end else header.epoch
    authorities = authority_set_of(state_store.tables, epoch)
    assert authorities is not None, "the state keeps the authorities of three epochs"
    return Recovered(
        header=header,
        certificate=storage.certificate(fin.height),
        authorities=authorities,
        tip=tip_header,
        floor=contents.floor,
        highest=contents.highest,
        records=contents.records,
        log_broken=contents.broken,
    )
