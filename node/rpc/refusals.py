"""What the rooms of a node refuse, as the outside hears it: code, slug, facts, hint.

Source: docs/specs/rpc.md, RPC-032.
"""

from collections.abc import Mapping

from chain.kit.reason import Fact, Reason, Refusal
from node.faults import NodeFault
from node.rpc.errors import Fact as FactForm
from node.rpc.errors import Refused
from node.rpc.forms import fact_form
from node.rpc.hints import hint_for

REFUSING = (Refusal, NodeFault)
"""What a method may raise without being a defect."""


def refused(reason: Reason, **facts: Fact) -> Refused:
    """Return the refusal for this reason, to be raised."""
    return refusal_shape(Refusal(reason, **facts))


def refusal_shape(refusal: Refusal) -> Refused:
    """Return a refusal of the state machine, the mempool or this room as an RPC error."""
    return Refused(
        refusal.reason.code,
        refusal.message,
        refusal.reason.slug,
        facts=facts_form(refusal.facts),
        hint=hint_for(refusal.reason.slug),
    )


def translated(fault: Refusal | NodeFault) -> Refused:
    """Return whatever a room refused as an RPC error."""
    if isinstance(fault, Refusal):
        return refusal_shape(fault)
    return Refused(
        fault.code,
        fault.happened,
        fault.reason,
        facts=facts_form(fault.facts),
        hint=fault.hint or hint_for(fault.reason),
    )


def facts_form(facts: Mapping[str, Fact]) -> dict[str, FactForm]:
    """Return facts in the JSON forms of their names: amounts are strings."""
    return {name: fact_form(name, fact) for name, fact in facts.items()}
