"""What is always true of money."""

from chain.kit import Broken, View, each, hold
from chain.kit.holder import check_holder, may_owe
from chain.limits import SUPPLY_QUANTUMS_MAX
from chain.modules.ledger.state import (
    ASSETS,
    BALANCES,
    DECIMALS_MAX,
    LEDGER_PARAMETERS,
    SUPPLIES,
)


def balances_sum_to_supplies(view: View) -> None:
    """Hold, for every asset, that what holders have is what there is."""
    held: dict[str, int] = {}
    for key, balance in each(view, BALANCES):
        assert isinstance(key, tuple)
        asset = str(key[1])
        held[asset] = held.get(asset, 0) + balance.amount_quantums
    for asset_key, _ in view.scan(ASSETS):
        asset = str(asset_key)
        supply = view.get(SUPPLIES, asset)
        supply_quantums = 0 if supply is None else supply.supply_quantums
        held_quantums = held.pop(asset, 0)
        hold(
            held_quantums == supply_quantums,
            f"{asset}: holders have {held_quantums} quantums, the supply is {supply_quantums}",
        )
    hold(not held, f"balances of unknown assets: {', '.join(sorted(held))}")


def supplies_fit(view: View) -> None:
    """Hold that every supply is of a known asset and within 2^62 quantums."""
    for asset, supply in view.scan(SUPPLIES):
        hold(view.get(ASSETS, asset) is not None, f"a supply of unknown {asset!r}")
        hold(
            0 <= supply.supply_quantums <= SUPPLY_QUANTUMS_MAX,
            f"{asset!r}: {supply.supply_quantums} quantums",
        )


def balances_are_positive(view: View) -> None:
    """Hold that what is stored is something, below zero only with holders that may owe."""
    for key, balance in each(view, BALANCES):
        assert isinstance(key, tuple)
        holder, amount_quantums = str(key[0]), balance.amount_quantums
        if amount_quantums <= 0:
            owes = amount_quantums < 0 and may_owe(holder)
            hold(owes, f"{key!r} has {amount_quantums} quantums")
        wrong = check_holder(holder)
        if wrong:
            raise Broken(f"{key!r}: {wrong}")


def the_refusal_fee_is_payable_in_an_asset(view: View) -> None:
    """Hold that the fee's asset exists and that the fee is not negative."""
    parameters = view.get(LEDGER_PARAMETERS, ())
    hold(parameters is not None, "no ledger parameters")
    assert parameters is not None
    hold(view.get(ASSETS, parameters.fee_asset) is not None, f"no asset {parameters.fee_asset}")
    hold(parameters.fee_refused_quantums >= 0, f"fee {parameters.fee_refused_quantums}")


def assets_have_few_decimals(view: View) -> None:
    """Hold that no asset is finer than 18 decimals."""
    for asset, record in view.scan(ASSETS):
        hold(record.decimals <= DECIMALS_MAX, f"{asset!r} has {record.decimals} decimals")
