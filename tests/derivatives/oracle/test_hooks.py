"""Step 1 of a block: sections move prices, time moves states, reporters are scored."""

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import BlockContext, InvalidBlock, encode
from chain.modules.authorities.module import MODULE as AUTHORITIES_MODULE
from chain.modules.authorities.state import AUTHORITIES, Authority, AuthorityList
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.events import FeedStateChanged, PriceHeld, PriceUpdated
from derivatives.oracle.hooks import observe
from derivatives.oracle.invariants import INVARIANTS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.module import MODULE
from derivatives.oracle.prices import state_of
from derivatives.oracle.queries import feed_standing
from derivatives.oracle.section import (
    FeedQuote,
    Report,
    Section,
    SignedReport,
    report_bytes,
    round_of,
)
from derivatives.oracle.state import FEEDS, PRICES, REPORTERS, FeedTerms

CHAIN = b"c" * 32
START_MS = 10_000_000
ORACLE_KEYS = [SigningKey.from_seed(bytes([index + 100]) * 32) for index in range(4)]


class Chain:
    """A state with four authorities and two feeds, to which blocks happen."""

    def __init__(self) -> None:
        self.state = Overlay(Tables((*MODULE.tables, *AUTHORITIES_MODULE.tables)))
        members = tuple(
            Authority(f"auth{index}", bytes([index]) * 32, key.public_key)
            for index, key in enumerate(ORACLE_KEYS)
        )
        self.state.put(AUTHORITIES, 0, AuthorityList(members))
        for feed in ("BTC", "ETH"):
            self.state.put(FEEDS, feed, FeedTerms("main", 90, 1, 1, 2**61))
        self.time_ms = START_MS

    def section(self, prices: dict[int, int], feed: str = "BTC") -> bytes:
        reports = []
        for index, price in sorted(prices.items()):
            report = Report(
                CHAIN,
                0,
                round_of(self.time_ms + 500),
                self.time_ms + 500,
                (FeedQuote(feed, price, price // 1_000, 3),),
            )
            signature = ORACLE_KEYS[index].sign(report_bytes(report))
            reports.append(SignedReport(index, report, signature))
        return encode(Section(tuple(reports)))

    def block(self, section: bytes = b"", after_ms: int = 500) -> list[object]:
        context = BlockContext(
            state=self.state,
            chain_id=CHAIN,
            epoch=0,
            height=1,
            view=1,
            parent_id=bytes(32),
            proposer=0,
            time_ms=self.time_ms + after_ms,
            parent_time_ms=self.time_ms,
            oracle=section,
            evidence=(),
        )
        observe(context)
        self.time_ms += after_ms
        for invariant in INVARIANTS:
            invariant(self.state)
        return context.events


def all_say(price: int) -> dict[int, int]:
    return dict.fromkeys(range(4), price)


def test_first_section_gives_a_feed_its_price() -> None:
    chain = Chain()

    events = chain.block(chain.section(all_say(10**12)))

    assert [PriceUpdated("BTC", 10**12, 10**9, 4)] == events
    assert FeedState.NORMAL == state_of(chain.state, "BTC")
    assert FeedState.INVALID == state_of(chain.state, "ETH")


def test_empty_section_lets_time_pass() -> None:
    chain = Chain()
    chain.block(chain.section(all_say(10**12)))

    events = [event for _ in range(7) for event in chain.block()]

    # Three blocks of 500 ms are within 1.5 s, the fourth is degraded, the seventh is stale.
    assert [
        FeedStateChanged("BTC", FeedState.NORMAL, FeedState.DEGRADED),
        FeedStateChanged("BTC", FeedState.DEGRADED, FeedState.STALE),
    ] == events


def test_held_jump_is_told_and_then_taken() -> None:
    chain = Chain()
    chain.block(chain.section(all_say(10**12)))

    told = [chain.block(chain.section(all_say(11 * 10**11)))[0] for _ in range(3)]

    assert [
        PriceHeld("BTC", 10**12, 11 * 10**11, 1),
        PriceHeld("BTC", 10**12, 11 * 10**11, 2),
        PriceUpdated("BTC", 11 * 10**11, 11 * 10**8, 4),
    ] == told


def test_price_of_the_parent_block_is_remembered() -> None:
    chain = Chain()
    chain.block(chain.section(all_say(10**12)))

    chain.block(chain.section(all_say(10**12 + 7)))
    price = chain.state.get(PRICES, "BTC")

    assert price is not None
    assert (10**12 + 7, 10**12) == (price.price_e8, price.parent_price_e8)


def test_section_below_a_quorum_makes_the_block_invalid() -> None:
    chain = Chain()

    with pytest.raises(InvalidBlock, match="2 reports, 3 needed"):
        chain.block(chain.section({0: 1, 1: 1}))


def test_silent_authority_is_counted_and_wrong_one_scored() -> None:
    chain = Chain()

    chain.block(chain.section({0: 10**12, 1: 10**12, 2: 10**12 + 64 * 10**8}))
    heard, far, silent = (
        chain.state.get(REPORTERS, ORACLE_KEYS[index].public_key) for index in (0, 2, 3)
    )

    assert heard is not None and far is not None and silent is not None  # noqa: PT018
    assert (1, 0, 0) == (heard.reports_count, heard.misses_count, heard.error_ppm)
    # Off by 64e8 of a confidence of 1e9 is 6,400,000 ppm; a 64th of it is 100,000.
    assert 100_000 == far.error_ppm
    assert (0, 1) == (silent.reports_count, silent.misses_count)


def test_standing_says_what_a_feed_permits() -> None:
    chain = Chain()

    standing = feed_standing(chain.state, "BTC")

    assert ("invalid", "no") == (standing.state, standing.open)


def test_first_value_at_a_bound_is_not_used_and_the_next_one_is_at_once() -> None:
    # ORAC-019, ORAC-021
    chain = Chain()
    chain.state.put(FEEDS, "BTC", FeedTerms("main", 90, 1, 1, 2 * 10**12))

    told = chain.block(chain.section(dict.fromkeys(range(4), 2 * 10**12)))
    unheard = state_of(chain.state, "BTC"), chain.state.get(PRICES, "BTC")
    chain.block(chain.section(dict.fromkeys(range(4), 10**12)))

    assert [PriceHeld("BTC", 0, 2 * 10**12, 0)] == told
    assert (FeedState.INVALID, None) == unheard
    assert FeedState.NORMAL == state_of(chain.state, "BTC")
