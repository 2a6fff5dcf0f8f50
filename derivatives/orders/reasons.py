"""Why the book does not do as asked."""

from chain.kit import Reason

INSTRUMENT_UNKNOWN = Reason(
    1, "instrument_unknown", "There is no instrument {instrument}.", ("instrument",)
)
SIDE_UNKNOWN = Reason(
    2, "side_unknown", "An order is 1 to buy or 2 to sell, not {side_number}.", ("side_number",)
)
SIZE_NOT_POSITIVE = Reason(
    3, "size_not_positive", "An order is for at least one lot, not {size_lots}.", ("size_lots",)
)
TIME_IN_FORCE_UNKNOWN = Reason(
    4,
    "time_in_force_unknown",
    "1 good till cancelled, 2 immediate or cancel, 3 fill or kill; not {given_number}.",
    ("given_number",),
)
FLAGS_CONFLICT = Reason(5, "flags_conflict", "An order is not both: {what}.", ("what",))
CLIENT_ID_MALFORMED = Reason(
    6,
    "client_id_malformed",
    "A client id is up to {limit_bytes} printable characters without spaces.",
    ("limit_bytes",),
)
CLIENT_ID_TAKEN = Reason(
    7,
    "client_id_taken",
    "The account's open order {order_id} has the client id {client_id}.",
    ("client_id", "order_id"),
)
ORDER_UNKNOWN = Reason(
    8, "order_unknown", "The account has no open order {order_id}.", ("order_id",)
)
CLIENT_ID_UNKNOWN = Reason(
    9, "client_id_unknown", "The account has no open order {client_id}.", ("client_id",)
)
COMPARTMENT_DIFFERS = Reason(
    10,
    "compartment_differs",
    "{instrument} trades in the compartment {compartment}, where the account is not.",
    ("instrument", "compartment"),
)
HALTED = Reason(11, "halted", "{instrument} does not trade now.", ("instrument",))
REDUCE_ONLY_NOW = Reason(
    12,
    "reduce_only_now",
    "{instrument} takes reduce-only orders alone until its price may be trusted.",
    ("instrument",),
)
PRICE_STALE = Reason(
    13, "price_stale", "The price behind {instrument} may not be trusted now.", ("instrument",)
)
AUCTION_RESTS = Reason(
    14,
    "auction_rests",
    "{instrument} is in its auction, which takes orders with a price that may rest.",
    ("instrument",),
)
EXPIRED = Reason(
    15,
    "expired",
    "The order was good till {good_till_ms} ms; it is {time_ms} ms.",
    ("good_till_ms", "time_ms"),
)
ORDERS_TOO_MANY = Reason(
    16, "orders_too_many", "An account has at most {limit_count} open orders.", ("limit_count",)
)
PRICE_TOO_FAR = Reason(
    17,
    "price_too_far",
    "The price {price_ticks} ticks is outside {lowest_ticks} to {highest_ticks}.",
    ("price_ticks", "lowest_ticks", "highest_ticks"),
)
TOO_LARGE = Reason(
    18,
    "too_large",
    "{size_lots} lots on one side are above what an account may have there, {limit_lots}.",
    ("size_lots", "limit_lots"),
)
NOTHING_TO_REDUCE = Reason(
    19,
    "nothing_to_reduce",
    "Of {held_lots} lots held, reduce-only orders close {resting_lots} already: none is left.",
    ("held_lots", "resting_lots"),
)
POST_ONLY_CROSSES = Reason(
    20,
    "post_only_crosses",
    "A post-only order at {price_ticks} ticks would trade at {best_price_ticks}.",
    ("price_ticks", "best_price_ticks"),
)
NOT_FILLABLE = Reason(
    21,
    "not_fillable",
    "Of {size_lots} lots to fill at once, {fillable_lots} could be.",
    ("size_lots", "fillable_lots"),
)
TRIGGER_UNKNOWN = Reason(
    22,
    "trigger_unknown",
    "A trigger is 0 none, 1 stop or 2 take-profit, not {trigger_number}.",
    ("trigger_number",),
)
TRIGGER_PRICE_MISSING = Reason(
    23, "trigger_price_missing", "A stop or take-profit, and no other order, has a trigger price."
)
TRIGGER_REACHED = Reason(
    24,
    "trigger_reached",
    "The mark {mark_price_ticks} ticks has reached the trigger {trigger_ticks} already.",
    ("trigger_ticks", "mark_price_ticks"),
)
TRIGGER_NOT_AMENDABLE = Reason(
    25,
    "trigger_not_amendable",
    "The order {order_id} waits for the mark: cancel it and place another.",
    ("order_id",),
)
NOTHING_AMENDED = Reason(
    26, "nothing_amended", "The order {order_id} is like that already.", ("order_id",)
)
PRICE_NOT_POSITIVE = Reason(
    27, "price_not_positive", "A resting order has a price of at least one tick."
)
DEAD_MAN_OUT_OF_RANGE = Reason(
    28,
    "dead_man_out_of_range",
    "A dead man's time is 0 (off) or {lowest_ms} to {highest_ms} ms, not {timeout_ms}.",
    ("timeout_ms", "lowest_ms", "highest_ms"),
)
OFF_TICK = Reason(
    29,
    "off_tick",
    "The price {price_e8} is not on the tick grid; the nearest are {below_e8} and {above_e8}.",
    ("price_e8", "below_e8", "above_e8"),
)
OFF_LOT = Reason(
    30,
    "off_lot",
    "The size {size_e8} is not a number of lots; the nearest are {below_e8} and {above_e8}.",
    ("size_e8", "below_e8", "above_e8"),
)
SELF_TRADE_UNKNOWN = Reason(
    31,
    "self_trade_unknown",
    "When a signer meets itself 0 the resting or 1 the incoming order goes, not {given_number}.",
    ("given_number",),
)
SETTLED = Reason(
    32,
    "settled",
    "{instrument} has ended at {price_ticks} ticks and trades no more.",
    ("instrument", "price_ticks"),
)
LEGS_COUNT_WRONG = Reason(
    33,
    "legs_count_wrong",
    "{lowest_count} to {highest_count} legs belong together, not {given_count}.",
    ("given_count", "lowest_count", "highest_count"),
)
LEG_REPEATED = Reason(
    34, "leg_repeated", "Two legs are in {instrument}; one says it all.", ("instrument",)
)
LEG_NOT_FILLABLE = Reason(
    35,
    "leg_not_fillable",
    "Of the {size_lots} lots in {instrument}, {fillable_lots} could be filled: no leg was.",
    ("instrument", "size_lots", "fillable_lots"),
)
NET_NOT_MET = Reason(
    36,
    "net_not_met",
    "The legs together cost {net_quantums} quantums, above {limit_quantums}: none was filled.",
    ("net_quantums", "limit_quantums", "asset"),
)

REASONS = (
    INSTRUMENT_UNKNOWN,
    SIDE_UNKNOWN,
    SIZE_NOT_POSITIVE,
    TIME_IN_FORCE_UNKNOWN,
    FLAGS_CONFLICT,
    CLIENT_ID_MALFORMED,
    CLIENT_ID_TAKEN,
    ORDER_UNKNOWN,
    CLIENT_ID_UNKNOWN,
    COMPARTMENT_DIFFERS,
    HALTED,
    REDUCE_ONLY_NOW,
    PRICE_STALE,
    AUCTION_RESTS,
    EXPIRED,
    ORDERS_TOO_MANY,
    PRICE_TOO_FAR,
    TOO_LARGE,
    NOTHING_TO_REDUCE,
    POST_ONLY_CROSSES,
    NOT_FILLABLE,
    TRIGGER_UNKNOWN,
    TRIGGER_PRICE_MISSING,
    TRIGGER_REACHED,
    TRIGGER_NOT_AMENDABLE,
    NOTHING_AMENDED,
    PRICE_NOT_POSITIVE,
    DEAD_MAN_OUT_OF_RANGE,
    OFF_TICK,
    OFF_LOT,
    SELF_TRADE_UNKNOWN,
    SETTLED,
    LEGS_COUNT_WRONG,
    LEG_REPEATED,
    LEG_NOT_FILLABLE,
    NET_NOT_MET,
)
