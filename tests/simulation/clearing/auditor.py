"""A second ledger of the clearinghouse: it believes receipts alone, and adds up by itself.

Written from docs/specs (positions, trades, insurance) with none of the code that it checks.
It knows the terms of an instrument as genesis states them, and follows a compartment in which
every hour has a block.  Of what is dated it is told the value of a lot.  What it cannot explain
it says as a `Disagreement`.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

PPM, E8, E18 = 10**6, 10**8, 10**18
HOUR_MS, EIGHT_HOURS_MS = 3_600_000, 28_800_000
INTEREST_8H_E9, BAND_8H_E9, LIMIT_8H_E9 = 100_000, 500_000, 16_000_000
OPTION_KINDS = (3, 4)
"""Paid for at the trade: nothing is entered."""
DEBT_INTEREST_PPM, HOURS_OF_YEAR = 100_000, 8_760
DEFAULT, INSURANCE, FUND, FEES = "default/main", "insurance/main", "default-fund/main", "fees/main"
LAST_OF_BEGINNING = {
    "PriceUpdated",
    "FundingRateFixed",
    "DebtInterestCharged",
    "DefaultGained",
    "DebtRepaid",
    "AccountTakenOver",
    "GainCut",
    "LossShared",
    "LossAllocated",
}
"""What is told at the beginning of a block alone: what comes before the last of it is so too."""


class Disagreement(AssertionError):
    """What a receipt says is not what the auditor finds."""


def agree(what: str, said: Any, found: Any) -> None:
    """Raise unless two numbers are the same."""
    if said != found:
        raise Disagreement(f"{what}: told {said}, found {found}")


class Auditor:
    """Cash and positions of everybody in `main`, from what was told."""

    def __init__(self, instruments: dict[str, dict[str, int]], funds: dict[str, int]) -> None:
        self.terms = instruments
        self.cash: Counter[str] = Counter(funds)
        self.coins: Counter[tuple[str, str]] = Counter()
        self.lots: Counter[tuple[str, str]] = Counter()
        self.without_taker: list[tuple[int, int]] = []
        """Value and fee in ppm of trades without a taker, of which a block's are the last."""
        self.entries: Counter[tuple[str, str]] = Counter()
        self.paid_e18: Counter[tuple[str, str]] = Counter()
        """The funding index up to which a position has paid."""
        self.price: dict[str, int] = {}
        self.value: dict[str, int] = {}
        self.before: dict[str, int] = {}
        self.rate_e9: Counter[str] = Counter()
        self.index_e18: Counter[str] = Counter()
        self.index_before: Counter[str] = Counter()
        self.time_ms = 0
        self.hours = 0
        self.debt = 0
        self._gains: dict[str, tuple[int, int]] = {}
        self._shares: dict[str, int] = {}

    def block(
        self, time_ms: int, receipts: Iterable[list[Any]], dated: dict[str, int] | None = None
    ) -> None:
        """Take a block in: what its beginning did comes last, in the receipt of its hooks.

        What a lot of something dated is worth is told; all that comes of it is found.
        """
        told = list(receipts)
        hooks = told[-1] if told else []
        ends = [place for place, event in enumerate(hooks, 1) if _name(event) in LAST_OF_BEGINNING]
        split = ends[-1] if ends else 0
        parent_ms, self.time_ms = self.time_ms or time_ms, time_ms
        self.hours = time_ms // HOUR_MS - parent_ms // HOUR_MS
        self.before = dict(self.value)
        self._gains, self._shares = {}, {}
        self._prices(hooks[:split])
        self.value |= dated or {}
        self._accrue(parent_ms, [event for event in hooks if _name(event) == "FundingRateFixed"])
        for event in (*hooks[:split], *(e for events in told[:-1] for e in events), *hooks[split:]):
            handle = getattr(self, f"_on_{_name(event)}", None)
            if handle is not None:
                handle(event)

    # -- time

    def _prices(self, events: list[Any]) -> None:
        for event in events:
            if _name(event) == "PriceUpdated":
                self.price[event.feed] = event.price_e8
                for name, terms in self.terms.items():
                    if terms["feed"] == event.feed:
                        # Of a lot, in quantums: price x 10^-8 x lot x 10^-8 x 10^6.
                        exact = Fraction(event.price_e8 * terms["lot_size_e8"] * 10**6, 10**16)
                        self.value[name] = exact.__floor__()

    def _accrue(self, parent_ms: int, fixed: list[Any]) -> None:
        """Move the funding indices; where an hour ended, at the rate told from its end on."""
        rates = {event.instrument: event for event in fixed}
        self.index_before = Counter(self.index_e18)
        for name, value in self.value.items():
            from_ms = parent_ms
            event = rates.get(name)
            if event is not None:
                mean = event.mean_premium_e9
                drawn = max(-BAND_8H_E9, min(BAND_8H_E9, INTEREST_8H_E9 - mean))
                rate = max(-LIMIT_8H_E9, min(LIMIT_8H_E9, mean + drawn))
                agree("rate", event.rate_8h_e9, rate)
                agree("hours without a block", self.hours, 1)
                self._move_index(name, value, event.hour_start_ms - parent_ms)
                self.rate_e9[name], from_ms = rate, event.hour_start_ms
            self._move_index(name, value, self.time_ms - from_ms)

    def _move_index(self, name: str, value: int, elapsed_ms: int) -> None:
        exact = Fraction(self.rate_e9[name] * value * elapsed_ms * 10**9, EIGHT_HOURS_MS)
        self.index_e18[name] += int(exact)

    def _on_FundingRateFixed(self, event: Any) -> None:  # noqa: N802
        name, house = event.instrument, f"house-funding/{event.instrument}"
        owed_e18 = sum(
            lots * (self.index_before[name] - self.paid_e18[account, name])
            for (account, instrument), lots in self.lots.items()
            if instrument == name
        )
        agree("dust", event.dust_quantums, (self.cash[house] * E18 + owed_e18) // E18)
        self._move(house, INSURANCE, event.dust_quantums)

    def _on_DebtInterestCharged(self, event: Any) -> None:  # noqa: N802
        agree("debt", event.debt_quantums, -self.cash[event.account_holder])
        owed = event.debt_quantums * DEBT_INTEREST_PPM * self.hours
        agree("interest", event.interest_quantums, -(-owed // (PPM * HOURS_OF_YEAR)))
        self._move(event.account_holder, INSURANCE, event.interest_quantums)

    # -- what is told, one by one

    def _on_CollateralDeposited(self, event: Any) -> None:  # noqa: N802
        self._bring(event.account_holder, event.asset, event.amount_quantums)

    def _on_CollateralWithdrawn(self, event: Any) -> None:  # noqa: N802
        self._bring(event.account_holder, event.asset, -event.amount_quantums)

    def _on_FundingPaid(self, event: Any) -> None:  # noqa: N802
        account, name = event.account_holder, event.instrument
        agree("funding", event.paid_quantums, self._owed(account, name, self.index_e18))
        self._move(account, f"house-funding/{name}", event.paid_quantums)
        self.paid_e18[account, name] = self.index_e18[name]

    def _on_Traded(self, event: Any) -> None:  # noqa: N802
        terms = self.terms[event.instrument]
        value = event.size_lots * event.price_ticks * terms["tick_value_quantums"]
        bought = self._fill(event.buyer_holder, event.instrument, event.size_lots, value)
        sold = self._fill(event.seller_holder, event.instrument, -event.size_lots, -value)
        agree(
            "realised",
            (event.buyer_realised_quantums, event.seller_realised_quantums),
            (bought, sold),
        )
        if not event.taker_side:
            self.without_taker.append((value, terms["taker_fee_ppm"]))
        fee = rebate = 0
        if event.taker_side:
            fee = -(-value * terms["taker_fee_ppm"] // PPM)
            rebate = value * terms["maker_rebate_ppm"] // PPM
        paid = (fee, -rebate) if event.taker_side == "buyer" else (-rebate, fee)
        agree("fees", (event.buyer_fee_quantums, event.seller_fee_quantums), paid)
        self.cash[event.buyer_holder] -= paid[0]
        self.cash[event.seller_holder] -= paid[1]
        insured = -(-(fee - rebate) // 5)
        self.cash[INSURANCE] += insured
        self.cash[FEES] += fee - rebate - insured

    def _on_BlockTraded(self, event: Any) -> None:  # noqa: N802
        legs = self.without_taker[-event.legs_count :]
        fees = [-(-value * taker_fee_ppm // PPM) for value, taker_fee_ppm in legs]
        agree("fee of a block", event.fee_quantums, sum(fees))
        insured = sum(-(-fee // 5) for fee in fees)
        self._move(event.accepting_holder, INSURANCE, insured)
        self._move(event.accepting_holder, FEES, sum(fees) - insured)

    def _on_PositionSettled(self, event: Any) -> None:  # noqa: N802
        name = event.instrument
        held = self.lots[event.account_holder, name]
        if not 0 < event.size_lots * held <= held * held:
            raise Disagreement(f"{event.size_lots} lots of {held} were settled")
        paid = event.price_ticks * self.terms[name]["tick_value_quantums"]
        agree("value of what is settled", paid, self.value[name])
        realised = self._fill(event.account_holder, name, -event.size_lots, -event.size_lots * paid)
        agree("realised at the end", event.realised_quantums, realised)

    def _on_SyntheticMinted(self, event: Any) -> None:  # noqa: N802
        account, name = event.account_holder, event.instrument
        agree("value of a mint", event.index_value_quantums, self.value[name])
        self._owe(account, name, event.size_lots)
        value = event.size_lots * self.value[name]
        fee = -(-value * self.terms[name]["taker_fee_ppm"] // PPM)
        agree("fee of a mint", event.fee_quantums, fee)
        insured = -(-fee // 5)
        self._move(account, INSURANCE, insured)
        self._move(account, FEES, fee - insured)

    def _on_SyntheticBurned(self, event: Any) -> None:  # noqa: N802
        self._owe(event.account_holder, event.instrument, -event.size_lots)

    def _on_SyntheticRedeemed(self, event: Any) -> None:  # noqa: N802
        account, name = event.account_holder, event.instrument
        before = self.solvency(account)
        self._owe(account, name, -event.size_lots)
        value = event.size_lots * self.value[name]
        agree("value redeemed", event.index_value_quantums, value)
        paid = event.cash_quantums + sum(one.value_quantums for one in event.collateral)
        agree("paid for a redeem", paid + event.dust_quantums, value)
        self.cash[account] -= event.cash_quantums
        for one in event.collateral:
            self._bring(account, one.asset, -one.amount_quantums)
            if self.coins[account, one.asset] < 0:
                raise Disagreement(f"{account} pays {one} that it has not")
        if self.solvency(account) < before:
            raise Disagreement(f"a redeem cost {account} {before - self.solvency(account)}")

    def _on_SliceTaken(self, event: Any) -> None:  # noqa: N802
        ramped = event.release_quantums * event.ramp_ppm
        least = min(
            event.equity_before_quantums,
            event.solvency_before_quantums,
            event.maintenance_before_quantums,
        )
        most = max(0, least) * ramped // max(1, event.maintenance_before_quantums * PPM)
        if event.allowance_quantums > min(most, event.release_quantums):
            raise Disagreement(f"allowance {event.allowance_quantums} of at most {most}")
        before, after = event.maintenance_before_quantums, event.maintenance_after_quantums
        if event.equity_before_quantums >= 0 and (
            event.equity_after_quantums * before < event.equity_before_quantums * after
        ):
            raise Disagreement(f"a slice lowered equity over requirement: {event}")
        if event.keeper_holder:
            self._move(event.account_holder, event.keeper_holder, event.allowance_quantums)
            self._hand_over(event.account_holder, event.keeper_holder, event.collateral)
        self._move(event.account_holder, INSURANCE, event.insurance_quantums)
        if event.paid_quantums + event.insurance_quantums > event.allowance_quantums:
            raise Disagreement(f"a slice cost more than its allowance: {event}")

    def _on_DefaultSliced(self, event: Any) -> None:  # noqa: N802
        if event.keeper_holder:
            agree("paid to a keeper", event.paid_quantums, event.allowance_quantums)
            self._move(DEFAULT, event.keeper_holder, event.allowance_quantums)
            self._hand_over(DEFAULT, event.keeper_holder, event.collateral)
        self._move(INSURANCE, DEFAULT, event.cost_quantums)
        if event.paid_quantums > event.allowance_quantums or event.budget_quantums < 0:
            raise Disagreement(f"a slice cost more than it may: {event}")

    def _on_DefaultConverted(self, event: Any) -> None:  # noqa: N802
        self._sell(DEFAULT, event.keeper_holder, event.asset, event.amount_quantums)
        self._move(event.keeper_holder, DEFAULT, event.paid_quantums)
        self._move(INSURANCE, DEFAULT, event.cost_quantums)
        if event.cost_quantums > event.allowance_quantums or event.budget_quantums < 0:
            raise Disagreement(f"collateral cost insurance more than it may: {event}")

    def _on_CollateralConverted(self, event: Any) -> None:  # noqa: N802
        self._sell(event.account_holder, event.buyer_holder, event.asset, event.amount_quantums)
        price = event.value_quantums - event.allowance_quantums
        self._move(event.buyer_holder, event.account_holder, price)
        agree("cash of who converts", event.cash_after_quantums, self.cash[event.account_holder])

    def _on_CollateralBought(self, event: Any) -> None:  # noqa: N802
        self._sell(DEFAULT, INSURANCE, event.asset, event.amount_quantums)
        self._move(INSURANCE, DEFAULT, event.paid_quantums)

    def _on_PositionTornUp(self, event: Any) -> None:  # noqa: N802
        lots = abs(event.size_lots)
        agree("value torn up", event.value_quantums, lots * self.value[event.instrument])
        sign = 1 if event.size_lots > 0 else -1
        value = sign * event.value_quantums
        self._fill(event.account_holder, event.instrument, sign * lots, value)
        self._fill(DEFAULT, event.instrument, -sign * lots, -value)

    # -- losses, step 6: a gain, takeovers, then X by its steps

    def _on_DefaultGained(self, event: Any) -> None:  # noqa: N802
        agree("gain of the default", event.gained_quantums, self.solvency(DEFAULT) + self.debt)
        self._move(DEFAULT, INSURANCE, event.gained_quantums)

    def _on_AccountTakenOver(self, event: Any) -> None:  # noqa: N802
        account = event.account_holder
        agree("lack", event.shortfall_quantums, -self.solvency(account))
        for name in self.terms:
            lots = self.lots[account, name]
            if lots:
                self._fill(account, name, -lots, -lots * self.value[name])
                self._fill(DEFAULT, name, lots, lots * self.value[name])
        for holder, asset in sorted(self.coins):
            amount = self.coins[holder, asset]
            if holder == account and amount:
                self._sell(account, DEFAULT, asset, amount)
                self._move(DEFAULT, account, self._worth(asset, amount))
        self._move(DEFAULT, account, -self.cash[account])

    def _on_GainCut(self, event: Any) -> None:  # noqa: N802
        self._gains[event.account_holder] = event.gain_quantums, event.cut_quantums

    def _on_LossShared(self, event: Any) -> None:  # noqa: N802
        self._shares[event.account_holder] = event.share_quantums

    def _on_LossAllocated(self, event: Any) -> None:  # noqa: N802
        self._allocate(event, self._gains, self._shares)

    def _on_DebtRepaid(self, event: Any) -> None:  # noqa: N802
        self._move(INSURANCE, DEFAULT, event.repaid_quantums)
        self.debt -= event.repaid_quantums
        agree("debt left", event.left_quantums, self.debt)

    def _allocate(
        self, event: Any, gains: dict[str, tuple[int, int]], shares: dict[str, int]
    ) -> None:
        agree("X", event.loss_quantums, -self.solvency(DEFAULT) - self.debt)
        earned = {account: self._gain(account) for account in self._holders()}
        left = event.loss_quantums - event.insurance_quantums - event.default_fund_quantums
        if left:
            agree("G", event.gains_quantums, sum(earned.values()))
        due = min(left, sum(earned.values()))
        for account, (gain, cut) in gains.items():
            agree(f"gain of {account}", gain, earned[account])
            agree(f"cut of {account}", cut, -(-gain * due // event.gains_quantums))
        agree("excess", event.excess_quantums, sum(cut for _, cut in gains.values()) - due)
        self._move(INSURANCE, DEFAULT, event.insurance_quantums)
        self._move(FUND, DEFAULT, event.default_fund_quantums)
        for account, (_, cut) in gains.items():
            self._move(account, DEFAULT, cut)
        self._move(DEFAULT, INSURANCE, event.excess_quantums)
        for account, share in shares.items():
            if share > self.solvency(account):
                raise Disagreement(f"{account} shares {share} of {self.solvency(account)}")
            self._move(account, DEFAULT, share)
        rest = left - due - sum(shares.values())
        agree("what is left", event.carried_quantums + event.owed_quantums, rest)
        self.debt += event.owed_quantums

    def _gain(self, account: str) -> int:
        moved = sum(
            self.lots[account, name] * (value - self.before.get(name, value))
            + self._owed(account, name, self.index_before)
            - self._owed(account, name, self.index_e18)
            for name, value in self.value.items()
        )
        return max(0, min(self.solvency(account), moved))

    # -- adding up

    def _holders(self) -> list[str]:
        held = {account for (account, _), lots in self.lots.items() if lots}
        return sorted(one for one in held if one != DEFAULT and not one.startswith("issuer/"))

    def _move(self, debit: str, credit: str, amount: int) -> None:
        self.cash[debit] -= amount
        self.cash[credit] += amount

    def _bring(self, account: str, asset: str, amount: int) -> None:
        if asset == "USD":
            self.cash[account] += amount
        else:
            self.coins[account, asset] += amount

    def _sell(self, seller: str, buyer: str, asset: str, amount: int) -> None:
        self.coins[seller, asset] -= amount
        self.coins[buyer, asset] += amount
        if self.coins[seller, asset] < 0:
            raise Disagreement(f"{seller} sells {asset} that it has not")

    def _hand_over(self, account: str, keeper: str, collateral: Iterable[Any]) -> None:
        """Move collateral of a slice to a keeper, who pays at least what its index value falls."""
        for part in collateral:
            have = self.coins[account, part.asset]
            fall = self._worth(part.asset, have) - self._worth(
                part.asset, have - part.amount_quantums
            )
            if part.value_quantums < fall:
                raise Disagreement(f"{part} for what falls by {fall}")
            self._sell(account, keeper, part.asset, part.amount_quantums)
            self._move(keeper, account, part.value_quantums)

    def _worth(self, asset: str, amount: int) -> int:
        """Return what an amount of a coin is worth at the index, down; of a synthetic, by lots."""
        if asset in self.terms:
            exact = Fraction(self.price[self.terms[asset]["feed"]] * amount, 10**6)
            return exact.__floor__()
        return amount * self.price[asset] * 10**6 // (E8 * E8)

    def _owe(self, account: str, name: str, lots: int) -> None:
        """Let an account owe so many lots more to the issuer, at no price."""
        self._fill(account, name, -lots, 0)
        self._fill(f"issuer/{name}", name, lots, 0)

    def _owed(self, account: str, name: str, index: Counter[str]) -> int:
        """Return the funding that a position owes at an index, up."""
        owed_e18 = self.lots[account, name] * (index[name] - self.paid_e18[account, name])
        return -(-owed_e18 // E18)

    def _fill(self, account: str, name: str, lots: int, value: int) -> int:
        """Open, close at the share of the cost, or both; return what closing realised."""
        held, entry = self.lots[account, name], self.entries[account, name]
        realised = 0
        agree("funding due at a fill", 0, self._owed(account, name, self.index_e18))
        self.paid_e18[account, name] = self.index_e18[name]
        if self.terms[name]["kind"] in OPTION_KINDS:
            realised = -value
        elif held * lots >= 0:
            entry += value
        elif abs(lots) <= abs(held):
            closed = round(Fraction(entry * abs(lots), abs(held)))
            realised, entry = -value - closed, entry - closed
        else:
            closing = round(Fraction(value * abs(held), abs(lots)))
            realised, entry = -closing - entry, value - closing
        self.lots[account, name], self.entries[account, name] = held + lots, entry
        self.cash[account] += realised
        self.cash["house/" + name] -= realised
        return realised

    def solvency(self, account: str) -> int:
        """Return cash and what positions are worth at the index, above their cost."""
        return (
            self.cash[account]
            + sum(
                self.lots[account, name] * value
                - self.entries[account, name]
                - self._owed(account, name, self.index_e18)
                for name, value in self.value.items()
                if self.lots[account, name]
            )
            + sum(
                self._worth(asset, amount)
                for (holder, asset), amount in self.coins.items()
                if holder == account and amount
            )
        )


def _name(event: Any) -> str:
    return type(event).__name__
