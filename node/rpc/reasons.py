"""Why RPC refuses what was well-formed: areas `lookup` and `limits`.

What is not well-formed is -32602 of the envelope: whoever asked has to ask differently.

Source: docs/specs/rpc.md, RPC-031. Numbers are permanent.
"""

from chain.kit.reason import Area, Reason

BLOCK_UNKNOWN = Reason(1, "block_unknown", "no stored block {block}", ("block",))
TRANSACTION_UNKNOWN = Reason(
    2, "transaction_unknown", "neither waiting here nor final: transaction {id}", ("id",)
)
TABLE_UNKNOWN = Reason(4, "table_unknown", "no table {table}", ("table", "did_you_mean"))
QUERY_UNKNOWN = Reason(5, "query_unknown", "no query {query}", ("query", "did_you_mean"))
KIND_UNKNOWN = Reason(6, "kind_unknown", "no transaction kind {kind}", ("kind", "did_you_mean"))
ACCOUNT_UNKNOWN = Reason(7, "account_unknown", "no margin account {account}", ("account",))
INSTRUMENT_UNKNOWN = Reason(
    8, "instrument_unknown", "no instrument {instrument}", ("instrument", "did_you_mean")
)
TOPIC_UNKNOWN = Reason(10, "topic_unknown", "no topic {topic}", ("topic", "did_you_mean"))
SUBSCRIPTION_UNKNOWN = Reason(
    11, "subscription_unknown", "no subscription {subscription} here", ("subscription",)
)
SURFACE_UNKNOWN = Reason(
    14,
    "surface_unknown",
    "no volatility surface of {underlying}",
    ("underlying", "did_you_mean"),
)
UNDERLYING_UNKNOWN = Reason(
    15, "underlying_unknown", "no feed {underlying}", ("underlying", "did_you_mean")
)
COMPARTMENT_UNKNOWN = Reason(
    12, "compartment_unknown", "no compartment {compartment}", ("compartment", "did_you_mean")
)
EVENT_UNKNOWN = Reason(13, "event_unknown", "no event has the number {seq} yet", ("seq",))

LOOKUP = Area(
    12,
    "lookup",
    (
        BLOCK_UNKNOWN,
        TRANSACTION_UNKNOWN,
        TABLE_UNKNOWN,
        QUERY_UNKNOWN,
        KIND_UNKNOWN,
        ACCOUNT_UNKNOWN,
        INSTRUMENT_UNKNOWN,
        TOPIC_UNKNOWN,
        SUBSCRIPTION_UNKNOWN,
        COMPARTMENT_UNKNOWN,
        EVENT_UNKNOWN,
        SURFACE_UNKNOWN,
        UNDERLYING_UNKNOWN,
    ),
)

RATE_EXCEEDED = Reason(
    51, "rate_exceeded", "too many calls; again in {retry_after_ms} ms", ("retry_after_ms",)
)
BODY_TOO_LARGE = Reason(
    52, "body_too_large", "a body has at most {body_max_bytes} bytes", ("body_max_bytes",)
)
SUBSCRIPTIONS_FULL = Reason(
    53,
    "subscriptions_full",
    "a connection has at most {subscriptions_max_count} subscriptions",
    ("subscriptions_max_count",),
)

# Numbers below 51 of this area are a block's own limits: chain/block/reasons.py.
LIMITS = Area(16, "limits", (RATE_EXCEEDED, BODY_TOO_LARGE, SUBSCRIPTIONS_FULL))
