"""Read a genesis: the state before the first block, and the id of the chain it begins.

    chain id = SHA-256("NOVATION/genesis/1" | [version, kind, time, rows])

The rows are encoded keys and records, sorted; so the id is of what genesis *means*, and
neither the order of its JSON nor `chain_name`, which is for people, has a part in it.

Source: docs/specs/machine.md, MACH-050 to MACH-056.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chain.block.block import Block, body_roots
from chain.block.header import HEADER_VERSION, Header
from chain.block.receipt import receipts_root
from chain.codec.canonical import encode
from chain.codec.record import Blob, record
from chain.crypto.digest import TAG_GENESIS, ZERO_HASH, tagged
from chain.kit.genesis import GenesisFault, Row, rows_from
from chain.machine.application import Application
from chain.machine.audit import run_invariants
from chain.modules.authorities.sets import authorities_hash_of, authorities_of
from chain.modules.authorities.state import AuthorityList
from chain.modules.system.standing import (
    begin_chain,
    consensus_parameters_of,
    parameters_hash_of,
)
from chain.modules.system.state import ConsensusParameters
from chain.state.overlay import Overlay
from chain.state.tables import Tables

GENESIS_VERSION = 1
GENESIS_BYTES_MAX = 64 * 1024 * 1024
KINDS = ("dev", "devnet", "live")
LIVE_AUTHORITIES_MIN_COUNT = 4
"""Fewer tolerate no fault; development alone may run with them."""

_FIELDS = ("genesis_version", "chain_name", "kind", "time_ms", "tables")


@record
class GenesisRecords:
    """What a chain's id is the hash of."""

    version: int
    kind: str
    time_ms: int
    rows: tuple[tuple[Blob, Blob], ...]


@dataclass(frozen=True)
class Genesis:
    """A genesis that was read and found sound."""

    chain_name: str
    kind: str
    chain_id: bytes
    time_ms: int
    records: tuple[Row, ...]
    authorities: AuthorityList
    parameters: ConsensusParameters
    data: bytes
    """The JSON it was read from."""

    @property
    def is_development(self) -> bool:
        """Return whether published keys and `dev_*` methods are allowed."""
        return self.kind in {"dev", "devnet"}


def load_genesis(application: Application, json_bytes: bytes) -> Genesis:
    """Return the genesis that this JSON means, its state built once and found sound.

    Refuses: GenesisFault, with the path of what is wrong: no JSON, a key twice, a float, an
    unknown table or field, a number in the wrong form or out of its width, a row given
    twice, an invariant that does not hold, too few authorities for a live chain.
    """
    document = _document(json_bytes)
    _check_names(document, _FIELDS, "$")
    version, kind = document["genesis_version"], document["kind"]
    chain_name, time_ms = document["chain_name"], document["time_ms"]
    _expect(version == GENESIS_VERSION and type(version) is int, "$.genesis_version", "expected 1")
    _expect(kind in KINDS, "$.kind", f"expected one of {', '.join(KINDS)}")
    _expect(
        isinstance(chain_name, str) and 0 < len(chain_name) <= 64,
        "$.chain_name",
        "expected 1 to 64 characters",
    )
    _expect(type(time_ms) is int and 0 < time_ms < 2**53, "$.time_ms", "expected milliseconds")
    rows = _rows(application, document["tables"])
    chain_id = tagged(
        TAG_GENESIS, encode(GenesisRecords(GENESIS_VERSION, kind, time_ms, tuple(rows)))
    )
    overlay = _overlay(application, rows, time_ms)
    listed = authorities_of(overlay, 0)
    assert listed is not None
    _expect(
        kind != "live" or len(listed.members) >= LIVE_AUTHORITIES_MIN_COUNT,
        "$.tables.authorities",
        f"a live chain has at least {LIVE_AUTHORITIES_MIN_COUNT} authorities",
    )
    return Genesis(
        chain_name=chain_name,
        kind=kind,
        chain_id=chain_id,
        time_ms=time_ms,
        records=tuple(rows),
        authorities=listed,
        parameters=consensus_parameters_of(overlay),
        data=json_bytes,
    )


def genesis_state(application: Application, genesis: Genesis) -> tuple[Tables, Block]:
    """Return the state before the first block, and the block of height 0 that commits to it."""
    tables = Tables(application.tables)
    tables.load(genesis.records)
    overlay = Overlay(tables)
    begin_chain(overlay, genesis.time_ms)
    overlay.seal()
    tables.fold(overlay)
    roots = body_roots((), b"", ())
    authorities_hash = authorities_hash_of(genesis.authorities)
    header = Header(
        version=HEADER_VERSION,
        chain_id=genesis.chain_id,
        epoch=0,
        height=0,
        view=0,
        parent_id=ZERO_HASH,
        proposer=0,
        time_ms=genesis.time_ms,
        tx_root=roots.tx_root,
        tx_count=roots.tx_count,
        body_bytes=roots.body_bytes,
        oracle_root=roots.oracle_root,
        evidence_root=roots.evidence_root,
        state_root=tables.root,
        receipts_root=receipts_root((), ()),
        history_root=ZERO_HASH,
        authorities_hash=authorities_hash,
        next_authorities_hash=authorities_hash,
        params_hash=parameters_hash_of(tables),
        flags=0,
    )
    return tables, Block(header, (), b"", ())


def _document(json_bytes: bytes) -> dict[str, Any]:
    if len(json_bytes) > GENESIS_BYTES_MAX:
        raise GenesisFault("$", f"{len(json_bytes)} bytes where {GENESIS_BYTES_MAX} are allowed")
    try:
        document = json.loads(
            json_bytes,
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except (ValueError, RecursionError) as fault:
        if isinstance(fault, GenesisFault):
            raise
        raise GenesisFault("$", f"no JSON: {fault}") from fault
    _expect(isinstance(document, dict), "$", "expected an object")
    return document  # type: ignore[no-any-return]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise GenesisFault(f"$...{twice}", "the same name twice in one object")
    return found


def _no_float(text: str) -> Any:
    raise GenesisFault("$", f"{text} is a floating-point number; every number here is whole")


def _check_names(document: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    for name in document:
        _expect(name in known, f"{path}.{name}", f"unknown field; known are {', '.join(known)}")
    for name in known:
        _expect(name in document, f"{path}.{name}", "missing")


def _expect(condition: object, path: str, what: str) -> None:
    if not condition:
        raise GenesisFault(path, what)


def _rows(application: Application, plain: Any) -> list[Row]:
    _expect(isinstance(plain, Mapping), "$.tables", "expected an object of tables")
    fillable = {table.name: table for m in application.modules for table in m.genesis}
    rows: list[Row] = []
    for name, entries in plain.items():
        known = ", ".join(fillable)
        _expect(name in fillable, f"$.tables.{name}", f"genesis fills only {known}")
        rows.extend(rows_from(fillable[name], entries, f"$.tables.{name}"))
    return sorted(rows)


def _overlay(application: Application, rows: list[Row], time_ms: int) -> Overlay:
    """Return the state that the rows make, every invariant holding."""
    tables = Tables(application.tables)
    overlay = Overlay(tables)
    by_prefix = {table.prefix: table for table in application.tables}
    for encoded_key, data in rows:
        table = by_prefix[encoded_key[:2]]
        overlay.put(table, table.key_from(encoded_key), table.record_from(data))
    begin_chain(overlay, time_ms)
    for module in application.modules:
        for table in module.genesis:
            if table.key_parts == () and overlay.get(table, ()) is None:
                raise GenesisFault(f"$.tables.{table.name}", "missing")
    for breach in run_invariants(application, overlay):
        raise GenesisFault(
            "$.tables", f"{breach.module}.{breach.invariant} does not hold: {breach.what}"
        )
    return overlay


__all__ = ["Genesis", "GenesisFault", "GenesisRecords", "genesis_state", "load_genesis"]
