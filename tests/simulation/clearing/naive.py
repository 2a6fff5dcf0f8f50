"""What a block's beginning must come to, worked out naively from the state that its parent left.

Written from docs/specs (accounts, insurance, margin, perpetuals) with none of the code that it
judges: dictionaries, fractions, no cleverness.  It is told what the oracle decided, and says
what everybody has after step 6: of the compartment `main`, settled in USD.
"""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from chain.kit import View
from chain.modules.ledger.state import BALANCES
from derivatives.marks.state import MARKS
from derivatives.oracle.state import PRICES
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import POSITIONS

PPM, E8, E18, HOUR_MS = 10**6, 10**8, 10**18, 3_600_000
DEFAULT, INSURANCE, FUND = "default/main", "insurance/main", "default-fund/main"
SHOCKS_PPM = [sign * shock for shock in (0, 4, 10, 18, 28, 40) for sign in (1_000, -1_000)]
BASIS_PPM, INTEREST_PPM, LIMIT = 5_000, 100_000, Fraction(1, 4)
FUTURE = "BTC-26MAR27"
FEED_OF = {"BTC-PERP": "BTC", "ETH-PERP": "ETH", FUTURE: FUTURE}
LOT = {"BTC-PERP": Fraction(1, 1_000), "ETH-PERP": Fraction(1, 100), FUTURE: Fraction(1, 1_000)}


@dataclass
class Position:
    """Lots, what they cost, and the funding index up to which they have paid."""

    lots: int
    entry: int
    index_e18: int


@dataclass
class Found:
    """What a block's beginning came to."""

    loss: int = 0
    insurance: int = 0
    fund: int = 0
    gains: dict[str, int] = field(default_factory=dict)
    cuts: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    taken_over: list[str] = field(default_factory=list)
    carried: int = 0
    owed: int = 0
    repaid: int = 0


class Naive:
    """The compartment, block after block; `begin` then `after` for each."""

    def __init__(self, view: View, accounts: list[str]) -> None:
        """Begin with a chain in which nothing has been paid yet."""
        self.accounts = accounts
        self.debt = self.floor = self.paid = self.time_ms = 0
        self.history = [(0, self._cash(view, INSURANCE), 0)]

    # -- reading

    @staticmethod
    def _cash(view: View, holder: str) -> int:
        held = view.get(BALANCES, (holder, "USD"))
        return 0 if held is None else held.amount_quantums

    def _read(self, parent: View, now: View) -> None:
        """Take what the parent left, and the prices, marks and funding indices of now."""
        holders = [*self.accounts, DEFAULT, INSURANCE, FUND]
        self.cash = {holder: self._cash(parent, holder) for holder in holders}
        self.coins = {
            (holder, asset): balance.amount_quantums
            for holder in holders
            for asset in ("BTC", "ETH")
            if (balance := parent.get(BALANCES, (holder, asset)))
        }
        self.positions = {
            (str(key[0]), str(key[1])): Position(  # type: ignore[index]
                held.size_lots, held.entry_value_quantums, held.funding_index_e18
            )
            for key, held in parent.scan(POSITIONS)
        }
        self.price = {str(feed): price.price_e8 for feed, price in now.scan(PRICES)}
        self.careful = {
            str(feed): min(price.price_e8, price.average_5m_e8) for feed, price in now.scan(PRICES)
        }
        self.mark = {str(name): mark.mark_value_quantums for name, mark in now.scan(MARKS)}
        before = {str(name): mark.index_price_e8 for name, mark in parent.scan(MARKS)}
        self.value = {name: self._lot(name, self.price[feed]) for name, feed in FEED_OF.items()}
        self.value_before = {name: self._lot(name, price) for name, price in before.items()}
        self.index = {str(name): funding.index_e18 for name, funding in now.scan(FUNDING)}
        self.index_before = {str(name): f.index_e18 for name, f in parent.scan(FUNDING)}

    @staticmethod
    def _lot(name: str, price_e8: int) -> int:
        return floor(Fraction(price_e8, E8) * LOT[name] * 10**6)

    # -- adding up

    def owed(self, account: str, name: str, index: dict[str, int]) -> int:
        """Return the funding a position owes, up."""
        one = self.positions[account, name]
        return ceil(Fraction(one.lots * (index.get(name, 0) - one.index_e18), E18))

    def coin_value(self, amount: int, asset: str, price: dict[str, int]) -> int:
        """Return what an amount of a coin is worth in quantums of USD, down."""
        return floor(Fraction(amount * price[asset], E8 * E8) * 10**6)

    def solvency(self, account: str) -> int:
        """Return S."""
        found = self.cash[account]
        for (holder, name), one in self.positions.items():
            if holder == account:
                found += one.lots * self.value[name] - one.entry
                found -= self.owed(account, name, self.index)
        for (holder, asset), amount in self.coins.items():
            if holder == account:
                found += self.coin_value(amount, asset, self.price)
        return found

    def gain(self, account: str) -> int:
        """Return what this block brought an account, at most what it has."""
        moved = 0
        for (holder, name), one in self.positions.items():
            if holder == account:
                moved += one.lots * (self.value[name] - self.value_before[name])
                moved += self.owed(account, name, self.index_before)
                moved -= self.owed(account, name, self.index)
        return max(0, min(self.solvency(account), moved))

    def risk(self, account: str) -> int:
        """Return R of `standard`: the worst of eleven prices a family, and its basis."""
        total = 0
        for feed in ("BTC", "ETH", FUTURE):
            held = [
                (one.lots, self.mark[name])
                for (holder, name), one in self.positions.items()
                if holder == account and FEED_OF[name] == feed
            ]
            coin = self.coin_value(self.coins.get((account, feed), 0), feed, self.careful)
            net = sum(lots * value for lots, value in held) + coin
            held.append((coin // 10**6, 10**6))
            worst = 0
            for shock in SHOCKS_PPM:
                loss = sum(2 * abs(lots) for lots, _ in held)
                for lots, value in held:
                    loss += lots * (value - max(1, value * (PPM + shock) // PPM))
                worst = max(worst, loss)
            total += worst + ceil(Fraction(abs(net) * BASIS_PPM, PPM))
        return total

    # -- steps

    def begin(self, parent: View, now: View, time_ms: int) -> Found:
        """Work out steps 4 to 6 of a block."""
        self._read(parent, now)
        hours = time_ms // HOUR_MS - (self.time_ms or time_ms) // HOUR_MS
        self.time_ms = time_ms
        if hours:
            self._hour_ends(parent, hours)
        found = Found()
        gained = max(0, self.solvency(DEFAULT) + self.debt)
        self._move(DEFAULT, INSURANCE, gained)
        if self.debt:
            found.repaid = self._repay()
        passed = 0
        for account in self.accounts:
            if self.solvency(account) < 0:
                found.taken_over.append(account)
                passed += self._take_over(account)
        found.loss = max(0, -self.solvency(DEFAULT) - self.debt)
        if found.loss:
            self._pay(found, passed)
        self.floor = self.cash[INSURANCE]
        return found

    def after(self, view: View, time_ms: int) -> None:
        """Remember what the fund held when the block ended."""
        self.history.append((time_ms, self._cash(view, INSURANCE), self.paid))

    def _hour_ends(self, parent: View, hours: int) -> None:
        """Pay whole quantums of dust to insurance, and charge who owes."""
        for name in FEED_OF:
            # What the house has beyond what the positions are owed, at the parent's index.
            house = self._cash(parent, "house-funding/" + name)
            dust_e18 = house * E18 + sum(
                one.lots * (self.index_before.get(name, 0) - one.index_e18)
                for (_, instrument), one in self.positions.items()
                if instrument == name
            )
            self.cash[INSURANCE] += dust_e18 // E18
        for account in self.accounts:
            debt = max(0, -self.cash[account])
            charge = ceil(Fraction(debt * INTEREST_PPM * hours, PPM * 8_760))
            self._move(account, INSURANCE, charge)

    def _limit(self) -> int:
        """Return what insurance may pay: a quarter of an hour before, less what it paid since."""
        _, held, paid = [row for row in self.history if row[0] <= self.time_ms - HOUR_MS][-1]
        return max(0, floor(held * LIMIT) - (self.paid - paid))

    def _repay(self) -> int:
        """Repay a debt from income, whole, then within the limit."""
        income = min(self.debt, max(0, self.cash[INSURANCE] - self.floor))
        older = min(self.debt - income, self.cash[INSURANCE] - income, self._limit())
        self.paid += older
        self.debt -= income + older
        self._move(INSURANCE, DEFAULT, income + older)
        return income + older

    def _take_over(self, account: str) -> int:
        """Move all that an account has to the default account, at the index; count positions."""
        missing = self.solvency(account)
        passed = 0
        for (holder, name), one in list(self.positions.items()):
            if holder != account:
                continue
            passed += 1
            del self.positions[holder, name]
            if (DEFAULT, name) in self.positions:
                self.cash[DEFAULT] -= self.owed(DEFAULT, name, self.index)
            own = self.positions.setdefault((DEFAULT, name), Position(0, 0, 0))
            own.lots, own.entry = own.lots + one.lots, own.entry + one.lots * self.value[name]
            own.index_e18 = self.index.get(name, 0)
        for (holder, asset), amount in list(self.coins.items()):
            if holder == account:
                del self.coins[holder, asset]
                have = self.coins.get((DEFAULT, asset), 0)
                self.coins[DEFAULT, asset] = have + amount
                self.cash[DEFAULT] -= self.coin_value(amount, asset, self.price)
        self.cash[account] = 0
        self.cash[DEFAULT] += missing
        return passed

    def _pay(self, found: Found, passed: int) -> None:
        """Pay a loss: insurance, default fund, gains of this block, shares by risk."""
        found.insurance = min(found.loss, self._limit(), self.cash[INSURANCE])
        self.paid += found.insurance
        self._move(INSURANCE, DEFAULT, found.insurance)
        found.fund = min(found.loss - found.insurance, self.cash[FUND])
        self._move(FUND, DEFAULT, found.fund)
        left = found.loss - found.insurance - found.fund
        holding = sorted({a for a, _ in self.positions if a != DEFAULT})
        if left:
            found.gains = {account: self.gain(account) for account in holding}
        together = sum(found.gains.values())
        due = min(left, together)
        for account, gain in found.gains.items():
            if due and gain:
                found.cuts[account] = ceil(Fraction(gain * due, together))
        for account, cut in found.cuts.items():
            self._move(account, DEFAULT, cut)
        self._move(DEFAULT, INSURANCE, sum(found.cuts.values()) - due)
        left -= due
        if left:
            found.shares = self._shares(holding, left)
        for account, share in found.shares.items():
            self._move(account, DEFAULT, share)
        left -= sum(found.shares.values())
        positions = sum(1 for account, _ in self.positions if account != DEFAULT)
        found.carried = left if left < positions + passed else 0
        found.owed = left - found.carried
        self.debt += found.owed

    def _shares(self, holding: list[str], left: int) -> dict[str, int]:
        """Share by risk, nobody more than he has; whole quantums by largest remainder."""
        has = {account: self.solvency(account) for account in holding}
        risk = {account: self.risk(account) for account in holding if has[account] > 0}
        risk = {account: value for account, value in risk.items() if value}
        paid: Counter[str] = Counter()
        while risk:
            rate = Fraction(left, sum(risk.values()))
            full = [account for account in risk if risk[account] * rate >= has[account]]
            if not full:
                exact = {account: value * rate for account, value in risk.items()}
                parts = {account: floor(part) for account, part in exact.items()}
                rest = left - sum(parts.values())
                by_rest = sorted(
                    risk, key=lambda account: (parts[account] - exact[account], account)
                )
                for account in by_rest[:rest]:
                    parts[account] += 1
                paid.update(parts)
                break
            for account in full:
                paid[account] = has[account]
                left -= has[account]
                del risk[account]
        return {account: share for account, share in sorted(paid.items()) if share}

    def _move(self, debit: str, credit: str, amount: int) -> None:
        self.cash[debit] -= amount
        self.cash[credit] += amount
