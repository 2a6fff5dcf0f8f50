"""Open a signer: who receives enough may act.

Source: docs/specs/signers.md, SIGN-001 to SIGN-004.
"""

from chain.kit import Emitter, View, require
from chain.modules.signers.events import SignerOpened
from chain.modules.signers.reasons import MINIMUM_NOT_MET
from chain.modules.signers.state import SIGNER_PARAMETERS, SIGNERS, Signer, SignerParameters


def signer_parameters_of(view: View) -> SignerParameters:
    """Return what it takes to open a signer."""
    parameters = view.get(SIGNER_PARAMETERS, ())
    assert parameters is not None, "genesis says what opens a signer"
    return parameters


def open_on_receipt(context: Emitter, address: bytes, asset: str, amount_quantums: int) -> None:
    """Open the signer of this address, unless it is open, for what it is about to receive.

    Refuses: signers.minimum_not_met, for too little or another asset.
    """
    if context.state.get(SIGNERS, address) is not None:
        return
    parameters = signer_parameters_of(context.state)
    require(
        asset == parameters.minimum_asset and amount_quantums >= parameters.signer_minimum_quantums,
        MINIMUM_NOT_MET,
        minimum_quantums=parameters.signer_minimum_quantums,
        asset=parameters.minimum_asset,
    )
    context.state.put(SIGNERS, address, Signer(threshold=1, keys=(address,)))
    context.emit(SignerOpened(signer=address))
