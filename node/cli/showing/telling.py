"""Say in one line what happened to an account: names instead of addresses, whole units.

Source: docs/specs/cli.md, CLI-081.
"""

from collections.abc import Callable, Mapping
from typing import Any

from node.cli.session import Session
from node.client.amounts import money
from node.client.instruments import Terms, terms_of
from node.client.keyring import short

Event = Mapping[str, Any]

OPTION_KINDS = ("call", "put")


class Telling:
    """What turns the integers and addresses of events into words, asked for once each."""

    def __init__(self, session: Session, account: str, settlement_asset: str) -> None:
        """`account` is whose history is told; amounts without an asset are of the given one."""
        self.account = account
        self._session = session
        self._settlement = settlement_asset
        self._decimals: dict[str, int] = {}
        self._terms: dict[str, Terms] = {}
        self._names = session.keyring.names()

    def line(self, event: Event) -> str:
        """Return what an event says, without when it happened."""
        tell = SENTENCES.get(str(event["name"]))
        if tell is not None:
            return tell(self, event)
        said = " ".join(f"{name} {value}" for name, value in event.items() if name != "name")
        return f"{event['name']} {said}"

    def amount(self, quantums: str, asset: str | None = None) -> str:
        """Return an amount of an asset, that of settlement where none is named."""
        asset = asset or self._settlement
        if asset not in self._decimals:
            from node.cli.assets import asset_decimals

            self._decimals[asset] = asset_decimals(self._session, asset)
        return money(int(quantums), self._decimals[asset], asset)

    def terms(self, instrument: str) -> Terms:
        """Return the terms of an instrument."""
        if instrument not in self._terms:
            self._terms[instrument] = terms_of(self._session.client, instrument)
        return self._terms[instrument]

    def who(self, holder: str) -> str:
        """Return an account by the name of its key here, else shortened."""
        owner, slash, number = holder.partition("/")
        return (self._names.get(owner) or short(owner)) + slash + number

    def realised(self, moved: Event, quantums: str) -> str:
        """Return what an event realised: of an option what was paid, no profit or loss of it."""
        if self.terms(moved["instrument"]).shape.get("kind") not in OPTION_KINDS:
            return f"realised {self.amount(quantums)}"
        verb = "received" if int(quantums) >= 0 else "paid"
        return f"{verb} {self.amount(str(abs(int(quantums))))}"

    def lots(self, moved: Event) -> str:
        """Return how much of what an event, or one leg of it, moves: `0.5 BTC-PERP`."""
        terms = self.terms(moved["instrument"])
        return f"{terms.size(abs(int(moved['size_lots'])))} {terms.instrument}"


def _opened(_telling: Telling, event: Event) -> str:
    mode = "isolated" if int(event["mode"]) else "cross"
    return f"opened, {mode}, {event['schedule']}, {event['compartment']}"


def _moved(verb: str) -> Callable[[Telling, Event], str]:
    def tell(telling: Telling, event: Event) -> str:
        return f"{verb} {telling.amount(event['amount_quantums'], event['asset'])}"

    return tell


def _rescheduled(_telling: Telling, event: Event) -> str:
    return f"margined by {event['to_schedule']} instead of {event['from_schedule']}"


def _traded(telling: Telling, event: Event) -> str:
    side = "buyer" if event["buyer_holder"] == telling.account else "seller"
    verb = "bought" if side == "buyer" else "sold"
    price = telling.terms(event["instrument"]).price(event["price_ticks"])
    said = f"{verb} {telling.lots(event)} at {price}"
    fee, realised = int(event[f"{side}_fee_quantums"]), event[f"{side}_realised_quantums"]
    if fee:
        said += f", {'fee' if fee > 0 else 'rebate'} {telling.amount(str(abs(fee)))}"
    return said + (f", {telling.realised(event, realised)}" if int(realised) else "")


def _block_traded(telling: Telling, event: Event) -> str:
    if event["offering_holder"] == telling.account:
        return f"a block with {telling.who(event['accepting_holder'])}, at its own offer"
    fee = telling.amount(event["fee_quantums"])
    return f"a block with {telling.who(event['offering_holder'])}, fee {fee}"


def _funded(telling: Telling, event: Event) -> str:
    paid = int(event["paid_quantums"])
    verb = "paid" if paid >= 0 else "received"
    return f"{verb} funding {telling.amount(str(abs(paid)))} on {event['instrument']}"


def _settled(telling: Telling, event: Event) -> str:
    price = telling.terms(event["instrument"]).price(event["price_ticks"])
    realised = telling.realised(event, event["realised_quantums"])
    return f"{telling.lots(event)} settled at {price}, {realised}"


def _interest(telling: Telling, event: Event) -> str:
    paid, debt = (telling.amount(event[f"{name}_quantums"]) for name in ("interest", "debt"))
    return f"paid interest {paid} on a debt of {debt}"


def _standing(what: str) -> Callable[[Telling, Event], str]:
    def tell(telling: Telling, event: Event) -> str:
        equity = telling.amount(event["equity_quantums"])
        return (
            f"{what}: equity {equity}, maintenance {telling.amount(event['maintenance_quantums'])}"
        )

    return tell


def _cleared(_telling: Telling, event: Event) -> str:
    return f"its {event['orders_count']} orders cancelled, because it is liquidated"


def _sliced(telling: Telling, event: Event) -> str:
    legs = [telling.lots(leg) for leg in event["legs"]]
    legs += [telling.amount(cut["amount_quantums"], cut["asset"]) for cut in event["collateral"]]
    what, given = ", ".join(legs), telling.amount(event["paid_quantums"])
    if event["keeper_holder"] == telling.account:
        whose = telling.who(event["account_holder"])
        return f"took {what} of {whose} at the mark, and {given} for it"
    to = telling.who(event["keeper_holder"]) if event["keeper_holder"] else "the book"
    before, after = (telling.amount(event[f"equity_{when}_quantums"]) for when in SIDES_OF_TIME)
    return f"liquidated: {what} to {to} for {given}, equity {before} before, {after} after"


SIDES_OF_TIME = ("before", "after")


def _converting(telling: Telling, event: Event) -> str:
    debt, limit = (telling.amount(event[f"{name}_quantums"]) for name in ("debt", "limit"))
    return f"converts: debt {debt} beyond {limit}"


def _converted_all(_telling: Telling, _event: Event) -> str:
    return "owes nothing any more"


def _converted(telling: Telling, event: Event) -> str:
    what = telling.amount(event["amount_quantums"], event["asset"])
    worth, less = (telling.amount(event[f"{name}_quantums"]) for name in ("value", "allowance"))
    if event["buyer_holder"] == telling.account:
        return (
            f"bought {what} of {telling.who(event['account_holder'])}, worth {worth}, less {less}"
        )
    return f"sold {what} to {telling.who(event['buyer_holder'])}, worth {worth}, less {less}"


def _taken_over(telling: Telling, event: Event) -> str:
    count = int(event["positions_count"])
    held = f"{count} position{'' if count == 1 else 's'}"
    return f"taken over with {held}: {telling.amount(event['shortfall_quantums'])} were missing"


def _cut(telling: Telling, event: Event) -> str:
    cut, gain = (telling.amount(event[f"{name}_quantums"]) for name in ("cut", "gain"))
    return f"gave {cut} of this block's gain of {gain} to losses of the compartment"


def _shared(telling: Telling, event: Event) -> str:
    share, risk = (telling.amount(event[f"{name}_quantums"]) for name in ("share", "risk"))
    return f"gave {share} to losses of the compartment, by its risk of {risk}"


def _torn_up(telling: Telling, event: Event) -> str:
    worth = telling.amount(event["value_quantums"])
    return f"{telling.lots(event)} torn up at the index, worth {worth}"


def _minted(telling: Telling, event: Event) -> str:
    return f"minted {telling.lots(event)}, fee {telling.amount(event['fee_quantums'])}"


def _lapsed(telling: Telling, event: Event) -> str:
    return f"a mint of {telling.lots(event)} lapsed: {event['reason']}"


def _burned(telling: Telling, event: Event) -> str:
    return f"burned {telling.lots(event)}"


def _redeemed(telling: Telling, event: Event) -> str:
    parts = [telling.amount(event["cash_quantums"])]
    parts += [telling.amount(one["amount_quantums"], one["asset"]) for one in event["collateral"]]
    return f"{telling.lots(event)} of what it owed redeemed, paid {' and '.join(parts)}"


SENTENCES: dict[str, Callable[[Telling, Event], str]] = {
    "accounts.account_opened": _opened,
    "accounts.collateral_deposited": _moved("deposited"),
    "accounts.debt_interest_charged": _interest,
    "margin.collateral_withdrawn": _moved("withdrew"),
    "margin.schedule_changed": _rescheduled,
    "margin.margin_warned": _standing("near liquidation"),
    "margin.account_flagged": _standing("flagged: it may be liquidated"),
    "margin.margin_restored": _standing("restored"),
    "trades.traded": _traded,
    "block_trades.block_traded": _block_traded,
    "perpetuals.funding_paid": _funded,
    "futures.position_settled": _settled,
    "liquidation.orders_cleared": _cleared,
    "liquidation.slice_taken": _sliced,
    "liquidation.conversion_began": _converting,
    "liquidation.conversion_ended": _converted_all,
    "liquidation.collateral_converted": _converted,
    "insurance.account_taken_over": _taken_over,
    "insurance.gain_cut": _cut,
    "insurance.loss_shared": _shared,
    "insurance.position_torn_up": _torn_up,
    "synthetics.synthetic_minted": _minted,
    "synthetics.mint_lapsed": _lapsed,
    "synthetics.synthetic_burned": _burned,
    "synthetics.synthetic_redeemed": _redeemed,
}
"""What is said of each kind of event that an account's history has."""
