"""What a signer may ask of synthetics: to mint, to burn, to redeem. None can be taken back.

Source: docs/specs/synthetics.md, SYN-010 to SYN-049.
"""

from functools import partial
from typing import ClassVar

from chain.kit import CLASS_RELIEF, CLASS_TRADING, Context, record, require
from derivatives.accounts.authority import require_owner
from derivatives.synthetics import reasons
from derivatives.synthetics.attempts import tried
from derivatives.synthetics.minting import Mint as Minted
from derivatives.synthetics.minting import mint
from derivatives.synthetics.requests import ask
from derivatives.synthetics.state import REQUEST_BURN, REQUEST_MINT, REQUEST_REDEEM, Request
from derivatives.synthetics.terms import owed_lots, require_synthetic


def _require_size(size_lots: int) -> None:
    require(size_lots > 0, reasons.SIZE_TOO_SMALL, size_lots=size_lots, limit_lots=1)


@record
class Mint:
    """Ask to mint a synthetic against an account of the signer's, for the signer's wallet.

    It must be possible now, and is tested again at the price that it meets; cannot be taken
    back.
    """

    transaction_class: ClassVar[int] = CLASS_TRADING
    weight: ClassVar[int] = 3_000

    account_holder: str
    instrument: str
    size_lots: int

    def check(self) -> None:
        """Refuse a size that is not positive."""
        _require_size(self.size_lots)

    def apply(self, context: Context) -> None:
        """Look whether it could be now, and let it wait."""
        account, instrument_id = self.account_holder, self.instrument
        require_synthetic(context.state, instrument_id)
        require_owner(context, account)
        asked = Minted(0, instrument_id, account, context.signer, self.size_lots)
        tried(context, partial(mint, context, asked))
        request = Request(REQUEST_MINT, context.signer, account, self.size_lots, context.time_ms)
        ask(context, instrument_id, request)


@record
class Burn:
    """Ask to give up a synthetic of the signer's wallet, so that an account owes less of it.

    What the account does not owe any more when the price comes goes back to the wallet; cannot
    be taken back.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 800

    account_holder: str
    instrument: str
    size_lots: int

    def check(self) -> None:
        """Refuse a size that is not positive."""
        _require_size(self.size_lots)

    def apply(self, context: Context) -> None:
        """Take the asset out of the wallet, and let the request wait."""
        account, instrument_id = self.account_holder, self.instrument
        require_synthetic(context.state, instrument_id)
        require_owner(context, account)
        owed = owed_lots(context.state, account, instrument_id)
        require(
            owed >= self.size_lots,
            reasons.DEBT_SHORT,
            owed_lots=owed,
            size_lots=self.size_lots,
        )
        request = Request(REQUEST_BURN, context.signer, account, self.size_lots, context.time_ms)
        ask(context, instrument_id, request)


@record
class Redeem:
    """Ask to give up a synthetic of the signer's wallet for its index value in collateral.

    Whoever owes it longest pays, at the first price that was observed late enough; cannot be
    taken back.
    """

    transaction_class: ClassVar[int] = CLASS_TRADING
    weight: ClassVar[int] = 800

    instrument: str
    size_lots: int

    def check(self) -> None:
        """Refuse a size that is not positive."""
        _require_size(self.size_lots)

    def apply(self, context: Context) -> None:
        """Take the asset out of the wallet, and let the request wait."""
        request = Request(REQUEST_REDEEM, context.signer, "", self.size_lots, context.time_ms)
        ask(context, self.instrument, request)
