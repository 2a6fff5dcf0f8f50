"""What can be asked of offers that is not simply stored."""

from chain.kit import Query, View, integer_key, record
from derivatives.block_trades.offers import lowest_sequence_of
from derivatives.block_trades.state import USED_OFFERS
from derivatives.block_trades.trading import least_lots
from derivatives.ids import ACCOUNT, INSTRUMENT
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import reach_ticks
from derivatives.marks.state import MARKS


@record
class OfferStanding:
    """Whether an offer was accepted or taken back; that it has ended is for its time to say."""

    is_used: bool
    is_revoked: bool


@record
class BlockMinimum:
    """How many lots a block of an instrument is at least now; zero before its first mark."""

    instrument: str
    lowest_lots: int


def offer_standing(
    view: View, account_holder: str, expires_ms: int, offer_sequence: int
) -> OfferStanding:
    """Return whether an offer of an account was accepted or taken back."""
    used = view.get(USED_OFFERS, (expires_ms, account_holder, offer_sequence))
    revoked = offer_sequence < lowest_sequence_of(view, account_holder)
    return OfferStanding(used is not None, revoked)


def block_minimum(view: View, instrument: str) -> BlockMinimum:
    """Return how many lots a block of an instrument is at least at its mark."""
    terms, mark = view.get(INSTRUMENTS, instrument), view.get(MARKS, instrument)
    if terms is None or mark is None:
        return BlockMinimum(instrument, 0)
    reach = reach_ticks(view, instrument, terms, mark.mark_price_ticks)
    return BlockMinimum(instrument, least_lots(terms, reach))


QUERIES = (
    Query(
        "offer_standing",
        offer_standing,
        {
            "account_holder": ACCOUNT,
            "expires_ms": integer_key("expires_ms", 64),
            "offer_sequence": integer_key("offer_sequence", 64),
        },
    ),
    Query("block_minimum", block_minimum, {"instrument": INSTRUMENT}),
)
