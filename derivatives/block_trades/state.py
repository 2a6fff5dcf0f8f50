"""Which offers can no longer be accepted, until they would have ended by themselves."""

from chain.kit import Table, integer_key, record
from derivatives.ids import ACCOUNT


@record
class UsedOffer:
    """An offer that was accepted; forgotten once it could not be accepted any more."""

    accepted_height: int


@record
class OfferFloor:
    """Offers of an account below this number are void."""

    lowest_sequence: int


USED_OFFERS = Table(
    1,
    "used_offers",
    key=(integer_key("expires_ms", 64), ACCOUNT, integer_key("offer_sequence", 64)),
    value=UsedOffer,
    ordered=True,
)
OFFER_FLOORS = Table(2, "offer_floors", key=(ACCOUNT,), value=OfferFloor, ordered=True)
