"""What is always true of synthetics.

Source: docs/specs/synthetics.md, SYN-001 to SYN-009 and SYN-060 to SYN-064.
"""

from chain.kit import PPM, View, each, hold
from chain.modules.ledger.balances import balance_of, supply_of
from chain.modules.ledger.state import ASSETS
from derivatives.ids import default_account_of, escrow_of, issuer_of
from derivatives.instruments.state import INSTRUMENTS, KIND_SYNTHETIC
from derivatives.positions.fill import position_of
from derivatives.positions.state import HOLDINGS, POSITIONS
from derivatives.synthetics.state import (
    DEBT_PLACES,
    DEBTS,
    ISSUANCES,
    REQUEST_MINT,
    REQUEST_REDEEM,
    REQUESTS,
    SYNTHETICS,
    WAITING,
)
from derivatives.synthetics.terms import haircut_ppm, ratio_ppm, synthetic_collateral_of

E8_DECIMALS = 8


def every_synthetic_is_listed_whole(view: View) -> None:
    """Hold that terms, instrument and asset come together, and a lot is a quantum."""
    listed = {key for key, one in view.scan(INSTRUMENTS) if one.kind == KIND_SYNTHETIC}
    hold({key for key, _ in view.scan(SYNTHETICS)} == listed, "synthetics and terms differ")
    for key, terms in view.scan(SYNTHETICS):
        name = str(key)
        instrument, asset = view.get(INSTRUMENTS, name), view.get(ASSETS, name)
        assert instrument is not None
        hold(asset is not None, f"{name} is no asset")
        assert asset is not None
        lot = instrument.lot_size_e8 * 10**asset.decimals == 10**E8_DECIMALS
        hold(lot, f"{name}: a lot is not a quantum of the asset")
        hold(instrument.maker_rebate_ppm == 0, f"{name}: a rebate, and nobody makes a market")
        bounds = (terms.size_min_lots, terms.signer_requests_max_count, terms.mint_hour_cap_lots)
        hold(terms.delay_ms > 0 and min(bounds) > 0, f"{name}: nothing may be asked")
        haircut = haircut_ppm(view, instrument.compartment, name)
        needed = ratio_ppm(view, name) - PPM
        sound = haircut is None or haircut >= needed
        hold(sound, f"{name}: haircut {haircut} ppm, a debt needs {needed}")


def supply_is_what_is_owed(view: View) -> None:
    """Hold that the issuer is long of the supply, at no cost, and nobody else is long."""
    for key, _ in view.scan(SYNTHETICS):
        name = str(key)
        supply_lots = supply_of(view, name)
        issued = position_of(view, issuer_of(name), name)
        long_lots = 0 if issued is None else issued.size_lots
        hold(long_lots == supply_lots, f"{name}: issuer {long_lots}, supply {supply_lots} lots")
        cost = 0 if issued is None else issued.entry_value_quantums
        hold(cost == 0, f"{name}: the issuer paid {cost} quantums")
    for place, position in each(view, POSITIONS):
        account, name = str(place[0]), str(place[1])  # type: ignore[index]
        if view.get(SYNTHETICS, name) is not None and account != issuer_of(name):
            hold(position.size_lots < 0, f"{account} is long of {name}")


def everybody_who_owes_has_a_place(view: View) -> None:
    """Hold that places and debts are of one another, and who owes has one and no synthetic."""
    placed = {}
    for place, row in view.scan(DEBT_PLACES):
        placed[place] = row.place
    debts = {
        (place[0], debt.account_holder): place[1]  # type: ignore[index]
        for place, debt in view.scan(DEBTS)
    }
    hold(placed == debts, f"places are {placed}, debts {debts}")
    for key, held in each(view, HOLDINGS):
        account = str(key)
        for name in held.instruments:
            instrument = view.get(INSTRUMENTS, name)
            assert instrument is not None
            aside = (issuer_of(name), default_account_of(instrument.compartment))
            if instrument.kind != KIND_SYNTHETIC or account in aside:
                continue
            hold((name, account) in placed, f"{account} owes {name} and has no place")
            asset = synthetic_collateral_of(view, account)
            hold(asset is None, f"{account} owes {name} and has {asset}")


def what_waits_is_counted(view: View) -> None:
    """Hold that requests are whole, numbered, counted, and what they give up is there."""
    given_up: dict[str, int] = {}
    counts: dict[object, int] = {}
    for place, request in view.scan(REQUESTS):
        name, request_id = str(place[0]), int(place[1])  # type: ignore[index]
        issuance = view.get(ISSUANCES, name)
        numbered = issuance is not None and 0 < request_id <= issuance.last_request_id
        hold(numbered, f"{place!r} has no number")
        sound = request.size_lots > 0 and REQUEST_MINT <= request.kind <= REQUEST_REDEEM
        hold(sound, f"{place!r}: {request.size_lots} lots of kind {request.kind}")
        if request.kind != REQUEST_MINT:
            given_up[name] = given_up.get(name, 0) + request.size_lots
        counts[request.signer] = counts.get(request.signer, 0) + 1
    stored = {signer: waiting.requests_count for signer, waiting in view.scan(WAITING)}
    hold(stored == counts, f"waiting are counted as {stored}, and are {counts}")
    for key, _ in view.scan(SYNTHETICS):
        name = str(key)
        held = balance_of(view, escrow_of(name), name)
        hold(held == given_up.get(name, 0), f"{name}: {held} lots are given up")


INVARIANTS = (
    every_synthetic_is_listed_whole,
    supply_is_what_is_owed,
    everybody_who_owes_has_a_place,
    what_waits_is_counted,
)
