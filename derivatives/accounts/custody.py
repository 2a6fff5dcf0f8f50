"""What a compartment holds of an asset: the sum over its accounts, houses and funds.

Money moves freely between holders of one compartment and custody stays; it changes only
where an asset enters or leaves the compartment, and is never below zero.

Source: docs/specs/accounts.md, ACCT-040 to ACCT-044.
"""

from chain.kit import HolderId, State, View, require
from derivatives.accounts import reasons
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, COMPARTMENTS, CUSTODY, Custody
from derivatives.ids import CompartmentId
from derivatives.instruments.state import INSTRUMENTS

INSTRUMENT_HOLDERS = ("house", "house-funding", "issuer")
COMPARTMENT_HOLDERS = ("insurance", "default-fund", "default", "fees")


def custody_of(view: View, compartment: CompartmentId, asset: str) -> int:
    """Return what a compartment's holders have of an asset together, in quantums."""
    stored = view.get(CUSTODY, (compartment, asset))
    return 0 if stored is None else stored.amount_quantums


def compartment_of(view: View, holder: HolderId) -> CompartmentId | None:
    """Return the compartment that a holder belongs to, None for a wallet or another name."""
    account = view.get(ACCOUNTS, holder)
    if account is not None:
        return account.compartment
    kind, slash, name = holder.partition("/")
    if slash and kind in INSTRUMENT_HOLDERS:
        instrument = view.get(INSTRUMENTS, name)
        return None if instrument is None else instrument.compartment
    if slash and kind in COMPARTMENT_HOLDERS and view.get(COMPARTMENTS, name) is not None:
        return name
    return None


def take_into_custody(
    state: State, compartment: CompartmentId, asset: str, amount_quantums: int
) -> None:
    """Count what enters a compartment as collateral.

    Refuses: accounts.asset_not_collateral, .collateral_cap_exceeded.
    """
    terms = state.get(COLLATERAL, (compartment, asset))
    require(terms is not None, reasons.ASSET_NOT_COLLATERAL, asset=asset, compartment=compartment)
    assert terms is not None
    total_quantums = custody_of(state, compartment, asset) + amount_quantums
    require(
        total_quantums <= terms.cap_quantums,
        reasons.COLLATERAL_CAP_EXCEEDED,
        asset=asset,
        amount_quantums=total_quantums,
        limit_quantums=terms.cap_quantums,
    )
    state.put(CUSTODY, (compartment, asset), Custody(total_quantums))


def release_from_custody(
    state: State, compartment: CompartmentId, asset: str, amount_quantums: int
) -> None:
    """Count what leaves a compartment. Refuses: accounts.custody_short."""
    held_quantums = custody_of(state, compartment, asset)
    left_quantums = held_quantums - amount_quantums
    require(
        left_quantums >= 0,
        reasons.CUSTODY_SHORT,
        asset=asset,
        custody_quantums=held_quantums,
        short_by_quantums=-left_quantums,
    )
    if left_quantums:
        state.put(CUSTODY, (compartment, asset), Custody(left_quantums))
    else:
        state.delete(CUSTODY, (compartment, asset))
