"""Any stored record, any range, any computed answer, by the names of the modules.

Source: docs/specs/rpc.md, RPC-084 to RPC-086.
"""

import base64
import binascii
from typing import Any

from msgspec import Struct, field

from chain.codec.order import KeyValue, MalformedKey
from chain.kit.fields import field_of_part
from chain.kit.holder import MalformedHolder, holder_from, text_of_holder
from chain.kit.plain import MalformedPlain, check_names, plain_record, value_from
from chain.kit.query import Query
from chain.kit.table import AnyTable, Key
from chain.machine.query import call as call_query
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.state import ASSETS
from node.naming.near import near_name
from node.rpc import limits
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import key_form, key_from, parts_from
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, page_at, read_at
from node.rpc.methods.values import At, Limit, NumberText, SignedText, height_from
from node.rpc.reasons import QUERY_UNKNOWN, TABLE_UNKNOWN
from node.rpc.refusals import refused
from node.services import Services
from node.state_store import Head


def table_named(services: Services, name: str) -> AnyTable:
    """Return the table of this bare name.

    Refuses: lookup.table_unknown, with the nearest name.
    """
    table = services.application.table(name)
    if table is None:
        known = [known.name for known in services.application.tables]
        raise refused(TABLE_UNKNOWN, table=name[:64], did_you_mean=near_name(name, known))
    return table


class WhichRecord(Parameters, frozen=True):
    """A record by table and key, and the state to look at."""

    table: str
    key: Any = None
    at: At = "finalized"


class RecordAnswer(Answer, frozen=True):
    """A stored record, or null."""

    table: str
    key: dict[str, Any]
    value: dict[str, Any] | None
    height: NumberText
    time_ms: int
    finalized: bool


REFUSALS_AT = ("node.height_pruned", "node.height_ahead")


@method("state_get", refusals=("lookup.table_unknown", *REFUSALS_AT))
async def get(call: Call, asked: WhichRecord) -> RecordAnswer:
    """Return the record under a key, or null.

    A key is an object by part names, an array of its parts in order, the part itself where
    there is one, or null for a table that holds one record.
    """
    table = table_named(call.services, asked.table)
    key = key_from(table, asked.key)

    def look(view: SteadyView, head: Head) -> RecordAnswer:
        record = view.get(table, key)
        return RecordAnswer(
            table=table.name,
            key=key_form(table, key),
            value=None if record is None else plain_record(record),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


class WhichRange(Parameters, frozen=True):
    """A range of a table: keys that begin with `prefix`, after the one that `cursor` stands for."""

    table: str
    prefix: Any = None
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: str | None = None
    at: At = "finalized"


class Row(Struct, frozen=True):
    """One row."""

    key: dict[str, Any]
    value: dict[str, Any]


class RowsAnswer(Answer, frozen=True):
    """Rows in the order of their keys, and where to go on."""

    table: str
    items: list[Row]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("state_scan", weight=10, refusals=("lookup.table_unknown", *REFUSALS_AT))
async def scan(call: Call, asked: WhichRange) -> RowsAnswer:
    """Return records of a table in the order of their keys, all of the same height.

    `prefix` gives leading parts of the key, as an object or an array. Ask again with
    `next_cursor` for the rows after these; name the same height in `at` to stay in one state.
    """
    table = table_named(call.services, asked.table)
    prefix = parts_from(table, asked.prefix, "prefix")
    after = _key_after(table, asked.cursor)
    page = await page_at(
        call.services, height_from(asked.at), table, prefix=prefix, after=after, limit=asked.limit
    )
    last = page.rows[-1][0] if page.rows and page.has_more else None
    return RowsAnswer(
        table=table.name,
        items=[Row(key_form(table, key), plain_record(record)) for key, record in page.rows],
        next_cursor=None if last is None else _cursor_of(table, last),
        height=str(page.head.height),
        time_ms=page.head.time_ms,
        finalized=True,
    )


def _cursor_of(table: AnyTable, key: Key) -> str:
    return base64.urlsafe_b64encode(table.encoded(key)).decode()


def _key_after(table: AnyTable, cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    try:
        return table.key_from(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, MalformedKey) as fault:
        raise ParametersInvalid(
            f"this cursor is not one of {table.name}", field="cursor"
        ) from fault


class WhichQuery(Parameters, frozen=True):
    """A query by its full name, its fields, and the state to look at."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    at: At = "finalized"


class QueryAnswer(Answer, frozen=True):
    """What a query answers."""

    name: str
    value: dict[str, Any]
    height: NumberText
    time_ms: int
    finalized: bool


@method("query_call", weight=5, refusals=("lookup.query_unknown", *REFUSALS_AT))
async def call_named(call: Call, asked: WhichQuery) -> QueryAnswer:
    """Return what a module computes: `{name: "ledger.balances", fields: {holder: ...}}`."""
    services = call.services
    found = services.application.query(asked.name)
    if found is None:
        known = list(services.application.queries)
        near = near_name(asked.name, known)
        raise refused(QUERY_UNKNOWN, query=asked.name[:64], did_you_mean=near)
    fields = query_fields(found, asked.fields)

    def look(view: SteadyView, head: Head) -> QueryAnswer:
        value = call_query(services.application, view, asked.name, fields)
        return QueryAnswer(
            name=asked.name,
            value=plain_record(value),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(services, height_from(asked.at), look)


def query_fields(query: Query, given: dict[str, Any]) -> dict[str, KeyValue]:
    """Return a query's arguments as JSON means them. Refuses: ParametersInvalid."""
    fields = {}
    try:
        check_names(given, list(query.fields), "fields")
        for name, part in query.fields.items():
            if name not in given:
                raise ParametersInvalid(f"fields.{name}: missing", field=f"fields.{name}")
            value = value_from(field_of_part(part), given[name], f"fields.{name}")
            part.encode(value)
            fields[name] = value
    except MalformedPlain as fault:
        raise ParametersInvalid(str(fault), field=fault.path, detail=fault.what) from fault
    except MalformedKey as fault:
        raise ParametersInvalid(f"{query.name}: {fault}") from fault
    return fields


class WhichHolder(Parameters, frozen=True):
    """A wallet (an address), a margin account (ADDRESS/NUMBER) or a named holder."""

    holder: str
    at: At = "finalized"


class Balance(Struct, frozen=True):
    """What a holder has of one asset."""

    asset: str
    amount_quantums: SignedText
    decimals: int


class Balances(Answer, frozen=True):
    """Every balance of one holder that is not zero."""

    holder: str
    balances: list[Balance]
    height: NumberText
    time_ms: int
    finalized: bool


@method("ledger_getBalances", refusals=REFUSALS_AT)
async def get_balances(call: Call, asked: WhichHolder) -> Balances:
    """Return every balance of a wallet, a margin account or a fund, by asset.

    An amount in whole units is `amount_quantums` divided by ten to the power of `decimals`.
    """
    try:
        holder = holder_from(asked.holder)
    except MalformedHolder as fault:
        raise ParametersInvalid(f"holder: {fault}", field="holder", detail=str(fault)) from fault

    def look(view: SteadyView, head: Head) -> Balances:
        found = [
            Balance(str(asset), str(amount_quantums), record.decimals)
            for asset, record in view.scan(ASSETS)
            if (amount_quantums := balance_of(view, holder, str(asset)))
        ]
        return Balances(
            holder=text_of_holder(holder),
            balances=found,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


METHODS = (get, scan, call_named, get_balances)
