"""The terms of synthetics, what was asked and waits for its price, and who owes since when."""

from chain.kit import U8, U63, Address, Table, address_key, integer_key, record
from derivatives.ids import ACCOUNT, INSTRUMENT

REQUEST_MINT = 1
REQUEST_BURN = 2
REQUEST_REDEEM = 3


@record
class Synthetic:
    """An asset that has an instrument's name and is worth what a lot of it is, each quantum.

    A request is filled at the first price observed at least `delay_ms` after its block.  It
    is for `size_min_lots` or more; a signer has `signer_requests_max_count` waiting at most,
    over all synthetics; `mint_hour_cap_lots` are minted in an hour of header time.
    """

    delay_ms: int
    size_min_lots: int
    mint_hour_cap_lots: int
    signer_requests_max_count: int


@record
class Request:
    """What a signer asked and cannot take back: 1 mint, 2 burn, 3 redeem.

    `size_lots` are those still to be filled.  A redeem is of no account; what is to be burned
    or redeemed is with the holder `pending/SYNTHETIC` meanwhile.
    """

    kind: U8
    signer: Address
    account_holder: str
    size_lots: int
    asked_ms: int


@record
class Issuance:
    """The last numbers that a synthetic gave out, and what was minted in an hour."""

    last_request_id: U63
    last_place: U63
    hour_start_ms: int
    hour_minted_lots: int


@record
class Debt:
    """An account that owes a synthetic, or did: redeeming forgets who is found to owe none."""

    account_holder: str


@record
class DebtPlace:
    """Where an account stands among those that owe a synthetic: the first is redeemed first."""

    place: U63


@record
class Waiting:
    """How many requests of a signer wait; deleted at zero."""

    requests_count: int


REQUEST_ID = integer_key("request_id", 64)

SYNTHETICS = Table(1, "synthetics", key=(INSTRUMENT,), value=Synthetic, ordered=True)
REQUESTS = Table(2, "synthetic_requests", key=(INSTRUMENT, REQUEST_ID), value=Request, ordered=True)
ISSUANCES = Table(3, "synthetic_issuances", key=(INSTRUMENT,), value=Issuance)
DEBTS = Table(
    4, "synthetic_debts", key=(INSTRUMENT, integer_key("place", 64)), value=Debt, ordered=True
)
DEBT_PLACES = Table(
    5, "synthetic_debt_places", key=(INSTRUMENT, ACCOUNT), value=DebtPlace, ordered=True
)
WAITING = Table(6, "synthetic_waiting", key=(address_key("signer"),), value=Waiting, ordered=True)
