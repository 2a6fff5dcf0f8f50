"""What is stored of money."""

from chain.kit import Item, Table, holder_key, record, text_key

ASSET_BYTES_MAX = 16
DECIMALS_MAX = 18


@record
class Asset:
    """A kind of money: one whole unit is 10^decimals quantums."""

    decimals: int


@record
class Balance:
    """What a holder has of an asset; a balance of zero is not stored."""

    amount_quantums: int


@record
class Supply:
    """How much of an asset there is: the sum of its balances, at most 2^62."""

    supply_quantums: int


@record
class LedgerParameters:
    """What an included and refused transaction pays to the holder `fees`."""

    fee_asset: str
    fee_refused_quantums: int


ASSETS = Table(1, "assets", key=(text_key("asset", ASSET_BYTES_MAX),), value=Asset, ordered=True)
BALANCES = Table(
    2,
    "balances",
    key=(holder_key("holder"), text_key("asset", ASSET_BYTES_MAX)),
    value=Balance,
)
SUPPLIES = Table(3, "supplies", key=(text_key("asset", ASSET_BYTES_MAX),), value=Supply)
LEDGER_PARAMETERS = Item(4, "ledger_parameters", value=LedgerParameters)
