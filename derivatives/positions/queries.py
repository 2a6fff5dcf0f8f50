"""What can be asked of positions that is not simply stored."""

from chain.kit import Query, View, divide_half_even, record
from derivatives.ids import ACCOUNT, INSTRUMENT
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import is_option
from derivatives.marks.state import MARKS
from derivatives.positions.fill import instruments_held, position_of, premium_of


@record
class PositionReport:
    """One position at its entry and at its mark; flat where an account holds nothing.

    The entry value is what the open lots cost: of an option its premium, which was paid.
    Mark and profit are zero before an instrument has its first mark.
    """

    account_holder: str
    instrument: str
    size_lots: int
    entry_value_quantums: int
    entry_price_ticks: int
    mark_price_ticks: int
    unrealised_profit_quantums: int


@record
class PositionReports:
    """Every position of an account, by instrument."""

    positions: tuple[PositionReport, ...]


def position_report(view: View, account_holder: str, instrument: str) -> PositionReport:
    """Return an account's position with its entry price and its profit at the mark.

    The entry price is that of a lot, rounded to the nearest tick.
    """
    held = position_of(view, account_holder, instrument)
    terms = view.get(INSTRUMENTS, instrument)
    if held is None or terms is None:
        return PositionReport(account_holder, instrument, 0, 0, 0, 0, 0)
    mark = view.get(MARKS, instrument)
    cost_quantums = held.entry_value_quantums
    if is_option(terms):
        cost_quantums = premium_of(view, account_holder, instrument)
    entry_price_ticks = divide_half_even(
        abs(cost_quantums), abs(held.size_lots) * terms.tick_value_quantums
    )
    mark_price_ticks = 0 if mark is None else mark.mark_price_ticks
    profit_quantums = 0
    if mark is not None:
        profit_quantums = held.size_lots * mark.mark_value_quantums - cost_quantums
    return PositionReport(
        account_holder,
        instrument,
        held.size_lots,
        cost_quantums,
        entry_price_ticks,
        mark_price_ticks,
        profit_quantums,
    )


def position_reports(view: View, account_holder: str) -> PositionReports:
    """Return every position of an account with its profit at the mark."""
    held = instruments_held(view, account_holder)
    return PositionReports(tuple(position_report(view, account_holder, i) for i in held))


QUERIES = (
    Query("position", position_report, {"account_holder": ACCOUNT, "instrument": INSTRUMENT}),
    Query("of_account", position_reports, {"account_holder": ACCOUNT}),
)
