"""What can be asked of accounts that is not simply stored."""

from chain.kit import Query, View, address_key, record, wallet
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.collateral import collateral_of
from derivatives.accounts.debt import debt_of_compartment
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, COMPARTMENTS
from derivatives.ids import ACCOUNT, COMPARTMENT, default_fund_of, insurance_of


@record
class CollateralAmount:
    """What an account has of one asset, and the haircut that it takes."""

    asset: str
    amount_quantums: int
    haircut_ppm: int


@record
class AccountCollateral:
    """Everything that backs an account, cash included, by asset."""

    account_holder: str
    collateral: tuple[CollateralAmount, ...]


@record
class OwnedAccounts:
    """The accounts of one signer, by number."""

    account_holders: tuple[str, ...]


@record
class CompartmentFund:
    """What stands behind a compartment, and what its accounts owe."""

    compartment: str
    insurance_quantums: int
    default_fund_quantums: int
    debt_quantums: int


def account_collateral(view: View, account_holder: str) -> AccountCollateral:
    """Return what an account has of each collateral asset of its compartment."""
    record = view.get(ACCOUNTS, account_holder)
    amounts = []
    for asset, amount_quantums in collateral_of(view, account_holder):
        assert record is not None
        terms = view.get(COLLATERAL, (record.compartment, asset))
        haircut_ppm = 0 if terms is None else terms.haircut_ppm
        amounts.append(CollateralAmount(asset, amount_quantums, haircut_ppm))
    return AccountCollateral(account_holder, tuple(amounts))


def accounts_of(view: View, owner: bytes) -> OwnedAccounts:
    """Return every account that a signer has opened."""
    mine = []
    # A wallet's text sorts right before its accounts', so the scan reads these and one more.
    for key, found in view.scan(ACCOUNTS, after=wallet(owner)):
        if found.owner != owner:
            break
        mine.append((found.number, str(key)))
    return OwnedAccounts(tuple(account for _, account in sorted(mine)))


def compartment_fund(view: View, compartment: str) -> CompartmentFund:
    """Return a compartment's insurance and default funds, and the debt of its accounts."""
    terms = view.get(COMPARTMENTS, compartment)
    if terms is None:
        return CompartmentFund(compartment, 0, 0, 0)
    asset = terms.settlement_asset
    return CompartmentFund(
        compartment,
        balance_of(view, insurance_of(compartment), asset),
        balance_of(view, default_fund_of(compartment), asset),
        debt_of_compartment(view, compartment),
    )


QUERIES = (
    Query("collateral_of", account_collateral, {"account_holder": ACCOUNT}),
    Query("of_owner", accounts_of, {"owner": address_key("owner")}),
    Query("fund", compartment_fund, {"compartment": COMPARTMENT}),
)
