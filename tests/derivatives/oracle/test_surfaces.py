"""ORAC-057 to ORAC-067: a round of reports becomes one surface of each underlying."""

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import BlockContext, decode, encode, replace
from chain.kit.invariant import Broken
from chain.modules.authorities.module import MODULE as AUTHORITIES_MODULE
from chain.modules.authorities.state import AUTHORITIES, Authority, AuthorityList
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.instruments.module import MODULE as INSTRUMENTS_MODULE
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, KIND_FUTURE, Expiry, Instrument
from derivatives.oracle.events import (
    SurfaceChosen,
    SurfaceHeld,
    SurfaceRefused,
    SurfaceStateChanged,
)
from derivatives.oracle.hooks import observe
from derivatives.oracle.invariants import INVARIANTS, every_surface_is_free_of_arbitrage
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.module import MODULE
from derivatives.oracle.queries import StrikeVolatility, strike_volatility
from derivatives.oracle.section import (
    FeedQuote,
    Report,
    SignedReport,
    assembled_section,
    report_bytes,
    round_of,
)
from derivatives.oracle.state import (
    FEEDS,
    SURFACE_REPORTERS,
    SURFACES,
    FeedTerms,
    VolatilitySurface,
)
from derivatives.oracle.surfaces import (
    DISTANCE_Q62_MAX,
    dates_of,
    surface_of,
    surface_state_of,
    volatility_at_e9,
)
from derivatives.oracle.volatility import SmileQuote
from tests.given_smiles import VOGT, smile
from tests.given_volatility import signed_volatility, smile_quotes

CHAIN = b"c" * 32
KEYS = [SigningKey.from_seed(bytes([index + 100]) * 32) for index in range(4)]
PUBLIC = [key.public_key for key in KEYS]
DAY_MS = 86_400_000
START_MS = 10_000_000
DATES = (START_MS + DAY_MS, START_MS + 30 * DAY_MS)
SPOT_E8 = 64_000 * 10**8


class Chain:
    """Four authorities and two dated instruments of BTC, to which blocks happen."""

    def __init__(self) -> None:
        tables = (*MODULE.tables, *AUTHORITIES_MODULE.tables, *INSTRUMENTS_MODULE.tables)
        self.state = Overlay(Tables(tables))
        members = tuple(
            Authority(f"auth{index}", bytes([index]) * 32, key) for index, key in enumerate(PUBLIC)
        )
        self.state.put(AUTHORITIES, 0, AuthorityList(members))
        self.state.put(FEEDS, "BTC", FeedTerms("main", 90, 1, 1, 2**61))
        for name, expiry_ms in zip(("FAR", "NEAR"), DATES[::-1], strict=True):
            terms = Instrument(KIND_FUTURE, "BTC", "USD", "main", *[1] * 13)
            self.state.put(INSTRUMENTS, name, terms)
            self.state.put(EXPIRIES, name, Expiry(name, expiry_ms, 1_800_000, 0, 0, 0))
        self.time_ms = START_MS
        self.told: list[object] = []

    def block(self, said: dict[int, tuple[SmileQuote, ...]], after_ms: int = 500) -> list[object]:
        """Return what a block tells in which these authorities say this of BTC."""
        time_ms = self.time_ms + after_ms
        quotes = (FeedQuote("BTC", SPOT_E8, SPOT_E8 // 1_000, 3),)
        report = Report(CHAIN, 0, round_of(time_ms), time_ms, quotes)
        prices = {
            index: SignedReport(index, report, key.sign(report_bytes(report)))
            for index, key in enumerate(KEYS)
        }
        volatilities = {
            index: signed_volatility(index, KEYS[index], CHAIN, time_ms, {"BTC": smiles})
            for index, smiles in said.items()
        }
        section = assembled_section(
            self.state,
            prices,
            time_ms=time_ms,
            oracle_keys=PUBLIC,
            quorum_count=3,
            newest_volatilities=volatilities,
        )
        context = BlockContext(
            state=self.state,
            chain_id=CHAIN,
            epoch=0,
            height=1,
            view=1,
            parent_id=bytes(32),
            proposer=0,
            time_ms=time_ms,
            parent_time_ms=self.time_ms,
            oracle=section,
            evidence=(),
        )
        observe(context)
        self.time_ms = time_ms
        for invariant in INVARIANTS:
            invariant(self.state)
        told = SurfaceChosen | SurfaceRefused | SurfaceHeld | SurfaceStateChanged
        self.told = [e for e in context.events if isinstance(e, told)]
        return [e for e in self.told if isinstance(e, SurfaceChosen | SurfaceRefused)]

    def all_say(self, level: float, after_ms: int = 5_000) -> list[object]:
        """Return what a block tells in which everybody says this volatility of BTC."""
        smiles = smile_quotes(DATES, self.time_ms + after_ms, level=level)
        self.block(dict.fromkeys(range(4), smiles), after_ms)
        return self.told

    def state_of_surface(self) -> str:
        """Return how far the surface may be trusted."""
        return surface_state_of(self.state, "BTC").name


def says(level: float = 0.6, **how: object) -> tuple[SmileQuote, ...]:
    return smile_quotes(DATES, START_MS + 500, level=level, **how)  # type: ignore[arg-type]


def test_the_middle_reporters_surface_is_kept_whole() -> None:
    chain = Chain()

    told = chain.block({0: says(0.55), 1: says(0.6), 2: says(0.7), 3: says(0.62)})

    assert [SurfaceChosen("BTC", 1, 0, 4)] == told
    stored = chain.state.get(SURFACES, "BTC")
    assert stored is not None
    assert (chain.time_ms, 1, 0, 4) == (
        stored.chosen_ms,
        stored.authority_index,
        stored.distance_q62,
        stored.admitted_count,
    )
    assert DATES == tuple(one.expiry_ms for one in stored.smiles)
    # One removed from each end: 60 % and 62 % are left, and 62 lies a thirtieth above.
    assert all(30_000 < one.dispersion_ppm < 50_000 for one in stored.smiles)


def test_scores_count_rounds_choices_and_refusals() -> None:
    chain = Chain()

    told = chain.block({0: says(), 1: says(), 2: says(twisted=smile(*VOGT)), 3: says()})

    assert [SurfaceChosen("BTC", 0, 0, 3), SurfaceRefused("BTC", 2, "butterfly")] == told
    scores = [chain.state.get(SURFACE_REPORTERS, key) for key in PUBLIC]
    assert [(1, 0), (0, 0), (0, 1), (0, 0)] == [
        (one.chosen_count, one.refused_count) for one in scores if one is not None
    ]


def test_another_round_comes_five_seconds_later() -> None:
    chain = Chain()
    everybody = dict.fromkeys(range(4), says())

    assert 1 == len(chain.block(everybody))
    assert [] == chain.block(everybody)
    assert 1 == len(chain.block(everybody, after_ms=5_000))


def test_fewer_than_a_quorum_leave_the_surface_as_it_was() -> None:
    chain = Chain()
    chain.block(dict.fromkeys(range(4), says()))
    before = chain.state.get(SURFACES, "BTC")

    assert [] == chain.block({0: says(0.9), 1: says(0.9)}, after_ms=5_000)
    bad = says(0.9, twisted=smile(*VOGT))
    assert [] == chain.block({0: says(0.9), 1: says(0.9), 2: bad, 3: bad}, after_ms=5_000)

    assert before == chain.state.get(SURFACES, "BTC")


def test_a_report_of_other_dates_has_no_form() -> None:
    chain = Chain()
    fewer = says()[:1]
    other = tuple(replace(one, expiry_ms=one.expiry_ms + 1) for one in says())

    told = chain.block({0: fewer, 1: says(), 2: says(), 3: says()})
    assert SurfaceRefused("BTC", 0, "form") in told
    told = chain.block({0: says(), 1: says(), 2: says(), 3: other}, after_ms=5_000)
    assert SurfaceRefused("BTC", 3, "form") in told


def test_a_liar_does_not_move_the_surface_beyond_the_honest() -> None:
    chain = Chain()

    chain.block({0: says(0.60), 1: says(0.61), 2: says(5.0, spot_e8=2 * SPOT_E8), 3: says(0.62)})

    stored = chain.state.get(SURFACES, "BTC")
    assert stored is not None
    assert all(SPOT_E8 == one.forward_e8 for one in stored.smiles)
    found = volatility_at_e9(chain.state, "BTC", DATES[1], SPOT_E8)
    assert found is not None
    assert 600_000_000 - 1_000 <= found <= 620_000_000


def test_reporters_who_have_nothing_in_common_end_nothing() -> None:
    """Two say wild now and calm later, two the other way: each is far above the median once."""
    chain = Chain()
    wild_first = (says(1.2)[0], says(0.25)[1])
    wild_later = (says(0.2)[0], says(1.1)[1])

    told = chain.block({0: wild_first, 1: wild_first, 2: wild_later, 3: wild_later})

    assert [DISTANCE_Q62_MAX] == [e.distance_q62 for e in told if isinstance(e, SurfaceChosen)]
    stored = chain.state.get(SURFACES, "BTC")
    assert stored is not None
    assert stored == decode(VolatilitySurface, encode(stored))


def test_a_surface_is_trusted_by_its_age() -> None:
    chain = Chain()
    chain.block({})
    assert "INVALID" == chain.state_of_surface()

    told = chain.all_say(0.6)
    assert SurfaceStateChanged("BTC", FeedState.INVALID, FeedState.NORMAL) == told[-1]
    for after_ms, name in ((20_000, "NORMAL"), (1, "STALE"), (99_999, "STALE"), (1, "AUCTION")):
        chain.block({}, after_ms)
        assert name == chain.state_of_surface()
    chain.all_say(0.6)

    assert "NORMAL" == chain.state_of_surface()


def test_variance_that_moves_by_a_quarter_is_taken_and_by_more_is_held() -> None:
    chain = Chain()
    chain.all_say(0.6)

    # 0.6 x sqrt(1.25) = 0.6708: at the forward just below a quarter of variance.
    chain.all_say(0.67)
    assert "NORMAL" == chain.state_of_surface()
    told = chain.all_say(0.76)

    held = [e for e in told if isinstance(e, SurfaceHeld)]
    assert [("BTC", 0, 1)] == [(e.underlying, e.authority_index, e.held_count) for e in held]
    assert 250_000 < held[0].move_ppm < 300_000
    assert "JUMP" == chain.state_of_surface()


def test_a_held_surface_leaves_the_one_before_and_widens_its_dispersion() -> None:
    chain = Chain()
    chain.all_say(0.6)
    before = chain.state.get(SURFACES, "BTC")
    assert before is not None

    told = chain.all_say(0.8)

    after = chain.state.get(SURFACES, "BTC")
    assert after is not None
    move_ppm = next(e.move_ppm for e in told if isinstance(e, SurfaceHeld))
    assert {move_ppm} == {smile.dispersion_ppm for smile in after.smiles}
    assert before == replace(after, smiles=before.smiles)
    assert [s.sigma_q56 for s in before.smiles] == [s.sigma_q56 for s in after.smiles]


def test_three_rounds_to_one_side_are_believed() -> None:
    chain = Chain()
    chain.all_say(0.6)

    chain.all_say(0.8)
    chain.all_say(0.9)
    told = chain.all_say(0.85)

    assert SurfaceChosen("BTC", 0, 0, 4) in told
    assert "NORMAL" == chain.state_of_surface()
    found = volatility_at_e9(chain.state, "BTC", DATES[1], SPOT_E8)
    assert found is not None
    assert abs(found - 850_000_000) < 10_000


def test_rounds_to_both_sides_are_not_believed() -> None:
    chain = Chain()
    chain.all_say(0.6)
    before = chain.state.get(SURFACES, "BTC")
    assert before is not None

    for level in (0.8, 0.4, 0.8, 0.8):
        chain.all_say(level)
        assert "JUMP" == chain.state_of_surface()

    after = chain.state.get(SURFACES, "BTC")
    assert after is not None
    assert before.chosen_ms == after.chosen_ms


def test_a_round_that_did_not_move_ends_what_was_held() -> None:
    chain = Chain()
    chain.all_say(0.6)

    chain.all_say(0.8)
    chain.all_say(0.6)
    assert "NORMAL" == chain.state_of_surface()
    chain.all_say(0.8)
    chain.all_say(0.8)

    assert "JUMP" == chain.state_of_surface()


def test_a_date_in_its_window_holds_nothing_back() -> None:
    chain = Chain()
    chain.all_say(0.6, DATES[0] - 1_800_000 - chain.time_ms)
    chain.state.delete(EXPIRIES, "FAR")

    smiles = smile_quotes(DATES[:1], chain.time_ms + 5_000, level=2.0)
    chain.block(dict.fromkeys(range(4), smiles), 5_000)

    assert "NORMAL" == chain.state_of_surface()


def test_dates_are_those_of_dated_instruments_that_have_not_passed() -> None:
    chain = Chain()

    assert {"BTC": DATES} == dates_of(chain.state, START_MS)
    assert {"BTC": DATES[1:]} == dates_of(chain.state, DATES[0])
    assert {} == dates_of(chain.state, DATES[1])


def test_a_surface_rolls_down_and_ends_with_its_dates() -> None:
    chain = Chain()
    assert surface_of(chain.state, "BTC", START_MS) is None
    chain.block(dict.fromkeys(range(4), says()))

    now, later = (surface_of(chain.state, "BTC", chain.time_ms + ms) for ms in (0, DAY_MS))

    assert now is not None
    assert later is not None
    assert DATES == now.expiries_ms
    assert DATES[1:] == later.expiries_ms
    assert later.slices[0].a_q56 * 30 - now.slices[1].a_q56 * 29 < 10**10
    assert surface_of(chain.state, "BTC", DATES[1]) is None


def test_a_query_answers_for_one_strike() -> None:
    chain = Chain()
    chain.block(dict.fromkeys(range(4), says()))

    found = strike_volatility(chain.state, "BTC", DATES[0], SPOT_E8)

    assert abs(found.volatility_e9 - 600_000_000) < 1_000
    low = strike_volatility(chain.state, "BTC", DATES[0], SPOT_E8 * 95 // 100)
    assert low.volatility_e9 > found.volatility_e9
    assert StrikeVolatility("BTC", 5, SPOT_E8, 0) == strike_volatility(
        chain.state, "BTC", 5, SPOT_E8
    )
    assert 0 == strike_volatility(chain.state, "BTC", DATES[0], 0).volatility_e9
    assert 0 == strike_volatility(chain.state, "ETH", DATES[0], SPOT_E8).volatility_e9


def test_a_surface_with_a_fault_is_noticed() -> None:
    chain = Chain()
    chain.block(dict.fromkeys(range(4), says()))
    stored = chain.state.get(SURFACES, "BTC")
    assert stored is not None
    worse = tuple(replace(one, b_q56=-1) for one in stored.smiles)
    chain.state.put(SURFACES, "BTC", replace(stored, smiles=worse))

    with pytest.raises(Broken, match="fault: range"):
        every_surface_is_free_of_arbitrage(chain.state)
