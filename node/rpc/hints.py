"""What to do about each reason, in one table: the next step, never a repetition of the reason.

A test asks for a line for every reason of the registry, and for none that does not exist.

Source: docs/specs/rpc.md, RPC-033.
"""

HINTS: dict[str, str] = {
    "lookup.block_unknown": "chain_getStatus says how far this node is; ids are 0x and 64 digits",
    "lookup.transaction_unknown": "submit it again, or ask the node that it was sent to",
    "lookup.table_unknown": "rpc.discover and docs/reference list every table",
    "lookup.query_unknown": "rpc.discover and docs/reference list every query",
    "lookup.kind_unknown": "tx_describe lists every kind with its fields",
    "lookup.topic_unknown": "topics are blocks, tx:ID, account:ADDRESS and consensus",
    "lookup.subscription_unknown": "it ended already, or belongs to another connection",
    "limits.rate_exceeded": "wait, or put several calls into one batch; loopback has no limit",
    "limits.body_too_large": "send several smaller batches",
    "limits.subscriptions_full": "unsubscribe from one, or open a second connection",
}


def hint_for(slug: str) -> str:
    """Return what to do about a reason; nothing for one that this table does not know."""
    return HINTS.get(slug, "")
