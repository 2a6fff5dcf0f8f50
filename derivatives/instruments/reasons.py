"""Why a strike is not listed as asked, and why an option is not opened."""

from chain.kit import Reason

DATE_NOT_LISTED = Reason(
    1,
    "date_not_listed",
    "No date of {feed} that is listed by rule ends at {expiry_ms} ms.",
    ("feed", "expiry_ms"),
)
STRIKE_NOT_POSITIVE = Reason(
    2, "strike_not_positive", "A strike is above nothing, not {strike_e8}.", ("strike_e8",)
)
STRIKE_OFF_GRID = Reason(
    3,
    "strike_off_grid",
    "Strikes of this date are {step_e8} apart: {below_e8} or {above_e8}, not {strike_e8}.",
    ("strike_e8", "step_e8", "below_e8", "above_e8"),
)
STRIKE_OUT_OF_REACH = Reason(
    4,
    "strike_out_of_reach",
    "The strike {strike_e8} is outside {lowest_e8} to {highest_e8}.",
    ("strike_e8", "lowest_e8", "highest_e8"),
)
STRIKE_LISTED = Reason(
    5, "strike_listed", "{instrument} is listed, and so is its other side.", ("instrument",)
)
STRIKES_TOO_MANY = Reason(
    6, "strikes_too_many", "A date has at most {limit_count} strikes.", ("limit_count",)
)
DATE_CLOSING = Reason(
    7,
    "date_closing",
    "The date ends in {left_ms} ms, and takes new strikes until {closing_ms} ms before.",
    ("left_ms", "closing_ms"),
)
FORWARD_NOT_NORMAL = Reason(
    8, "forward_not_normal", "The forward {feed} has no price that may be used now.", ("feed",)
)
INSTRUMENTS_TOO_MANY = Reason(
    9, "instruments_too_many", "At most {limit_count} instruments are listed.", ("limit_count",)
)
SURFACE_UNKNOWN = Reason(
    10,
    "surface_unknown",
    "Nobody has told the volatility of {instrument} yet, so it has no price.",
    ("instrument",),
)
SURFACE_STALE = Reason(
    11,
    "surface_stale",
    "The volatility of {instrument} is of {chosen_ms} ms, {age_ms} ms ago: only reduce now.",
    ("instrument", "chosen_ms", "age_ms"),
)
SURFACE_HELD = Reason(
    12,
    "surface_held",
    "The volatility of {instrument} moved too far, {held_count} times: only reduce now.",
    ("instrument", "held_count"),
)

REASONS = (
    DATE_NOT_LISTED,
    STRIKE_NOT_POSITIVE,
    STRIKE_OFF_GRID,
    STRIKE_OUT_OF_REACH,
    STRIKE_LISTED,
    STRIKES_TOO_MANY,
    DATE_CLOSING,
    FORWARD_NOT_NORMAL,
    INSTRUMENTS_TOO_MANY,
    SURFACE_UNKNOWN,
    SURFACE_STALE,
    SURFACE_HELD,
)
