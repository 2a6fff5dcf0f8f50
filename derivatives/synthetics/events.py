"""What came of requests for synthetics."""

from chain.kit import U8, U63, record


@record
class SyntheticRequested:
    """A signer asked for a mint (1), a burn (2) or a redeem (3), and cannot take it back.

    It meets the first price observed at `due_ms` or later.
    """

    request_id: U63
    instrument: str
    kind: U8
    holder: str
    account_holder: str
    size_lots: int
    due_ms: int


@record
class SyntheticMinted:
    """An account owes so many lots more, and its owner has as many quantums of the asset."""

    request_id: U63
    instrument: str
    account_holder: str
    size_lots: int
    index_value_quantums: int
    fee_quantums: int


@record
class MintLapsed:
    """A mint met its price and could not be: nothing was minted, for the reason it names."""

    request_id: U63
    instrument: str
    account_holder: str
    size_lots: int
    reason: str


@record
class SyntheticBurned:
    """An account owes so many lots less; what it did not owe went back to the wallet."""

    request_id: U63
    instrument: str
    account_holder: str
    size_lots: int
    returned_lots: int


@record
class CollateralPaid:
    """An amount of collateral that paid for a redeem, and its index value."""

    asset: str
    amount_quantums: int
    value_quantums: int


@record
class SyntheticRedeemed:
    """A holder gave up lots and was paid their index value by an account that owed them.

    Cash, the values of collateral and dust sum to the index value; the dust, less than a
    quantum of the last asset is worth, stayed with the account.
    """

    request_id: U63
    instrument: str
    holder: str
    account_holder: str
    size_lots: int
    index_value_quantums: int
    cash_quantums: int
    collateral: tuple[CollateralPaid, ...]
    dust_quantums: int
