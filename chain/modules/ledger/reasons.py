"""Why money does not move."""

from chain.kit import Reason

AMOUNT_NOT_POSITIVE = Reason(
    1,
    "amount_not_positive",
    "An amount to move is at least one quantum, not {amount_quantums}.",
    ("amount_quantums",),
)
ASSET_UNKNOWN = Reason(2, "asset_unknown", "There is no asset {asset}.", ("asset",))
BALANCE_SHORT = Reason(
    3,
    "balance_short",
    "The holder has {balance_quantums} quantums of {asset} and is short by {short_by_quantums}.",
    ("asset", "balance_quantums", "short_by_quantums"),
)
SAME_HOLDER = Reason(4, "same_holder", "Debit and credit are the same holder.")
SUPPLY_EXCEEDED = Reason(
    5,
    "supply_exceeded",
    "Issuing would make {supply_quantums} quantums of {asset}, above {limit_quantums}.",
    ("asset", "supply_quantums", "limit_quantums"),
)
FEE_NOT_PAYABLE = Reason(
    6,
    "fee_not_payable",
    "The wallet has {balance_quantums} quantums of {asset} where a refusal costs {fee_quantums}.",
    ("asset", "balance_quantums", "fee_quantums"),
)

REASONS = (
    AMOUNT_NOT_POSITIVE,
    ASSET_UNKNOWN,
    BALANCE_SHORT,
    SAME_HOLDER,
    SUPPLY_EXCEEDED,
    FEE_NOT_PAYABLE,
)
