"""An offer, what is signed of it, and whether it may still be accepted.

    signed bytes = "NOVATION/block-offer/1" | chain id | offer, canonically encoded

An offer names whom it is for, so that nobody else takes it, and when it ends, so that what
was used need not be remembered longer.  A number makes it one of its own: of two offers of
an account with one end and one number, one is accepted at most.

Source: docs/specs/block_trades.md, BLTR-001 to BLTR-019.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from chain.kit import (
    CLASS_TRADING,
    U8,
    Address,
    Context,
    PublicKey,
    Refusal,
    Signature,
    View,
    encode,
    is_genuine,
    record,
    require,
)
from chain.kit.holder import text_of_holder
from chain.modules.signers.authority import authority_refusal
from derivatives.accounts.authority import may_trade, require_open
from derivatives.block_trades import reasons
from derivatives.block_trades.state import OFFER_FLOORS, USED_OFFERS, UsedOffer
from derivatives.ids import AccountId

TAG_OFFER = b"NOVATION/block-offer/1"
OFFER_MS_MAX = 86_400_000
"""How far ahead of its block an offer may end: a day."""
SIGNATURES_MAX_COUNT = 16


@record
class BlockLeg:
    """One leg as the offering account trades it: 1 buys, 2 sells, at this price."""

    instrument: str
    side: U8
    size_lots: int
    price_ticks: int


@record
class Offer:
    """What one side signs: its account trades these legs with that account, all or none."""

    signer: Address
    account_holder: str
    counterparty_holder: str
    legs: tuple[BlockLeg, ...]
    expires_ms: int
    offer_sequence: int


@record
class OfferSignature:
    """One key's signature of an offer."""

    public_key: PublicKey
    signature: Signature


def offer_bytes(chain_id: bytes, offer: Offer) -> bytes:
    """Return what a key of the offering signer signs."""
    return TAG_OFFER + chain_id + encode(offer)


def check_signatures(signatures: Sequence[OfferSignature]) -> None:
    """Refuse signatures whose number or order is wrong, genuine or not.

    Refuses: block_trades.signatures_wrong.
    """
    keys = [one.public_key for one in signatures]
    require(
        0 < len(keys) <= SIGNATURES_MAX_COUNT and all(a < b for a, b in pairwise(keys)),
        reasons.SIGNATURES_WRONG,
        given_count=len(keys),
        limit_count=SIGNATURES_MAX_COUNT,
    )


def require_standing(view: View, offer: Offer, time_ms: int) -> None:
    """Refuse an offer that has ended, ends too late, was used or was taken back.

    Refuses: block_trades.offer_expired, .offer_too_long, .offer_used, .offer_revoked.
    """
    expires_ms, sequence = offer.expires_ms, offer.offer_sequence
    require(time_ms <= expires_ms, reasons.OFFER_EXPIRED, expires_ms=expires_ms, time_ms=time_ms)
    latest_ms = time_ms + OFFER_MS_MAX
    require(
        expires_ms <= latest_ms,
        reasons.OFFER_TOO_LONG,
        expires_ms=expires_ms,
        latest_ms=latest_ms,
    )
    used = view.get(USED_OFFERS, (expires_ms, offer.account_holder, sequence))
    if used is not None:
        raise Refusal(
            reasons.OFFER_USED, offer_sequence=sequence, accepted_height=used.accepted_height
        )
    lowest_sequence = lowest_sequence_of(view, offer.account_holder)
    require(
        sequence >= lowest_sequence,
        reasons.OFFER_REVOKED,
        offer_sequence=sequence,
        lowest_sequence=lowest_sequence,
    )


def require_signed(
    context: Context,
    offer: Offer,
    signatures: Sequence[OfferSignature],
    action: tuple[int, Any],
) -> None:
    """Refuse an offer that its signer did not make, or may not make for the account.

    The keys are judged as for a transaction of this kind and payload, agents included.
    Refuses: accounts.account_unknown, block_trades.offerer_may_not, .signature_false, and
    what refuses a signer's keys.
    """
    account = offer.account_holder
    require_open(context.state, account)
    allowed = may_trade(context.state, account, offer.signer, context.time_ms)
    require(allowed, reasons.OFFERER_MAY_NOT, account=text_of_holder(account))
    refusal = authority_refusal(
        context.state,
        signer=offer.signer,
        signing_keys=tuple(one.public_key for one in signatures),
        actions=(action,),
        transaction_class=CLASS_TRADING,
        time_ms=context.time_ms,
    )
    if refusal is not None:
        raise refusal
    message = offer_bytes(context.chain_id, offer)
    for one in signatures:
        genuine = is_genuine(one.public_key, message, one.signature)
        require(genuine, reasons.SIGNATURE_FALSE, public_key=f"0x{one.public_key.hex()}")


def use(context: Context, offer: Offer) -> None:
    """Let this be the only time that an offer is accepted."""
    key = (offer.expires_ms, offer.account_holder, offer.offer_sequence)
    context.state.put(USED_OFFERS, key, UsedOffer(context.height))


def lowest_sequence_of(view: View, account: AccountId) -> int:
    """Return the lowest number of an offer of an account that is not taken back."""
    floor = view.get(OFFER_FLOORS, account)
    return 0 if floor is None else floor.lowest_sequence
