"""What these methods are asked about: a margin account, an instrument, and where a list goes on.

Source: docs/specs/rpc.md, RPC-110, RPC-111.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chain.kit import View
from chain.kit.holder import MalformedHolder, holder_from, text_of_holder
from derivatives.accounts.state import ACCOUNTS, Account
from derivatives.ids import AccountId, InstrumentId, is_account
from derivatives.instruments.state import INSTRUMENTS, Instrument
from node.naming.near import near_name
from node.rpc.errors import ParametersInvalid
from node.rpc.reasons import ACCOUNT_UNKNOWN, INSTRUMENT_UNKNOWN
from node.rpc.refusals import refused

T = TypeVar("T")

FIRST_ACCOUNT = "/0"


def account_given(text: str) -> AccountId:
    """Return the margin account that a text means; an address alone is its number 0.

    Refuses: ParametersInvalid, saying what is wrong.
    """
    try:
        holder = holder_from(text if "/" in text else text + FIRST_ACCOUNT)
    except MalformedHolder as fault:
        raise ParametersInvalid(f"account: {fault}", field="account", detail=str(fault)) from fault
    if not is_account(holder):
        raise ParametersInvalid("account: an account is nov1... or nov1.../N", field="account")
    return holder


def known_account(view: View, account: AccountId) -> Account:
    """Return the record of an open account. Refuses: lookup.account_unknown."""
    record = view.get(ACCOUNTS, account)
    if record is None:
        raise refused(ACCOUNT_UNKNOWN, account=text_of_holder(account))
    return record


def known_instrument(view: View, instrument_id: InstrumentId) -> Instrument:
    """Return an instrument's terms. Refuses: lookup.instrument_unknown, with the nearest."""
    record = view.get(INSTRUMENTS, instrument_id)
    if record is None:
        known = [str(key) for key, _ in view.scan(INSTRUMENTS)]
        raise refused(
            INSTRUMENT_UNKNOWN,
            instrument=instrument_id[:64],
            did_you_mean=near_name(instrument_id, known),
        )
    return record


def page_of(
    items: Sequence[T], name: Callable[[T], str], limit: int, cursor: str | None
) -> tuple[list[T], str | None]:
    """Return the items after the one that `cursor` names, and where to go on after these.

    Items stand in an order of their own; a cursor that names none begins nowhere.
    Refuses: ParametersInvalid, for a cursor that is no longer among them.
    """
    start = 0
    if cursor is not None:
        places = [place for place, item in enumerate(items) if name(item) == cursor]
        if not places:
            raise ParametersInvalid(f"cursor: {cursor[:64]!r} is not in this list", field="cursor")
        start = places[0] + 1
    page = list(items[start : start + limit])
    has_more = start + limit < len(items)
    return page, name(page[-1]) if page and has_more else None
