"""What is always true of positions.

Source: docs/specs/positions.md, POSN-001 to POSN-006.
"""

from chain.kit import View, each, hold
from chain.modules.ledger.balances import balance_of
from derivatives.ids import house_of
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import is_option
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    POSITIONS,
    PREMIUMS,
)


def every_instrument_nets_to_zero(view: View) -> None:
    """Hold that longs and shorts are as many, and open interest is the longs."""
    net: dict[str, int] = {}
    long: dict[str, int] = {}
    for key, position in each(view, POSITIONS):
        assert isinstance(key, tuple)
        instrument_id = str(key[1])
        hold(position.size_lots != 0, f"{key!r} is stored and flat")
        net[instrument_id] = net.get(instrument_id, 0) + position.size_lots
        long[instrument_id] = long.get(instrument_id, 0) + max(0, position.size_lots)
    for instrument_id, size_lots in net.items():
        hold(size_lots == 0, f"{instrument_id}: sizes sum to {size_lots} lots")
        known = view.get(INSTRUMENTS, instrument_id) is not None
        hold(known, f"positions in unknown {instrument_id}")
    stored = {str(key): interest.long_lots for key, interest in view.scan(OPEN_INTEREST)}
    hold(stored == long, f"open interest is stored as {stored}, and is {long}")


def every_house_owes_what_positions_cost(view: View) -> None:
    """Hold, for every instrument, that house balance and entries sum to zero."""
    entries: dict[str, int] = {}
    for key, position in each(view, POSITIONS):
        assert isinstance(key, tuple)
        instrument_id = str(key[1])
        entries[instrument_id] = entries.get(instrument_id, 0) + position.entry_value_quantums
    for key, instrument in view.scan(INSTRUMENTS):
        instrument_id = str(key)
        balance_quantums = balance_of(view, house_of(instrument_id), instrument.quote)
        entry_quantums = entries.get(instrument_id, 0)
        hold(
            balance_quantums + entry_quantums == 0,
            f"{instrument_id}: house {balance_quantums}, entries {entry_quantums} quantums",
        )


def holdings_list_every_position(view: View) -> None:
    """Hold that an account's list is its positions, ascending, and that holders are counted."""
    held: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for key, _ in each(view, POSITIONS):
        assert isinstance(key, tuple)
        held.setdefault(str(key[0]), []).append(str(key[1]))
    listed = {str(key): list(holdings.instruments) for key, holdings in each(view, HOLDINGS)}
    hold({k: sorted(v) for k, v in held.items()} == listed, f"listed {listed}, held {held}")
    for instruments in held.values():
        instrument = view.get(INSTRUMENTS, instruments[0])
        assert instrument is not None
        counts[instrument.compartment] = counts.get(instrument.compartment, 0) + 1
    stored = {str(key): holders.accounts_count for key, holders in view.scan(POSITION_HOLDERS)}
    hold(stored == counts, f"holders are counted as {stored}, and are {counts}")


def premiums_are_those_of_options_held(view: View) -> None:
    """Hold that a premium is remembered for every option that is held, and for nothing else."""
    options = {str(key) for key, instrument in view.scan(INSTRUMENTS) if is_option(instrument)}
    held = [key for key, _ in view.scan(POSITIONS) if isinstance(key, tuple) and key[1] in options]
    remembered = [key for key, _ in view.scan(PREMIUMS)]
    hold(held == remembered, f"premiums of {remembered!r}, options held {held!r}")


INVARIANTS = (
    every_instrument_nets_to_zero,
    every_house_owes_what_positions_cost,
    holdings_list_every_position,
    premiums_are_those_of_options_held,
)
