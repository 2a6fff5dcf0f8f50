"""What the oracle tells: prices used and values held, states that changed, surfaces chosen."""

from chain.kit import U8, record


@record
class PriceUpdated:
    """A feed took a new price from this block's section."""

    feed: str
    price_e8: int
    confidence_e8: int
    reporters_count: int


@record
class PriceHeld:
    """A value moved too far, or lies at a bound, and waits for confirmation; the price stays."""

    feed: str
    price_e8: int
    held_price_e8: int
    pending_count: int


@record
class FeedStateChanged:
    """A feed may now be trusted more, or less."""

    feed: str
    from_state: U8
    to_state: U8


@record
class SurfaceChosen:
    """An underlying has a new volatility surface, that of the reporter nearest to the median."""

    underlying: str
    authority_index: int
    distance_q62: int
    admitted_count: int


@record
class SurfaceRefused:
    """A reporter's surface was left out of a round: form, range, butterfly or calendar."""

    underlying: str
    authority_index: int
    fault: str


@record
class SurfaceHeld:
    """A surface moved too far from the one before, which stays until three rounds agree."""

    underlying: str
    authority_index: int
    move_ppm: int
    held_count: U8


@record
class SurfaceStateChanged:
    """An underlying's surface may now be trusted more, or less: the states of a feed."""

    underlying: str
    from_state: U8
    to_state: U8
