"""BLTR-001 to BLTR-049: both sides, one margin test for each, once, or nothing at all."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chain.kit import replace
from chain.modules.signers.transactions import AddAgent, SetKeys
from derivatives.accounts.state import ACCOUNTS
from derivatives.accounts.transactions import AddDelegate, Deposit
from derivatives.block_trades.events import BlockTraded
from derivatives.block_trades.offers import BlockLeg, Offer
from derivatives.block_trades.transactions import ACCEPT_KIND, Accept, Revoke
from derivatives.instruments.queries import instrument_standing
from derivatives.positions.fill import position_of
from derivatives.registry import REGISTRY
from tests import given as chains
from tests.given_blocks import accepting, offering, signatures_of
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of

ETH_TICKS = 64_000
ALICE, BOB = account_of("alice"), account_of("bob")
LEG = (SELL, 2_000, BTC_PERP, TICKS)


def offered(book: Book, *legs: Any, sequence: int = 1) -> Offer:
    until_ms = book.time_ms + 60_000
    return offering("alice", "bob", *(legs or (LEG,)), expires_ms=until_ms, sequence=sequence)


def everything(book: Book) -> dict[str, list[Any]]:
    return {
        f"{module.name}.{table.name}": list(book.state.scan(table))
        for module in REGISTRY
        for table in module.tables
        if table.ordered
    }


def test_all_legs_are_traded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    offer = offered(book, LEG, (BUY, 4_000, ETH_PERP, ETH_TICKS))

    told = book.send("bob", accepting("bob", offer, "alice"))

    assert (-2_000, 4_000) == (book.lots("alice"), book.lots("alice", ETH_PERP))
    assert (2_000, -4_000) == (book.lots("bob"), book.lots("bob", ETH_PERP))
    # 128,000 bought, 128,000 sold, three basis points of both.
    assert BlockTraded(ALICE, BOB, 1, 2, 0, 76_800_000) == told[-1]
    assert ["Traded", "Traded", "BlockTraded"] == [type(event).__name__ for event in told]
    book.sound()


def test_a_replayed_offer_is_refused_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    accept = accepting("bob", offered(book), "alice")
    book.send("bob", accept)
    before = everything(book)

    assert "block_trades.offer_used" == book.refused("bob", accept)
    assert before == everything(book)


def test_a_revoked_offer_and_all_before_it_are_void(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    first, second = (accepting("bob", offered(book, sequence=n), "alice") for n in (1, 2))

    book.send("alice", Revoke(ALICE, 2))

    assert "block_trades.offer_revoked" == book.refused("bob", first)
    assert "block_trades.floor_not_raised" == book.refused("alice", Revoke(ALICE, 2))
    assert "accounts.not_delegate" == book.refused("bob", Revoke(ALICE, 9))
    book.send("bob", second)


def test_only_the_account_it_is_for_accepts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    offer = offered(book)

    stolen = accepting("carol", offer, "alice")
    sent_by_another = accepting("bob", offer, "alice")

    assert "block_trades.not_counterparty" == book.refused("carol", stolen)
    assert "accounts.not_delegate" == book.refused("carol", sent_by_another)


def test_nobody_trades_a_block_with_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    own = replace(offered(book), counterparty_holder=account_of("alice"))

    assert "block_trades.same_owner" == book.refused("alice", accepting("alice", own, "alice"))


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_an_account_that_is_being_liquidated_trades_no_block(
    monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    book = Book(monkeypatch)
    record = book.state.get(ACCOUNTS, account_of(who))
    assert record is not None
    book.state.put(ACCOUNTS, account_of(who), replace(record, flagged_ms=1))

    slug = book.refused("bob", accepting("bob", offered(book), "alice"))

    assert "block_trades.account_failing" == slug


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_block_that_leaves_one_side_short_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    book = Book(monkeypatch)
    book.wealth.poor.add(account_of(who))
    before = everything(book)

    assert "accounts.custody_short" == book.refused("bob", accepting("bob", offered(book), "alice"))
    assert before == everything(book)


@pytest.mark.parametrize(
    ("legs", "reason"),
    [
        ((), "legs_count_wrong"),
        ((BlockLeg(BTC_PERP, 3, 1, 1),), "side_unknown"),
        ((BlockLeg(BTC_PERP, 1, 0, 1),), "size_not_positive"),
        ((BlockLeg(BTC_PERP, 1, 1, 0),), "price_not_positive"),
        ((BlockLeg(BTC_PERP, 1, 1, 1),) * 2, "leg_repeated"),
    ],
)
def test_what_is_no_block_is_refused_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, legs: tuple[BlockLeg, ...], reason: str
) -> None:
    book = Book(monkeypatch)
    offer = replace(offered(book), legs=legs)

    assert reason == book.refused("bob", accepting("bob", offer, "alice"))


def test_a_leg_that_is_refused_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    offer = offered(book, LEG, (BUY, 1, ETH_PERP, ETH_TICKS))

    slug = book.refused("bob", accepting("bob", offer, "alice"))

    assert ("block_trades.size_below_minimum", 1) == (slug, book.facts["leg_index"])
    assert 0 == book.lots("bob")


def test_the_kind_is_the_one_that_agents_are_given() -> None:
    assert ACCEPT_KIND == chains.world({}).application.kind_of(Accept)


@settings(deadline=None, max_examples=40)
@given(
    some.lists(
        some.tuples(
            some.sampled_from((BUY, SELL)), some.integers(3_200, 9_000), some.integers(-9, 9)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_agreed_conserves_everything(trades: list[tuple[int, int, int]]) -> None:
    """Sizes, house, fees and custody of every instrument and account still add up."""
    with pytest.MonkeyPatch.context() as patch:
        book = Book(patch)
        net_lots = 0
        for number, (side, lots, off) in enumerate(trades):
            legs = ((side, lots, BTC_PERP, TICKS + off), (side, lots, ETH_PERP, ETH_TICKS + off))
            book.send("bob", accepting("bob", offered(book, *legs, sequence=number), "alice"))
            net_lots += lots if side == SELL else -lots

            assert (net_lots, -net_lots) == (book.lots("bob"), book.lots("alice"))
            assert (net_lots, -net_lots) == tuple(book.lots(n, ETH_PERP) for n in ("bob", "alice"))
            book.sound()


def opened() -> chains.World:
    """Return a chain on which BTC-PERP trades; alice and bob have 50,000 USD each."""
    world = chains.world({name: {"USD": 900_000 * USD} for name in ("alice", "bob", "carol")})
    world.prices_e8 = {"BTC": 64_000 * UNIT_E8, "ETH": 3_200 * UNIT_E8}
    for name in ("alice", "bob"):
        assert "" == world.send(name, Deposit(account_of(name), "USD", 50_000 * USD)).reason
    for _ in range(6):
        world.close_block()
    assert "open" == instrument_standing(world.view, BTC_PERP).state
    return world


def offer_in(world: chains.World, lots: int, sequence: int = 1) -> Offer:
    until_ms = world.head.header.time_ms + 60_000
    leg = (SELL, lots, BTC_PERP, TICKS)
    return offering("alice", "bob", leg, expires_ms=until_ms, sequence=sequence)


def lots_of(world: chains.World, name: str) -> int:
    held = position_of(world.view, account_of(name), BTC_PERP)
    return 0 if held is None else held.size_lots


def accept_in(world: chains.World, offer: Offer, *signed_by: str) -> str:
    accept = accepting("bob", offer, *signed_by, chain_id=world.chain_id)
    return world.send("bob", accept).reason


def test_both_sides_meet_initial_margin_in_a_whole_block() -> None:
    world = opened()

    assert "margin.initial_margin_short" == accept_in(world, offer_in(world, 20_000), "alice")
    assert "" == accept_in(world, offer_in(world, 5_000), "alice")
    assert (-5_000, 5_000) == (lots_of(world, "alice"), lots_of(world, "bob"))
    world.close_block()


def test_several_keys_of_a_signer_sign_together() -> None:
    world = opened()
    keys = tuple(sorted(chains.address(name) for name in ("alice", "dave")))
    assert "" == world.send("alice", SetKeys(threshold=2, keys=keys)).reason
    offer = offer_in(world, 2_000)

    assert "signers.threshold_not_met" == accept_in(world, offer, "alice")
    assert "" == accept_in(world, offer, "alice", "dave")
    world.close_block()


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ({"kinds": (ACCEPT_KIND,), "classes": ()}, ""),
        ({"kinds": (), "classes": (3,)}, ""),
        ({"kinds": (3_101,), "classes": ()}, "signers.key_not_authorised"),
    ],
)
def test_an_agent_signs_offers_where_its_scope_has_them(scope: Any, reason: str) -> None:
    world = opened()
    agent = AddAgent(public_key=chains.address("erin"), expires_ms=2**62, **scope)
    assert "" == world.send("alice", agent).reason

    assert reason == accept_in(world, offer_in(world, 2_000), "erin")
    world.close_block()


def test_a_delegate_offers_for_the_account_and_signs_as_himself() -> None:
    world = opened()
    delegated = AddDelegate(ALICE, chains.address("carol"), 2**62)
    assert "" == world.send("alice", delegated).reason
    offer = replace(offer_in(world, 2_000), signer=chains.address("carol"))

    assert "signers.key_not_authorised" == accept_in(world, offer, "alice")
    assert "" == accept_in(world, offer, "carol")
    assert -2_000 == lots_of(world, "alice")
    world.close_block()


def test_a_refused_acceptance_leaves_the_offer_open() -> None:
    world = opened()
    offer = offer_in(world, 5_000)
    too_little = accepting("bob", offer, "alice", chain_id=bytes(32))

    assert "block_trades.signature_false" == world.send("bob", too_little).reason
    assert "" == accept_in(world, offer, "alice")
    assert "block_trades.offer_used" == accept_in(world, offer, "alice")
    world.close_block()


def test_work_is_that_of_its_trades_and_signatures() -> None:
    offer = offering("alice", "bob", LEG, expires_ms=1)
    signatures = signatures_of(offer, ["alice"])

    assert 11_500 == Accept(BOB, offer, signatures).weight


@pytest.mark.parametrize("text", ["", "x", "x" * 300, "ab" * 32 + "/1", "ab" * 32, "zz/1", "€/0"])
def test_an_account_that_is_none_is_refused_on_either_side(text: str) -> None:
    world = opened()
    offer = replace(offer_in(world, 2_000), account_holder=text)
    aimed = replace(offer_in(world, 2_000), counterparty_holder=text)

    for bad in (offer, aimed):
        reason = accept_in(world, bad, "alice")

        assert reason in {
            "accounts.account_unknown",
            "block_trades.not_counterparty",
            "chain.out_of_bounds",
        }
    assert 0 == lots_of(world, "bob")
    world.close_block()
