"""What a block changed, summed: in every instrument and of every asset it must come to zero.

The equations held in the parent, so each is asked of the differences alone:

    change of sizes = 0                      change of house + change of entries = 0
    change of open interest = change of longs
    change of funding house x 10^18 - change of sum of size x funding index = change of dust
    change of balances = change of supply    change of a compartment's balances = of custody

    change of a synthetic's supply = change of its open interest

(owed = size x (index - index at settlement), and sizes sum to zero, so the index itself
drops out.)

Source: docs/specs/solvency.md, SOLV-001 to SOLV-008.
"""

from collections import Counter, defaultdict

from chain.kit import BlockContext, View
from chain.kit.holder import may_owe
from chain.modules.ledger.state import BALANCES, SUPPLIES
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import compartment_of
from derivatives.accounts.state import COLLATERAL, COMPARTMENTS, CUSTODY
from derivatives.ids import funding_house_of, house_of
from derivatives.instruments.state import INSTRUMENTS
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import OPEN_INTEREST, POSITIONS
from derivatives.synthetics.state import SYNTHETICS

E18 = 10**18


def broken_in(context: BlockContext) -> dict[str, str]:
    """Return, for each compartment in which an equation broke in this block, its name."""
    found: dict[str, str] = {}
    moved = _moved_balances(context, found)
    _positions(context, moved, found)
    _assets(context, moved, found)
    _synthetics(context, found)
    return found


def _moved_balances(context: BlockContext, found: dict[str, str]) -> dict[tuple[str, str], int]:
    """Return how each balance changed; note those that are below zero and may not be."""
    view = context.state
    moved = {}
    for key, before, after in context.changed(BALANCES):
        assert isinstance(key, tuple)
        holder, asset = str(key[0]), str(key[1])
        held = 0 if after is None else after.amount_quantums
        change = held - (0 if before is None else before.amount_quantums)
        if change:
            moved[holder, asset] = change
        if held < 0:
            compartment = compartment_of(view, holder)
            if compartment is not None and not _may_owe(view, compartment, holder, asset):
                found.setdefault(compartment, "balance_below_zero")
    return moved


def _may_owe(view: View, compartment: str, holder: str, asset: str) -> bool:
    return may_owe(holder) and asset == compartment_terms(view, compartment).settlement_asset


class _Sums:
    """By how much the positions of one instrument changed, together."""

    __slots__ = ("dust_e18", "entries", "longs", "lots", "settled_e18")

    def __init__(self) -> None:
        self.lots = self.longs = self.entries = self.settled_e18 = self.dust_e18 = 0


def _positions(
    context: BlockContext, moved: dict[tuple[str, str], int], found: dict[str, str]
) -> None:
    """Sum what changed in each instrument."""
    all_sums: defaultdict[str, _Sums] = defaultdict(_Sums)
    for key, before, after in context.changed(POSITIONS):
        assert isinstance(key, tuple)
        sums = all_sums[str(key[1])]
        if before is not None:
            size_lots = before.size_lots
            sums.lots -= size_lots
            sums.longs -= max(0, size_lots)
            sums.entries -= before.entry_value_quantums
            sums.settled_e18 -= size_lots * before.funding_index_e18
        if after is not None:
            size_lots = after.size_lots
            sums.lots += size_lots
            sums.longs += max(0, size_lots)
            sums.entries += after.entry_value_quantums
            sums.settled_e18 += size_lots * after.funding_index_e18
    for key, interest, now in context.changed(OPEN_INTEREST):
        all_sums[str(key)].longs += 0 if interest is None else interest.long_lots
        all_sums[str(key)].longs -= 0 if now is None else now.long_lots
    for key, funding, later in context.changed(FUNDING):
        all_sums[str(key)].dust_e18 -= 0 if funding is None else funding.dust_e18
        all_sums[str(key)].dust_e18 += 0 if later is None else later.dust_e18
        if later is not None and later.dust_e18 < 0:
            _note(context.state, str(key), "dust_below_zero", found)
    for key, instrument in context.state.scan(INSTRUMENTS):
        name, quote, sums = str(key), instrument.quote, all_sums[str(key)]
        house = moved.get((house_of(name), quote), 0)
        funded = moved.get((funding_house_of(name), quote), 0) * E18
        if sums.lots:
            _note(context.state, name, "sizes_sum_to_zero", found)
        if sums.longs:
            _note(context.state, name, "open_interest_is_the_longs", found)
        if house + sums.entries:
            _note(context.state, name, "house_owes_what_positions_cost", found)
        if funded - sums.settled_e18 != sums.dust_e18:
            _note(context.state, name, "funding_sums_to_dust", found)


def _note(view: View, instrument_id: str, cause: str, found: dict[str, str]) -> None:
    instrument = view.get(INSTRUMENTS, instrument_id)
    assert instrument is not None
    found.setdefault(instrument.compartment, cause)


def _assets(
    context: BlockContext, moved: dict[tuple[str, str], int], found: dict[str, str]
) -> None:
    """Sum what changed of each asset, everywhere and in each compartment."""
    view = context.state
    everywhere: Counter[str] = Counter()
    inside: Counter[tuple[str, str]] = Counter()
    for (holder, asset), change in moved.items():
        everywhere[asset] += change
        compartment = compartment_of(view, holder)
        if compartment is not None:
            inside[compartment, asset] += change
    for key, supply, later in context.changed(SUPPLIES):
        everywhere[str(key)] += 0 if supply is None else supply.supply_quantums
        everywhere[str(key)] -= 0 if later is None else later.supply_quantums
    for place, custody, now in context.changed(CUSTODY):
        assert isinstance(place, tuple)
        where = str(place[0]), str(place[1])
        inside[where] += 0 if custody is None else custody.amount_quantums
        inside[where] -= 0 if now is None else now.amount_quantums
        if now is not None and now.amount_quantums < 0:
            found.setdefault(where[0], "custody_below_zero")
    for (compartment, _), left in inside.items():
        if left:
            found.setdefault(compartment, "custody_is_what_holders_have")
    for asset, left in everywhere.items():
        if not left:
            continue
        for key, _ in view.scan(COMPARTMENTS):
            if view.get(COLLATERAL, (str(key), asset)) is not None:
                found.setdefault(str(key), "balances_sum_to_supply")


def _synthetics(context: BlockContext, found: dict[str, str]) -> None:
    """Compare what there is of each synthetic with what its issuer is long of."""
    grown: Counter[str] = Counter()
    for key, supply, later in context.changed(SUPPLIES):
        grown[str(key)] -= 0 if supply is None else supply.supply_quantums
        grown[str(key)] += 0 if later is None else later.supply_quantums
    for key, interest, now in context.changed(OPEN_INTEREST):
        grown[str(key)] += 0 if interest is None else interest.long_lots
        grown[str(key)] -= 0 if now is None else now.long_lots
    for key, _ in context.state.scan(SYNTHETICS):
        if grown[str(key)]:
            _note(context.state, str(key), "supply_is_what_is_owed", found)
