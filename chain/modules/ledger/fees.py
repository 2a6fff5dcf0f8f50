"""What a refusal costs: a transaction that is included and refused is not free to repeat.

Source: docs/specs/ledger.md, LEDG-030 to LEDG-033.
"""

from chain.kit import Refusal, State, View, wallet
from chain.modules.ledger.balances import balance_of, move_silently
from chain.modules.ledger.reasons import FEE_NOT_PAYABLE
from chain.modules.ledger.state import LEDGER_PARAMETERS, LedgerParameters

FEES_HOLDER = "fees"


def ledger_parameters_of(view: View) -> LedgerParameters:
    """Return what a refusal costs, and in which asset."""
    parameters = view.get(LEDGER_PARAMETERS, ())
    assert parameters is not None, "genesis sets the refusal fee"
    return parameters


def is_fee_payable(view: View, signer: bytes, parameters: LedgerParameters) -> bool:
    """Return whether a signer's wallet can pay for a refusal."""
    balance_quantums = balance_of(view, wallet(signer), parameters.fee_asset)
    return balance_quantums >= parameters.fee_refused_quantums


def fee_refusal(view: View, signer: bytes) -> Refusal | None:
    """Return why a signer's wallet cannot pay for a refusal, or None when it can."""
    parameters = ledger_parameters_of(view)
    if is_fee_payable(view, signer, parameters):
        return None
    return Refusal(
        FEE_NOT_PAYABLE,
        asset=parameters.fee_asset,
        balance_quantums=balance_of(view, wallet(signer), parameters.fee_asset),
        fee_quantums=parameters.fee_refused_quantums,
    )


def charge_refusal(state: State, signer: bytes) -> int:
    """Move the refusal fee from the signer's wallet to `fees`, and return it in quantums."""
    parameters = ledger_parameters_of(state)
    fee_quantums = parameters.fee_refused_quantums
    move_silently(
        state,
        debit=wallet(signer),
        credit=FEES_HOLDER,
        asset=parameters.fee_asset,
        amount_quantums=fee_quantums,
    )
    return fee_quantums
