"""What happened to futures."""

from chain.kit import record


@record
class PositionSettled:
    """An account's lots of an expired instrument were closed at its settlement price.

    `size_lots` is what it held of them, below zero for a short; `realised_quantums` went from
    the house to the account.
    """

    account_holder: str
    instrument: str
    size_lots: int
    price_ticks: int
    realised_quantums: int
