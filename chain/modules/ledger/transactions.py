"""What a signer may ask of its wallet.

Source: docs/specs/ledger.md, LEDG-020 to LEDG-024.
"""

from typing import ClassVar

from chain.kit import CLASS_REST, Address, Context, Refusal, record, wallet
from chain.modules.ledger import reasons
from chain.modules.ledger.balances import transfer
from chain.modules.signers.opening import open_on_receipt


@record
class Transfer:
    """Move an amount of an asset from the signer's wallet to another signer's.

    The first transfer to an address opens it, when it is large enough.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 300

    to: Address
    asset: str
    amount_quantums: int

    def check(self) -> None:
        """Refuse an amount that is not positive."""
        if self.amount_quantums <= 0:
            raise Refusal(reasons.AMOUNT_NOT_POSITIVE, amount_quantums=self.amount_quantums)

    def apply(self, context: Context) -> None:
        """Open the receiver where that is due, and move the amount."""
        open_on_receipt(context, self.to, self.asset, self.amount_quantums)
        transfer(
            context,
            debit=wallet(context.signer),
            credit=wallet(self.to),
            asset=self.asset,
            amount_quantums=self.amount_quantums,
        )
