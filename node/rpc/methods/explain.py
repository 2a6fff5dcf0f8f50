"""Say why a transaction came to what it came to, with the numbers that decided it.

Source: docs/specs/rpc.md, RPC-097.
"""

import inspect
from typing import Any

import trio
from msgspec import Struct

from chain.block.receipt import Receipt
from chain.block.transaction import parse_transaction
from chain.codec.canonical import decode
from chain.kit.fields import unit_of
from node.rpc.clearing.explained import Telling, explained
from node.rpc.forms import emitted_form, hex_form, transaction_form
from node.rpc.hints import hint_for
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.standing import final_place, receipt_at, transaction_standing
from node.rpc.methods.trading.units import Units, units_of
from node.rpc.methods.transactions import WhichTransaction
from node.rpc.methods.values import GivenNumber, HashText, NumberText, number_from
from node.rpc.reasons import EVENT_UNKNOWN, TRANSACTION_UNKNOWN
from node.rpc.refusals import refused
from node.services import Services


class Rule(Struct, frozen=True):
    """The rule that refused it."""

    code: int
    reason: str
    sentence: str
    hint: str


class Number(Struct, frozen=True):
    """One number of the decision, as it is and as people read it."""

    name: str
    value: int | str
    unit: str | None
    shown: str


class Explanation(Answer, frozen=True):
    """What was asked, what came of it, and why."""

    id: HashText
    status: str
    kind: str | None
    asked: str
    why: str
    rule: Rule | None
    numbers: list[Number]
    lines: list[str]
    transaction: dict[str, Any] | None
    receipt: dict[str, Any] | None
    height: NumberText | None
    finalized: bool


@method("tx_explain", weight=5, refusals=("lookup.transaction_unknown",))
async def explain(call: Call, asked: WhichTransaction) -> Explanation:
    """Return why a transaction was applied, refused, or is not final: rule, numbers and hint.

    `lines` are the same in words, in the order to read them.
    """
    services = call.services
    identity = bytes.fromhex(asked.id[2:])
    standing = transaction_standing(services, identity)
    if standing["status"] == "unknown":
        raise refused(TRANSACTION_UNKNOWN, id=asked.id)
    receipt = receipt_at(services, identity)
    waiting = services.mempool.get(identity)
    if waiting is not None:
        transaction: dict[str, Any] | None = transaction_form(services.application, waiting)
    else:
        transaction = await trio.to_thread.run_sync(_final_of, services, identity)
    kind = transaction["kind"] if transaction else None
    rule = _rule(receipt)
    facts = receipt["facts"] if receipt else {}
    view, _ = services.state_store.view_at(None)
    units = units_of(view, facts, transaction["fields"] if transaction else {})
    numbers = _numbers(facts, units)
    what = _sentence_of(services, kind)
    why = _why(standing, receipt)
    lines = [f"{kind or 'transaction'}: {what}" if what else str(kind or asked.id), why]
    lines += [f"  {number.name} = {number.shown}" for number in numbers]
    if receipt is not None:
        lines += _told_lines(services, _stored_receipt(services, identity), units)
    if rule is not None and rule.hint:
        lines.append(f"hint: {rule.hint}")
    return Explanation(
        id=asked.id,
        status=standing["status"],
        kind=kind,
        asked=what,
        why=why,
        rule=rule,
        numbers=numbers,
        lines=lines,
        transaction=transaction,
        receipt=receipt,
        height=standing["height"],
        finalized=standing["finalized"],
    )


def _final_of(services: Services, identity: bytes) -> dict[str, Any] | None:
    """Return a final transaction as it was signed."""
    place = final_place(services, identity)
    if place is None:
        return None
    height, index = place
    block = services.storage.block(height)
    assert block is not None, "a location leads to a stored block"
    transaction = parse_transaction(
        services.application, services.genesis.chain_id, block.transactions[index]
    )
    assert transaction.id == identity, hex_form(identity)
    return transaction_form(services.application, transaction)


def _sentence_of(services: Services, kind: str | None) -> str:
    number = services.application.kind_from_name(kind) if kind is not None else None
    payload_type = services.application.payload(number) if number is not None else None
    return (inspect.getdoc(payload_type) or "").partition("\n")[0] if payload_type else ""


def _rule(receipt: dict[str, Any] | None) -> Rule | None:
    if receipt is None or receipt["ok"]:
        return None
    reason = receipt["reason"]
    return Rule(receipt["code"], reason, receipt["message"], hint_for(reason))


def _why(standing: dict[str, Any], receipt: dict[str, Any] | None) -> str:
    if receipt is not None and receipt["ok"]:
        count = len(receipt["events"])
        return f"applied in block {receipt['height']}: {count} event{'' if count == 1 else 's'}"
    if receipt is not None:
        place = f"in block {receipt['height']}"
        fee = f"fee {receipt['fee_quantums']} quantums"
        return f"refused {place}: {receipt['message']} ({receipt['reason']}, {fee})"
    return WORDS[standing["status"]]


WORDS = {
    "waiting": "it waits in this node's pool for a block",
    "proposed": "it stands in a proposed block that is not final yet",
    "expired": "no block took it before its valid_until_height; it can no longer be included",
    "replaced": "another transaction with its lane and sequence took its place",
}


def _numbers(facts: dict[str, Any], units: Units) -> list[Number]:
    return [
        Number(name, value, unit_of(name) or None, units.shown(name, value, facts))
        for name, value in facts.items()
    ]


def _stored_receipt(services: Services, identity: bytes) -> Receipt:
    location = services.storage.location(identity)
    assert location is not None, "a receipt is told of what is final"
    height, index = location
    return services.storage.receipts(height)[index]


def _told_lines(services: Services, receipt: Receipt, units: Units) -> list[str]:
    """Return each event of a receipt in words, with what it follows from where rules say so."""
    application, view = services.application, services.state_store.tables
    events = events_in(services, receipt)
    lines: list[str] = []
    for emitted, event in zip(receipt.events, events, strict=True):
        shape = emitted_form(application, emitted)
        own = units_of(view, shape, {"asset": units.asset or ""})
        why = [] if event is None else explained(event, Telling(own, events))
        lines.append(
            f"  {shape['name']}: {_told(shape, units)}" if not why else f"  {shape['name']}"
        )
        lines += [f"    {line}" for line in why]
    return lines


def events_in(services: Services, receipt: Receipt) -> list[Any]:
    """Return the events of a receipt as records, None for those that this version does not know."""
    found = []
    for emitted in receipt.events:
        kind = services.application.event(emitted.module_number, emitted.number)
        found.append(None if kind is None else decode(kind, bytes(emitted.payload)))
    return found


class WhichEvent(Parameters, frozen=True):
    """An event by its number, as `events_list` has it."""

    seq: GivenNumber


class EventExplanation(Answer, frozen=True):
    """One event, and in `lines` the rules that it follows from, with the numbers."""

    seq: NumberText
    height: NumberText
    time_ms: int
    event: dict[str, Any]
    lines: list[str]
    finalized: bool


@method("event_explain", weight=5, refusals=("lookup.event_unknown",))
async def explain_event(call: Call, asked: WhichEvent) -> EventExplanation:
    """Return why an event happened: its rules, and how its numbers come about.

    Also of what no transaction did: flags, slices of the house, takeovers, losses that were paid.
    """
    services = call.services
    number = number_from(asked.seq)
    blocks = services.storage.told(number, 1)
    if not blocks:
        raise refused(EVENT_UNKNOWN, seq=number)
    (block,) = blocks
    header = services.storage.header(block.height)
    assert header is not None, "what was told happened in a stored block"
    place = number - block.first_seq
    for receipt in block.receipts:
        if place < len(receipt.events):
            break
        place -= len(receipt.events)
    events = events_in(services, receipt)
    shape = emitted_form(services.application, receipt.events[place])
    units = units_of(services.state_store.tables, shape)
    event = events[place]
    why = [] if event is None else explained(event, Telling(units, events))
    return EventExplanation(
        seq=str(number),
        height=str(block.height),
        time_ms=header.time_ms,
        event=shape,
        lines=[f"{shape['name']} in block {block.height}", *(why or [_told(shape, units)])],
        finalized=True,
    )


def _told(event: dict[str, Any], units: Units) -> str:
    """Return what an event says; a number in whole units goes without the unit of its name."""
    said = []
    for name, value in event.items():
        shown = units.shown(name, value, event)
        stem = name if shown == str(value) else name.removesuffix(f"_{unit_of(name)}")
        said += [] if name == "name" else [f"{stem} {shown}"]
    return ", ".join(said)


METHODS = (explain, explain_event)
