"""A random market's state beside its auditor."""

from collections import Counter

from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import ACCOUNTS
from derivatives.genesis_development import SYNTHETICS, TERMS_OF_EVERY_INSTRUMENT
from derivatives.marks.state import MARKS
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import POSITIONS
from tests import given
from tests.simulation.clearing.auditor import DEFAULT, FEES, FUND, INSURANCE, Auditor
from tests.simulation.clearing.traders import DATED, PERPETUALS

COINS = ("BTC", "ETH", *SYNTHETICS)


def terms_of_instruments() -> dict[str, dict[str, int]]:
    """Return what genesis says of each instrument, as the auditor reads it.

    What is dated has no feed: the state says what it is worth.
    """
    return {
        name: {
            **TERMS_OF_EVERY_INSTRUMENT,
            **terms,  # type: ignore[dict-item]
            "feed": "" if name in DATED else terms["underlying"],  # type: ignore[dict-item]
        }
        for name, terms in (PERPETUALS | DATED | SYNTHETICS).items()
    }


def agree_with_state(world: given.World, auditor: Auditor, met: Counter[str]) -> None:
    """Let the auditor take in the blocks that were closed, and compare it with the state."""
    closed = zip(world.blocks, world.outcomes, strict=True)
    for block, outcome in tuple(closed)[met["blocks"] :]:
        receipts = [list(world.events_of(receipt)) for receipt in outcome.receipts]
        met.update(type(event).__name__ for events in receipts for event in events)
        met["blocks"] += 1
        worth = {str(name): mark.index_value_quantums for name, mark in outcome.overlay.scan(MARKS)}
        auditor.block(block.header.time_ms, receipts, {n: worth[n] for n in DATED if n in worth})
    view = world.tables
    sizes = dict(view.scan(POSITIONS))
    found = {key: lots for key, lots in auditor.lots.items() if lots}
    assert {key: held.size_lots for key, held in sizes.items()} == found
    assert all(held.entry_value_quantums == auditor.entries[key] for key, held in sizes.items())  # type: ignore[index]
    accounts = [str(account) for account, _ in view.scan(ACCOUNTS)]
    houses = [
        f"{house}/{name}" for name in (*PERPETUALS, *DATED) for house in ("house", "house-funding")
    ]
    for holder in (*accounts, *houses, DEFAULT, INSURANCE, FUND, FEES):
        assert (holder, auditor.cash[holder]) == (holder, balance_of(view, holder, "USD"))
        for coin in COINS:
            assert auditor.coins[holder, coin] == balance_of(view, holder, coin)
    assert all(auditor.index_e18[str(name)] == one.index_e18 for name, one in view.scan(FUNDING))
    assert all(auditor.solvency(account) >= 0 for account in accounts)
