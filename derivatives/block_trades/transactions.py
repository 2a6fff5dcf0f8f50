"""Accept an offer that the other side signed, or take one's own offers back.

Source: docs/specs/block_trades.md, BLTR-001 to BLTR-049.
"""

from typing import ClassVar

from chain.kit import CLASS_RELIEF, CLASS_TRADING, Context, Refusal, record, require
from chain.kit.holder import text_of_holder
from derivatives.accounts.authority import require_may_trade
from derivatives.accounts.state import ACCOUNTS
from derivatives.block_trades import reasons
from derivatives.block_trades.events import BlockTraded, OffersRevoked
from derivatives.block_trades.offers import (
    Offer,
    OfferSignature,
    check_signatures,
    lowest_sequence_of,
    require_signed,
    require_standing,
    use,
)
from derivatives.block_trades.state import OFFER_FLOORS, OfferFloor
from derivatives.block_trades.trading import Sides, trade_leg
from derivatives.ids import AccountId
from derivatives.orders import reasons as orders_reasons
from derivatives.orders.bundles.legs import check_legs, leg_named
from derivatives.orders.matching import SECTION_FOUR, owner_of

LEG_WEIGHT, SIGNATURE_WEIGHT = 5_000, 1_500
ACCEPT_KIND = 4_401
"""What an agent's scope names, so that its key may sign offers too."""


@record
class Accept:
    """Trade the legs of a signed offer, the other way round, all of them or none."""

    transaction_class: ClassVar[int] = CLASS_TRADING

    account_holder: str
    offer: Offer
    signatures: tuple[OfferSignature, ...]

    @property
    def weight(self) -> int:
        """Return the work of as many trades and signatures."""
        return LEG_WEIGHT * (1 + len(self.offer.legs)) + SIGNATURE_WEIGHT * len(self.signatures)

    def check(self) -> None:
        """Refuse what no state could make right.

        Refuses: orders.legs_count_wrong, .side_unknown, .size_not_positive, .leg_repeated,
        .price_not_positive, block_trades.signatures_wrong, .not_counterparty.
        """
        check_legs(self.offer.legs, 1)
        for index, leg in enumerate(self.offer.legs):
            with leg_named(index):
                require(leg.price_ticks > 0, orders_reasons.PRICE_NOT_POSITIVE)
        check_signatures(self.signatures)
        if self.offer.counterparty_holder != self.account_holder:
            raise Refusal(
                reasons.NOT_COUNTERPARTY,
                counterparty=text_of_holder(self.offer.counterparty_holder),
                account=text_of_holder(self.account_holder),
            )

    def apply(self, context: Context) -> None:
        """Novate every leg, then test both sides as if all had been one fill."""
        offer, accepting = self.offer, self.account_holder
        compartment = require_may_trade(context, accepting).compartment
        require_standing(context.state, offer, context.time_ms)
        require_signed(context, offer, self.signatures, (ACCEPT_KIND, self))
        sides = Sides(offer.account_holder, accepting)
        distinct = owner_of(sides.offering) != owner_of(sides.accepting)
        require(distinct, reasons.SAME_OWNER)
        for account in sides:
            _require_sound(context, account)
        before = [SECTION_FOUR.before(context.state, account) for account in sides]
        net_quantums = fee_quantums = 0
        for index, leg in enumerate(offer.legs):
            with leg_named(index):
                cost = trade_leg(context, leg, sides, compartment)
            net_quantums += cost.net_quantums
            fee_quantums += cost.fee_quantums
        for account, stood in zip(sides, before, strict=True):
            refusal = SECTION_FOUR.refusal(context.state, account, stood)
            if refusal is not None:
                raise refusal
        use(context, offer)
        context.emit(
            BlockTraded(
                sides.offering,
                sides.accepting,
                offer.offer_sequence,
                len(offer.legs),
                net_quantums,
                fee_quantums,
            )
        )


@record
class Revoke:
    """Void every offer of an account whose number is below this one."""

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 1_500

    account_holder: str
    lowest_sequence: int

    def check(self) -> None:
        """Refuse nothing: state decides."""

    def apply(self, context: Context) -> None:
        """Raise the account's floor. Refuses: block_trades.floor_not_raised."""
        account = self.account_holder
        require_may_trade(context, account)
        before = lowest_sequence_of(context.state, account)
        require(
            self.lowest_sequence > before,
            reasons.FLOOR_NOT_RAISED,
            lowest_sequence=before,
            given_sequence=self.lowest_sequence,
        )
        context.state.put(OFFER_FLOORS, account, OfferFloor(self.lowest_sequence))
        context.emit(OffersRevoked(account, self.lowest_sequence))


def _require_sound(context: Context, account: AccountId) -> None:
    """Refuse an account that is being liquidated. Refuses: block_trades.account_failing."""
    record = context.state.get(ACCOUNTS, account)
    failing = record is not None and record.flagged_ms > 0
    require(not failing, reasons.ACCOUNT_FAILING, account=text_of_holder(account))
