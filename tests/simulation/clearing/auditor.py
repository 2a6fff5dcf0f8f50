"""A second ledger of the clearinghouse: it believes receipts alone, and adds up by itself.

Written from docs/specs (positions, trades, insurance) with none of the code that it checks.
It knows the terms of an instrument as genesis states them, and follows a compartment in one
hour, in which no funding moves.  What it cannot explain it says as a `Disagreement`.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

PPM = 10**6
DEFAULT, INSURANCE, FUND, FEES = "default/main", "insurance/main", "default-fund/main", "fees/main"
FIRST = (
    "PriceUpdated",
    "DefaultGained",
    "AccountTakenOver",
    "GainCut",
    "LossShared",
    "LossAllocated",
    "DebtRepaid",
)


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
        self.lots: Counter[tuple[str, str]] = Counter()
        self.entries: Counter[tuple[str, str]] = Counter()
        self.value: dict[str, int] = {}
        self.before: dict[str, int] = {}
        self.debt = 0

    def block(self, receipts: Iterable[list[Any]]) -> None:
        """Take a block in: what its beginning did comes last, in the receipt of its hooks."""
        told = list(receipts)
        self.before = dict(self.value)
        early = [event for events in told for event in events if _name(event) in FIRST]
        self._prices(early)
        self._losses([event for event in early if _name(event) != "PriceUpdated"])
        for events in told:
            for event in events:
                handle = getattr(self, f"_on_{_name(event)}", None)
                if handle is not None:
                    handle(event)

    # -- what is told, one by one

    def _prices(self, events: list[Any]) -> None:
        for event in events:
            if _name(event) == "PriceUpdated":
                for name, terms in self.terms.items():
                    if terms["feed"] == event.feed:
                        # Of a lot, in quantums: price x 10^-8 x lot x 10^-8 x 10^6.
                        exact = Fraction(event.price_e8 * terms["lot_size_e8"] * 10**6, 10**16)
                        self.value[name] = exact.__floor__()

    def _on_CollateralDeposited(self, event: Any) -> None:  # noqa: N802
        self.cash[event.account_holder] += event.amount_quantums

    def _on_CollateralWithdrawn(self, event: Any) -> None:  # noqa: N802
        self.cash[event.account_holder] -= event.amount_quantums

    def _on_FundingPaid(self, event: Any) -> None:  # noqa: N802
        raise Disagreement(f"funding in an hour without a rate: {event}")

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
        self._move(event.account_holder, INSURANCE, event.insurance_quantums)
        if event.paid_quantums + event.insurance_quantums > event.allowance_quantums:
            raise Disagreement(f"a slice cost more than its allowance: {event}")

    def _on_DefaultSliced(self, event: Any) -> None:  # noqa: N802
        if event.keeper_holder:
            agree("paid to a keeper", event.paid_quantums, event.allowance_quantums)
            self._move(DEFAULT, event.keeper_holder, event.allowance_quantums)
        self._move(INSURANCE, DEFAULT, event.cost_quantums)
        if event.paid_quantums > event.allowance_quantums or event.budget_quantums < 0:
            raise Disagreement(f"a slice cost more than it may: {event}")

    def _on_PositionTornUp(self, event: Any) -> None:  # noqa: N802
        lots = abs(event.size_lots)
        agree("value torn up", event.value_quantums, lots * self.value[event.instrument])
        sign = 1 if event.size_lots > 0 else -1
        value = sign * event.value_quantums
        self._fill(event.account_holder, event.instrument, sign * lots, value)
        self._fill(DEFAULT, event.instrument, -sign * lots, -value)

    # -- losses

    def _losses(self, events: list[Any]) -> None:
        """Follow step 6: a gain, takeovers, then X by its steps."""
        gains: dict[str, tuple[int, int]] = {}
        shares: dict[str, int] = {}
        for event in events:
            match _name(event):
                case "DefaultGained":
                    agree(
                        "gain of the default",
                        event.gained_quantums,
                        self.solvency(DEFAULT) + self.debt,
                    )
                    self._move(DEFAULT, INSURANCE, event.gained_quantums)
                case "AccountTakenOver":
                    self._take_over(event)
                case "GainCut":
                    gains[event.account_holder] = event.gain_quantums, event.cut_quantums
                case "LossShared":
                    shares[event.account_holder] = event.share_quantums
                case "LossAllocated":
                    self._allocate(event, gains, shares)
                case "DebtRepaid":
                    self._move(INSURANCE, DEFAULT, event.repaid_quantums)
                    self.debt -= event.repaid_quantums
                    agree("debt left", event.left_quantums, self.debt)

    def _take_over(self, event: Any) -> None:
        account = event.account_holder
        agree("lack", event.shortfall_quantums, -self.solvency(account))
        for name in self.terms:
            lots = self.lots[account, name]
            if lots:
                self._fill(account, name, -lots, -lots * self.value[name])
                self._fill(DEFAULT, name, lots, lots * self.value[name])
        self._move(DEFAULT, account, -self.cash[account])

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
            for name, value in self.value.items()
        )
        return max(0, min(self.solvency(account), moved))

    # -- adding up

    def _holders(self) -> list[str]:
        return sorted({a for (a, _), lots in self.lots.items() if lots and a != DEFAULT})

    def _move(self, debit: str, credit: str, amount: int) -> None:
        self.cash[debit] -= amount
        self.cash[credit] += amount

    def _fill(self, account: str, name: str, lots: int, value: int) -> int:
        """Open, close at the share of the cost, or both; return what closing realised."""
        held, entry = self.lots[account, name], self.entries[account, name]
        realised = 0
        if held * lots >= 0:
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
        return self.cash[account] + sum(
            self.lots[account, name] * value - self.entries[account, name]
            for name, value in self.value.items()
            if self.lots[account, name]
        )


def _name(event: Any) -> str:
    return type(event).__name__
