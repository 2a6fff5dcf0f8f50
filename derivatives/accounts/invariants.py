"""What is always true of accounts and of what they hold.

Source: docs/specs/accounts.md.
"""

from chain.kit import View, account, each, hold
from chain.modules.ledger.state import BALANCES
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import compartment_of
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, COMPARTMENTS, CUSTODY, DEBTORS
from derivatives.ids import is_account
from derivatives.instruments.state import INSTRUMENTS


def custody_is_what_holders_have(view: View) -> None:
    """Hold, for every compartment and asset, that custody is the sum of its holders' balances."""
    held: dict[tuple[str, str], int] = {}
    for key, balance in each(view, BALANCES):
        assert isinstance(key, tuple)
        holder, asset = str(key[0]), str(key[1])
        compartment = compartment_of(view, holder)
        if compartment is None:
            hold(not is_account(holder), f"{holder} is not open")
        else:
            place = (compartment, asset)
            held[place] = held.get(place, 0) + balance.amount_quantums
    stored = {key: custody.amount_quantums for key, custody in view.scan(CUSTODY)}
    found = {place: total for place, total in held.items() if total}
    hold(found == stored, f"custody is stored as {stored}, holders have {found}")
    hold(all(total >= 0 for total in found.values()), f"custody below zero: {found}")


def only_cash_is_owed(view: View) -> None:
    """Hold that a balance below zero is one of the settlement asset, and its account is known."""
    owing: set[tuple[str, str]] = set()
    for key, balance in each(view, BALANCES):
        assert isinstance(key, tuple)
        holder, asset = str(key[0]), str(key[1])
        if balance.amount_quantums >= 0:
            continue
        compartment = compartment_of(view, holder)
        hold(compartment is not None, f"{holder} owes outside every compartment")
        assert compartment is not None
        settlement = compartment_terms(view, compartment).settlement_asset
        hold(asset == settlement, f"{holder} owes {asset}, not {settlement}")
        if is_account(holder):
            owing.add((compartment, holder))
    debtors = {key for key, _ in view.scan(DEBTORS)}
    hold(debtors == owing, f"debtors are {sorted(map(str, debtors))}, owing {sorted(owing)}")


def every_account_is_where_it_says(view: View) -> None:
    """Hold that an account's key is its owner's and its number's, in a known compartment."""
    for key, record in each(view, ACCOUNTS):
        named = key == account(record.owner, record.number)
        hold(named, f"{key!r} is number {record.number} of {record.owner.hex()}")
        known = view.get(COMPARTMENTS, record.compartment) is not None
        hold(known, f"{key!r} lives in unknown {record.compartment}")


def every_compartment_settles_in_its_collateral(view: View) -> None:
    """Hold that settlement is collateral at par, and that instruments are quoted in it."""
    for key, terms in view.scan(COMPARTMENTS):
        par = view.get(COLLATERAL, (str(key), terms.settlement_asset))
        at_par = par is not None and par.feed == "" and par.haircut_ppm == 0
        hold(at_par, f"{key!r}: {terms.settlement_asset} is not at par")
    for key, instrument in view.scan(INSTRUMENTS):
        settlement = compartment_terms(view, instrument.compartment).settlement_asset
        hold(instrument.quote == settlement, f"{key!r} is quoted in {instrument.quote}")


INVARIANTS = (
    custody_is_what_holders_have,
    only_cash_is_owed,
    every_account_is_where_it_says,
    every_compartment_settles_in_its_collateral,
)
