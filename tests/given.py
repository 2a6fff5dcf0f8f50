"""Worlds in a line: a chain from genesis on, names for signers, blocks that close themselves.

Every block that a world closes is encoded, decoded, checked and executed once more on the
same parent, and every invariant is looked at: a test of anything is a test of these too.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from chain.block.block import Block, decode_block, encode_block
from chain.block.header import block_id_of
from chain.block.receipt import Receipt, decode_receipt, event_from
from chain.block.transaction import (
    LIST_KIND,
    Transaction,
    body_of,
    is_genuine_transaction,
    list_of,
    parse_transaction,
    sign_bytes_of,
    signed_transaction,
)
from chain.codec.record import U8
from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from chain.kit import (
    BlockContext,
    Context,
    Module,
    Reason,
    Refusal,
    Table,
    View,
    account,
    record,
    text_key,
    wallet,
)
from chain.kit.holder import holder_from
from chain.machine.application import Application
from chain.machine.audit import run_invariants
from chain.machine.genesis import Genesis, genesis_state, load_genesis
from chain.machine.genesis_development import development_seed, genesis_json
from chain.machine.run import BlockFacts, Outcome, Run, Unfit, open_block, seal
from chain.machine.validity import apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.balances import balance_of, supply_of
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.lanes import next_sequence
from chain.modules.system.standing import progress_of
from chain.state.tables import Tables
from derivatives.genesis_development import development_genesis
from derivatives.registry import REGISTRY
from tests.given_reports import Bend, LyingLeader, reports_of, section_of, volatilities_of

BLOCK_MS = 500
VALID_FOR_BLOCKS = 100

GOLDENS = Path(__file__).parent / "goldens"

Holdings = Mapping[str, Mapping[str, int]]


def golden(name: str, found: Any) -> Any:
    """Return what the golden of this name holds; `make goldens` puts what was found there."""
    path = GOLDENS / f"{name}.json"
    if os.environ.get("NOVATION_GOLDENS") == "write":
        path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def key(name: str) -> SigningKey:
    """Return the key that this name always has."""
    return SigningKey.from_seed(development_seed(name))


def address(name: str) -> bytes:
    """Return the address that this name's key opens."""
    return key(name).public_key


@cache
def holder(text: str) -> str:
    """Return a holder by name: a signer's wallet or account, or what is no signer by itself."""
    name, slash, number = text.partition("/")
    if slash and number.isdigit() and not name.startswith("nov1"):
        return account(address(name), int(number))
    if text == "fees" or "/" in text or text.startswith("nov1"):
        return holder_from(text)
    return wallet(address(text))


@dataclass(frozen=True)
class Answer:
    """What came of a transaction in the block that is being made."""

    reason: str
    """Slug of the refusal, empty when applied."""
    facts: dict[str, Any]
    receipt: Receipt | None
    """None for what may not stand in a block at all."""
    events: tuple[Any, ...]
    view: View


@dataclass
class World:
    """A chain with the named signers funded, and a block being made on its head."""

    application: Application
    genesis: Genesis
    tables: Tables
    head: Block
    blocks: list[Block] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    _run: Run | None = None
    _facts: BlockFacts | None = None
    _sent: list[bytes] = field(default_factory=list)
    _evidence: tuple[bytes, ...] = ()
    _oracle: bytes = b""
    prices_e8: dict[str, int] = field(default_factory=dict)
    """What every authority reports of each feed, in every block from the next one on."""
    volatilities_ppm: dict[str, int] = field(default_factory=dict)
    """What every authority says of the volatility of each underlying, where anything is dated."""
    bends: dict[int, Bend] = field(default_factory=dict)
    """What an authority by its index makes of smiles before it signs them; None: it is silent."""
    lies_e8: dict[int, dict[str, int]] = field(default_factory=dict)
    """What an authority by its index reports instead; nothing: it is silent."""

    @property
    def chain_id(self) -> bytes:
        """Return the id of this world's chain."""
        return self.genesis.chain_id

    @property
    def view(self) -> View:
        """Return the state as the next transaction finds it."""
        return self.tables if self._run is None else self._run.view

    @property
    def height(self) -> int:
        """Return the height of the block being made, or of the next one."""
        return self.head.header.height + 1

    def open_block(
        self,
        after_ms: int = BLOCK_MS,
        evidence: Sequence[bytes] = (),
        view_gap: int = 1,
        sin: str = "",
    ) -> None:
        """Begin the next block, so long after its parent, with this evidence.

        A leader with a sin lies in the oracle section. Refuses: InvalidBlock, for such a lie.
        """
        assert self._run is None
        facts = self._next_facts(after_ms, view_gap)
        self._evidence = tuple(evidence)
        self._oracle = self._section(facts, sin)
        self._run = open_block(self.application, self.tables, facts, self._oracle, self._evidence)
        self._facts = facts

    def _next_facts(self, after_ms: int, view_gap: int) -> BlockFacts:
        parent = self.head.header
        authorities = authority_set_of(self.tables, parent.epoch)
        assert authorities is not None
        view = parent.view + view_gap
        return BlockFacts(
            chain_id=self.chain_id,
            epoch=parent.epoch,
            height=parent.height + 1,
            view=view,
            parent_id=block_id_of(parent),
            proposer=authorities.leader(view),
            time_ms=parent.time_ms + after_ms,
        )

    def _section(self, facts: BlockFacts, sin: str = "") -> bytes:
        """Return what the authorities report in this block, each what it says of its own."""
        if not self.prices_e8:
            return b""
        voters = authority_set_of(self.tables, facts.epoch)
        assert voters is not None
        says = {index: self.lies_e8.get(index, self.prices_e8) for index in range(voters.count)}
        says = {index: prices for index, prices in says.items() if prices}
        if sin:
            return LyingLeader(self.tables, facts, says, self.head.oracle).section(sin)
        volatilities = volatilities_of(
            self.tables, facts, self.prices_e8, self.volatilities_ppm, self.bends
        )
        return section_of(self.tables, facts, reports_of(self.tables, facts, says), volatilities)

    def bytes_of(
        self,
        name: str,
        *payloads: Any,
        lane: int = 0,
        sequence: int | None = None,
        valid_until_height: int | None = None,
        keys: Iterable[str] | None = None,
        chain_id: bytes | None = None,
        as_list: bool = False,
    ) -> bytes:
        """Return a signed transaction of one payload, or of a list when there are several."""
        signer = address(name)
        actions = [(self.application.kind_of(type(payload)), payload) for payload in payloads]
        kind, payload = (
            actions[0]
            if len(actions) == 1 and not as_list
            else (
                LIST_KIND,
                list_of(actions),
            )
        )
        body = body_of(
            signer=signer,
            lane=lane,
            sequence=next_sequence(self.view, signer, lane) if sequence is None else sequence,
            valid_until_height=self.height + VALID_FOR_BLOCKS
            if valid_until_height is None
            else valid_until_height,
            kind=kind,
            payload=payload,
        )
        message = sign_bytes_of(chain_id or self.chain_id, body)
        signing = [key(signing_name) for signing_name in (keys or (name,))]
        return signed_transaction(body, [(k.public_key, k.sign(message)) for k in signing])

    def transaction(self, name: str, *payloads: Any, **how: Any) -> Transaction:
        """Return a signed transaction, taken apart."""
        return parse_transaction(
            self.application, self.chain_id, self.bytes_of(name, *payloads, **how)
        )

    def send(self, name: str, *payloads: Any, **how: Any) -> Answer:
        """Sign, send and apply; what may not stand in a block changes nothing."""
        return self.send_bytes(self.bytes_of(name, *payloads, **how))

    def send_bytes(self, data: bytes) -> Answer:
        """Apply the bytes of a transaction as a proposer would."""
        try:
            transaction = parse_transaction(self.application, self.chain_id, data)
        except Refusal as refusal:
            return self._refused(refusal.reason.slug, dict(refusal.facts))
        if not is_genuine_transaction(transaction):
            return self._refused("transaction.bad_signature", {})
        if self._run is None:
            self.open_block()
        assert self._run is not None
        answer = self._run.apply(transaction)
        if isinstance(answer, Unfit) and answer.reason.slug == "transaction.out_of_order":
            self.close_block()
            return self.send_bytes(data)
        if isinstance(answer, Unfit):
            return self._refused(answer.reason.slug, dict(answer.facts))
        self._sent.append(data)
        receipt = decode_receipt(answer)
        reason = "" if receipt.ok else self._slug(receipt.code)
        return Answer(reason, dict(receipt.facts), receipt, self.events_of(receipt), self.view)

    def close_block(self, after_ms: int = BLOCK_MS) -> Block:
        """Finish the block, empty if nothing was sent, and make sure that others agree."""
        if self._run is None:
            self.open_block(after_ms)
        assert self._run is not None
        assert self._facts is not None
        outcome = self._run.close()
        block = seal(self._facts, tuple(self._sent), self._oracle, self._evidence, outcome)
        judged = self.judge(decode_block(encode_block(block)))
        assert judged.encoded_receipts == outcome.encoded_receipts
        assert [] == run_invariants(self.application, outcome.overlay)
        self.tables.fold(outcome.overlay)
        assert self.tables.root == block.header.state_root
        self._run, self._facts, self._sent, self._evidence = None, None, [], ()
        self.head = block
        self.blocks.append(block)
        self.outcomes.append(outcome)
        return block

    def judge(self, block: Block) -> Outcome:
        """Execute a block on the head as somebody who did not build it. Refuses: InvalidBlock."""
        checked = check_block(self.application, self.chain_id, block, is_genuine_transaction)
        authorities = authority_set_of(self.tables, progress_of(self.tables).epoch)
        assert authorities is not None
        return apply_block(self.application, self.tables, checked, authorities)

    def holds(self, holder_text: str, asset: str = "USD") -> int:
        """Return what a wallet or a named holder has, in quantums."""
        return balance_of(self.view, holder(holder_text), asset)

    def supply(self, asset: str = "USD") -> int:
        """Return how much of an asset there is, in quantums."""
        return supply_of(self.view, asset)

    def events_of(self, receipt: Receipt) -> tuple[Any, ...]:
        """Return a receipt's events as records."""
        return tuple(
            event_from(event_type, emitted)
            for emitted in receipt.events
            if (event_type := self.application.event(emitted.module_number, emitted.number))
        )

    def _slug(self, code: int) -> str:
        reason = self.application.reason(code)
        assert reason is not None
        return reason.slug

    def _refused(self, slug: str, facts: dict[str, Any]) -> Answer:
        return Answer(slug, facts, None, (), self.view)


def genesis_object(
    holdings: Holdings | None = None,
    authority_count: int = 4,
    kind: str = "devnet",
    *,
    lists: bool = False,
) -> dict[str, Any]:
    """Return a development genesis, with these wallets instead of the usual ones if given.

    What holds and is no signer is a fund of the compartment `main`, which has it in custody.
    Without listing by rule, unless it is asked for: every block marks what is listed.
    """
    genesis = development_genesis(authority_count, kind=kind, lists=lists)
    if holdings is None:
        return genesis
    tables = genesis["tables"]
    tables["signers"] = [
        {
            "signer": text_of(address(name)),
            "threshold": 1,
            "keys": ["0x" + address(name).hex()],
        }
        for name in holdings
        if "/" not in name
    ]
    tables["balances"] = [
        {
            "holder": name if "/" in name else text_of(address(name)),
            "asset": asset,
            "amount_quantums": str(amount),
        }
        for name, amounts in holdings.items()
        for asset, amount in amounts.items()
        if amount
    ]
    funds: dict[str, int] = {}
    for name, amounts in holdings.items():
        for asset, amount in amounts.items() if "/" in name else ():
            funds[asset] = funds.get(asset, 0) + amount
    tables["custody"] = [
        {"compartment": "main", "asset": asset, "amount_quantums": str(amount)}
        for asset, amount in funds.items()
        if amount
    ]
    for row in tables["supplies"]:
        total = sum(amounts.get(row["asset"], 0) for amounts in holdings.values())
        row["supply_quantums"] = str(total)
    return genesis


def world(
    holdings: Holdings | None = None,
    modules: Iterable[Module] = REGISTRY,
    authority_count: int = 4,
    change: Callable[[dict[str, Any]], None] | None = None,
) -> World:
    """Return a chain at genesis: the usual dev accounts, or exactly these wallets.

    Its genesis is changed first where that is asked for.

    With other modules than the registry's, genesis has only the tables that they fill.
    """
    application = Application(modules)
    document = genesis_object(holdings, authority_count)
    if change is not None:
        change(document)
    fillable = [table.name for module in application.modules for table in module.genesis]
    document["tables"] = {
        name: rows for name, rows in document["tables"].items() if name in fillable
    }
    genesis = load_genesis(application, genesis_json(document))
    tables, block = genesis_state(application, genesis)
    return World(application, genesis, tables, block)


@record
class Note:
    """Whatever a probe leaves behind."""

    amount_quantums: int


@record
class Noted:
    """A probe left something behind."""

    amount_quantums: int


NOTES = Table(1, "notes", key=(text_key("name", 8),), value=Note)
PROBE_REFUSED = Reason(1, "refused", "The probe was told to refuse.")
PROBE_TOUCHED = Reason(2, "touched", "The hook saw what it does not allow.")


@record
class Probe:
    """A transaction that does what it is told, in the class it is told."""

    weight: ClassVar[int] = 10

    does: str
    place_number: U8

    @property
    def transaction_class(self) -> int:
        return self.place_number

    def check(self) -> None:
        if self.does == "refuse at once":
            raise Refusal(PROBE_REFUSED)

    def apply(self, context: Context) -> None:
        context.state.put(NOTES, "left", Note(amount_quantums=1))
        context.emit(Noted(amount_quantums=1))
        if self.does == "refuse":
            raise Refusal(PROBE_REFUSED)
        if self.does == "break":
            raise ValueError("a fault of our own")
        if self.does == "starve":
            raise MemoryError
        if self.does == "store too much":
            context.state.put(NOTES, "left", Note(amount_quantums=2**63))
        if self.does == "tell too much":
            context.emit(Noted(amount_quantums=2**63))
        if self.does == "name too long":
            context.state.put(NOTES, "far too long", Note(amount_quantums=1))
        if self.does == "touch":
            context.touch("forbidden")
        if self.does == "ring":
            context.state.put(NOTES, "bell", Note(amount_quantums=7))
        if self.does == "write much":
            own = context.signer.hex()[:3]
            for number in range(19_990):
                context.state.put(NOTES, f"{own}{number}", Note(amount_quantums=number))


def _look_at_touched(context: Context, touched: Iterable[str]) -> None:
    if "forbidden" in tuple(touched):
        raise Refusal(PROBE_TOUCHED)


def _ring(context: BlockContext) -> None:
    note = context.state.get(NOTES, "bell")
    if note is not None:
        context.state.delete(NOTES, "bell")
        context.emit(Noted(amount_quantums=note.amount_quantums))


PROBE = Module(
    id=99,
    name="probe",
    tables=(NOTES,),
    transactions={1: Probe},
    end_transaction=(_look_at_touched,),
    end_block=(_ring,),
    events={1: Noted},
    reasons=(PROBE_REFUSED, PROBE_TOUCHED),
)
WITH_PROBE = (*BASE_MODULES, PROBE)
