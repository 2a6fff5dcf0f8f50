"""What an owner may ask of margin: take collateral out, change the schedule.

Source: docs/specs/margin.md, MARG-060 to MARG-074.
"""

from typing import ClassVar

from chain.kit import CLASS_REST, Context, Refusal, record, replace, require, wallet
from chain.modules.ledger.balances import transfer
from derivatives.accounts import reasons as account_reasons
from derivatives.accounts.authority import require_owner
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import release_from_custody
from derivatives.accounts.state import ACCOUNTS, COLLATERAL
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import feed_of
from derivatives.margin import reasons
from derivatives.margin.account import health_under, standing_of
from derivatives.margin.events import CollateralWithdrawn, ScheduleChanged
from derivatives.margin.gate import held_by, short_of
from derivatives.margin.state import FAMILIES, SCHEDULES
from derivatives.margin.withdrawal import require_backed, require_feeds, require_outflow


@record
class WithdrawCollateral:
    """Move an amount from an account of the signer's to the signer's wallet.

    What stays must meet initial margin without counting unrealised gains.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 1_500

    account_holder: str
    asset: str
    amount_quantums: int

    def check(self) -> None:
        """Refuse an amount that is not positive."""
        require(
            self.amount_quantums > 0,
            reasons.AMOUNT_NOT_POSITIVE,
            amount_quantums=self.amount_quantums,
        )

    def apply(self, context: Context) -> None:
        """Move the amount, then look at what is left."""
        state, account = context.state, self.account_holder
        compartment = require_owner(context, account).compartment
        require(
            state.get(COLLATERAL, (compartment, self.asset)) is not None,
            account_reasons.ASSET_NOT_COLLATERAL,
            asset=self.asset,
            compartment=compartment,
        )
        require_feeds(state, account, compartment, self.asset)
        transfer(
            context,
            debit=account,
            credit=wallet(context.signer),
            asset=self.asset,
            amount_quantums=self.amount_quantums,
        )
        release_from_custody(state, compartment, self.asset, self.amount_quantums)
        require_backed(state, account)
        require_outflow(state, compartment)
        context.emit(CollateralWithdrawn(account, self.asset, self.amount_quantums))


@record
class SetSchedule:
    """Let an account of the signer's be margined by another schedule of its compartment.

    It must meet initial margin under the new one, and have the equity that this asks for.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 1_500

    account_holder: str
    schedule: str

    def check(self) -> None:
        """Refuse nothing: which schedules there are is state."""

    def apply(self, context: Context) -> None:
        """Change the schedule."""
        state, account = context.state, self.account_holder
        owned = require_owner(context, account)
        terms = state.get(SCHEDULES, (owned.compartment, self.schedule))
        if terms is None:
            raise Refusal(reasons.SCHEDULE_UNKNOWN, schedule=self.schedule)
        self._require_families(context, account, owned.compartment)
        standing = standing_of(state, account)
        assert standing is not None
        found = health_under(state, account, standing._replace(schedule=self.schedule))
        available_quantums = found.counted_quantums(terms.gains_ppm)
        require(
            available_quantums >= terms.equity_entry_min_quantums,
            reasons.ENTRY_EQUITY_SHORT,
            schedule=self.schedule,
            required_quantums=terms.equity_entry_min_quantums,
            available_quantums=available_quantums,
        )
        if available_quantums < found.initial_quantums:
            raise short_of(account, found.initial_quantums, available_quantums)
        state.put(ACCOUNTS, account, replace(owned, schedule=self.schedule))
        context.touch(account)
        context.emit(ScheduleChanged(account, owned.schedule, self.schedule))

    def _require_families(self, context: Context, account: str, compartment: str) -> None:
        """Refuse a schedule that lacks what the account has or could be asked to hold."""
        state = context.state
        held = held_by(state, account)
        needed: dict[str, None] = {}
        for instrument_id in sorted({*held.sizes, *held.orders}):
            instrument = state.get(INSTRUMENTS, instrument_id)
            assert instrument is not None
            needed[feed_of(state, instrument_id, instrument)] = None
        settlement = compartment_terms(state, compartment).settlement_asset
        for key, terms in state.scan(COLLATERAL, (compartment,)):
            if terms.feed and key != (compartment, settlement):
                needed[terms.feed] = None
        for family in needed:
            require(
                state.get(FAMILIES, (compartment, self.schedule, family)) is not None,
                reasons.SCHEDULE_LACKS_FAMILY,
                schedule=self.schedule,
                family=family,
            )
