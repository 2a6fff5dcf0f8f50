"""What can be asked of options that is not simply stored."""

from chain.kit import Query, View, record
from derivatives.ids import ACCOUNT, INSTRUMENT
from derivatives.options.greeks import NOTHING, lean_by_expiry, lean_of


@record
class OptionGreeks:
    """How one lot of an option leans; all zero for one without a price."""

    instrument: str
    volatility_e9: int
    delta_quantums: int
    gamma_quantums: int
    vega_quantums: int
    theta_quantums: int


@record
class ExpiryGreeks:
    """How an account's options of one date lean together."""

    expiry_ms: int
    delta_quantums: int
    gamma_quantums: int
    vega_quantums: int
    theta_quantums: int


@record
class AccountGreeks:
    """How an account's options lean, by date."""

    expiries: tuple[ExpiryGreeks, ...]


def option_greeks(view: View, instrument: str) -> OptionGreeks:
    """Return the greeks of one lot."""
    return OptionGreeks(instrument, *(lean_of(view, instrument) or NOTHING))


def account_greeks(view: View, account_holder: str) -> AccountGreeks:
    """Return the greeks of everything an account holds, by date."""
    found = lean_by_expiry(view, account_holder)
    return AccountGreeks(tuple(ExpiryGreeks(ms, *lean[1:]) for ms, lean in found.items()))


QUERIES = (
    Query("greeks", option_greeks, {"instrument": INSTRUMENT}),
    Query("of_account", account_greeks, {"account_holder": ACCOUNT}),
)
