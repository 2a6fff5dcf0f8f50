"""Say why a transaction came to what it came to, with the numbers that decided it.

Source: docs/specs/rpc.md, RPC-097.
"""

import inspect
from typing import Any

import trio
from msgspec import Struct

from chain.block.transaction import parse_transaction
from chain.kit.fields import unit_of
from chain.modules.ledger.state import ASSETS
from node.rpc.forms import hex_form, transaction_form
from node.rpc.hints import hint_for
from node.rpc.method import Answer, Call, method
from node.rpc.methods.standing import receipt_at, transaction_standing
from node.rpc.methods.transactions import WhichTransaction
from node.rpc.methods.values import HashText, NumberText
from node.rpc.reasons import TRANSACTION_UNKNOWN
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
    decimals = _decimals(services)
    kind = transaction["kind"] if transaction else None
    rule = _rule(receipt)
    asset = _asset_of(receipt, transaction)
    numbers = _numbers(receipt["facts"] if receipt else {}, asset, decimals)
    what = _sentence_of(services, kind)
    why = _why(standing, receipt)
    lines = [f"{kind or 'transaction'}: {what}" if what else str(kind or asked.id), why]
    lines += [f"  {number.name} = {number.shown}" for number in numbers]
    lines += [
        f"  {event['name']}: {_told(event, asset, decimals)}"
        for event in (receipt["events"] if receipt else [])
    ]
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
    location = services.storage.location(identity)
    if location is None:
        return None
    height, index = location
    block = services.storage.block(height)
    assert block is not None, "a location leads to a stored block"
    transaction = parse_transaction(
        services.application, services.genesis.chain_id, block.transactions[index]
    )
    assert transaction.id == identity, hex_form(identity)
    return transaction_form(services.application, transaction)


def _decimals(services: Services) -> dict[str, int]:
    view, _ = services.state_store.view_at(None)
    return {str(asset): record.decimals for asset, record in view.scan(ASSETS)}


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


def _asset_of(receipt: dict[str, Any] | None, transaction: dict[str, Any] | None) -> str | None:
    for holder in (
        receipt["facts"] if receipt else {},
        transaction["fields"] if transaction else {},
    ):
        asset = holder.get("asset")
        if isinstance(asset, str):
            return asset
    return None


def _numbers(facts: dict[str, Any], asset: str | None, decimals: dict[str, int]) -> list[Number]:
    return [
        Number(name, value, unit_of(name) or None, _shown(name, value, asset, decimals))
        for name, value in facts.items()
    ]


def _shown(name: str, value: Any, asset: str | None, decimals: dict[str, int]) -> str:
    """Return a number as people read it: quantums of a known asset in whole units."""
    if asset in decimals and unit_of(name) == "quantums":
        return f"{whole_units(int(value), decimals[asset])} {asset}"
    return str(value)


def whole_units(amount_quantums: int, decimals: int) -> str:
    """Return an amount in whole units, exactly.

    >>> whole_units(-1_500_000, 6)
    '-1.500000'
    """
    digits = str(abs(amount_quantums)).rjust(decimals + 1, "0")
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if amount_quantums < 0 else "") + whole + ("." + part if part else "")


def _told(event: dict[str, Any], asset: str | None, decimals: dict[str, int]) -> str:
    own = event.get("asset")
    named = own if isinstance(own, str) else asset
    return ", ".join(
        f"{name} {_shown(name, value, named, decimals)}"
        for name, value in event.items()
        if name != "name"
    )


METHODS = (explain,)
