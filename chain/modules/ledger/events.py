"""What happened to money."""

from chain.kit import record


@record
class Transferred:
    """Money moved from one holder to another."""

    debit_holder: str
    credit_holder: str
    asset: str
    amount_quantums: int


@record
class Issued:
    """Money came into being with a holder."""

    holder: str
    asset: str
    amount_quantums: int


@record
class Retired:
    """Money ceased to be with a holder."""

    holder: str
    asset: str
    amount_quantums: int
