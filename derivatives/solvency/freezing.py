"""Stop a compartment as it is: what trades in it is frozen, and nothing leaves it.

Source: docs/specs/solvency.md, SOLV-010 to SOLV-018.
"""

from collections.abc import Collection, Iterable

from chain.kit import BlockContext, Context, State, View, require
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, COMPARTMENTS
from derivatives.ids import AccountId, CompartmentId, is_account
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.trading import freeze as freeze_instrument
from derivatives.margin.gate import held_by
from derivatives.solvency import reasons
from derivatives.solvency.confined import without
from derivatives.solvency.events import CompartmentFrozen
from derivatives.solvency.state import FROZEN, Frozen


class Compartments:
    """How the machine keeps compartments apart: a quarantine of `chain.kit`."""

    def compartments(self, view: View) -> tuple[str, ...]:
        """Return every compartment, ascending."""
        return tuple(str(key) for key, _ in view.scan(COMPARTMENTS))

    def frozen(self, view: View) -> tuple[str, ...]:
        """Return the compartments that stand still, ascending."""
        return tuple(str(key) for key, _ in view.scan(FROZEN))

    def without(self, state: State, hidden: Collection[str]) -> State:
        """Return the state with the rows of these compartments hidden from scans."""
        return without(state, hidden)

    def freeze(self, context: BlockContext, compartment: str, cause: str) -> None:
        """Stop a compartment as it is, and tell it."""
        freeze(context, compartment, cause)


def freeze(context: BlockContext, compartment: CompartmentId, cause: str) -> None:
    """Stop a compartment as it is, and tell it; one that stands still already stays so."""
    state = context.state
    if state.get(FROZEN, compartment) is not None:
        return
    state.put(FROZEN, compartment, Frozen(context.time_ms, context.height, cause))
    for key, instrument in tuple(state.scan(INSTRUMENTS)):
        if instrument.compartment == compartment:
            freeze_instrument(context, str(key))
    context.emit(CompartmentFrozen(compartment, cause))


def hold_frozen(context: Context, touched: Iterable[str]) -> None:
    """Refuse what changes a position or takes an asset in a compartment that stands still.

    Cancels and deposits do neither.  Refuses: solvency.compartment_frozen.
    """
    for account in touched:
        record = context.state.get(ACCOUNTS, account) if is_account(account) else None
        if record is None:
            continue
        frozen = context.state.get(FROZEN, record.compartment)
        if frozen is None:
            continue
        require(
            _only_gains(context.before(), context.state, account, record.compartment),
            reasons.COMPARTMENT_FROZEN,
            compartment=record.compartment,
            cause=frozen.cause,
            since_height=frozen.since_height,
        )


def _only_gains(before: View, view: View, account: AccountId, compartment: CompartmentId) -> bool:
    """Return whether an account has the same positions and no less of anything."""
    if held_by(before, account).sizes != held_by(view, account).sizes:
        return False
    assets = [str(key[1]) for key, _ in view.scan(COLLATERAL, (compartment,))]  # type: ignore[index]
    return all(
        balance_of(view, account, asset) >= balance_of(before, account, asset) for asset in assets
    )
