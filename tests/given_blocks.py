"""Block trades in a line: `accepting("bob", offering("alice", "bob", (SELL, 2_000, ...)))`."""

from collections.abc import Iterable
from typing import Any

from derivatives.block_trades.offers import BlockLeg, Offer, OfferSignature, offer_bytes
from derivatives.block_trades.transactions import Accept
from tests import given
from tests.given_legs import Said, leg_said
from tests.given_market import account_of


def offering(name: str, to: str, *legs: Said, expires_ms: int, sequence: int = 1) -> Offer:
    """Return what a name offers another's account 0, from the offering side."""
    return Offer(
        signer=given.address(name),
        account_holder=account_of(name),
        counterparty_holder=account_of(to),
        legs=tuple(
            BlockLeg(instrument, side, lots, ticks) for side, lots, instrument, ticks in legs
        ),
        expires_ms=expires_ms,
        offer_sequence=sequence,
    )


def signatures_of(
    offer: Offer, names: Iterable[str], chain_id: bytes = bytes(32)
) -> tuple[OfferSignature, ...]:
    """Return these names' signatures of an offer, ascending by key."""
    message = offer_bytes(chain_id, offer)
    keys = sorted((given.key(name) for name in names), key=lambda key: key.public_key)
    return tuple(OfferSignature(key.public_key, key.sign(message)) for key in keys)


def accepting(
    name: str, offer: Offer, *signed_by: str, chain_id: bytes = bytes(32), **how: Any
) -> Accept:
    """Return what a name sends to accept an offer that these names' keys have signed."""
    fields: dict[str, Any] = {
        "account_holder": account_of(name),
        "offer": offer,
        "signatures": signatures_of(offer, signed_by, chain_id),
    }
    return Accept(**(fields | how))


def accept_said(world: given.World, words: list[str]) -> Accept:
    """Return the acceptance that a story says: who, of whom, legs, then how it was offered."""
    accepting_side, offering_side, *rest = words
    how = dict(word.split("=") for word in rest if "=" in word)
    name = offering_side.partition("/")[0]
    offer = Offer(
        signer=given.address(how.get("signer", name)),
        account_holder=given.holder(offering_side),
        counterparty_holder=given.holder(how.get("to", accepting_side)),
        legs=tuple(BlockLeg(*leg_said(word)) for word in rest if ":" in word),
        expires_ms=world.genesis.time_ms + int(how.get("ends", "60_000")),
        offer_sequence=int(how.get("number", "1")),
    )
    signed_by = how.get("signed", name).split(",")
    return Accept(
        given.holder(accepting_side), offer, signatures_of(offer, signed_by, world.chain_id)
    )
