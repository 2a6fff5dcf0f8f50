"""Ask a node for everything an agent looks at, in one request, and read it as of one height.

Source: docs/specs/agents.md, AGT-010 to AGT-013.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.agents.seen import AccountSeen, Call, Level, MarketSeen, Resting, Seen
from node.client.amounts import quantums_of
from node.client.building import Chain
from node.client.failures import ANSWER_STRANGE, NOT_READY, Failure
from node.client.transport import Client

E8_PLACES = 8
MARKETS_MAX_COUNT = 100
ORDERS_MAX_COUNT = 1_000
DEPTH_COUNT = 50
BATCH_MAX_COUNT = 50
"""What a node takes in one request; who looks at more markets asks again for the rest."""
ATTEMPTS_COUNT = 3
"""How often a block may come in between before it is left for the next turn."""

UNKNOWN = "lookup.account_unknown"
UNKNOWN_MARKET = "lookup.instrument_unknown"


@dataclass(frozen=True)
class Looked:
    """What was seen, the chain it is of, and where the transactions asked after stand."""

    chain: Chain
    seen: Seen
    statuses: tuple[Mapping[str, Any], ...]


def look(
    client: Client,
    account: str,
    instruments: Sequence[str],
    questions: Sequence[Call],
    transactions: Sequence[str],
) -> Looked | None:
    """Return what a node shows of one height, None where blocks kept coming in between.

    Refuses: Failure, when the node does not answer, or not like one.
    """
    calls = [
        *_calls(account, instruments),
        *(("tx_getStatus", {"id": transaction}) for transaction in transactions),
        *questions,
    ]
    for _ in range(ATTEMPTS_COUNT):
        answers = [
            answer
            for start in range(0, len(calls), BATCH_MAX_COUNT)
            for answer in client.call_many(calls[start : start + BATCH_MAX_COUNT])
        ]
        try:
            looked = _read(answers, instruments, len(transactions))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as fault:
            raise Failure(
                ANSWER_STRANGE, f"{client.url} answers otherwise than this program reads ({fault})"
            ) from fault
        if looked is not None:
            return looked
    return None


def _calls(account: str, instruments: Sequence[str]) -> list[Call]:
    calls: list[Call] = [
        ("chain_getStatus", {}),
        ("account_get", {"account": account}),
        ("order_list", {"account": account, "limit": ORDERS_MAX_COUNT}),
        ("query_call", {"name": "positions.of_account", "fields": {"account_holder": account}}),
        ("state_get", {"table": "dead_men", "key": {"account_holder": account}}),
    ]
    if instruments:
        listed = {"instruments": list(instruments), "limit": MARKETS_MAX_COUNT}
        calls.append(("market_list", listed))
    for name in instruments:
        fields = {"instrument": name}
        calls.append(("query_call", {"name": "instruments.standing", "fields": fields}))
        calls.append(("market_getBook", {"instrument": name, "depth_count": DEPTH_COUNT}))
    return calls


def _read(answers: Sequence[Any], instruments: Sequence[str], count: int) -> Looked | None:
    status, account, orders, positions, dead_man = answers[:5]
    listed = list(answers[5:6]) if instruments else []
    first = 5 + len(listed)
    own = first + 2 * len(instruments)
    per_market = [answers[i : i + 2] for i in range(first, own, 2)]
    statuses, asked = answers[own : own + count], answers[own + count :]
    is_open = not _refused(account, UNKNOWN)
    of_one_height = [status, positions, dead_man, *listed]
    of_one_height += [account, orders] if is_open else []
    for told in (*of_one_height, *statuses):
        if isinstance(told, Failure):
            raise told
    if status["syncing"]:
        raise Failure(NOT_READY, f"the node is catching up, at height {status['height']}")
    rows = {row["instrument"]: row for markets in listed for row in markets["items"]}
    seen_markets = {}
    for name, (standing, book) in zip(instruments, per_market, strict=True):
        if name not in rows or _refused(book, UNKNOWN_MARKET):
            continue
        for told in (standing, book):
            if isinstance(told, Failure):
                raise told
        of_one_height += [standing, book]
        seen_markets[name] = _market(rows[name], standing["value"], book)
    if len({told["height"] for told in of_one_height}) > 1:
        return None
    chain_id = bytes.fromhex(str(status["chain_id"]).removeprefix("0x"))
    seen = Seen(
        height=int(status["height"]),
        time_ms=int(status["time_ms"]),
        account=_account(account, orders, positions["value"], dead_man) if is_open else None,
        markets=seen_markets,
        answers=tuple(None if isinstance(told, Failure) else told for told in asked),
    )
    return Looked(
        Chain(chain_id, str(status["kind"]), int(status["height"])), seen, tuple(statuses)
    )


def _refused(answer: Any, reason: str) -> bool:
    return isinstance(answer, Failure) and answer.kind.reason == reason


def _market(row: Mapping[str, Any], standing: Mapping[str, Any], book: Any) -> MarketSeen:
    return MarketSeen(
        instrument=str(row["instrument"]),
        tick_size_e8=quantums_of(row["tick_size"], E8_PLACES, "tick"),
        lot_size_e8=quantums_of(row["lot_size"], E8_PLACES, "lot"),
        tick_value_quantums=int(row["tick_value_quantums"]),
        taker_fee_ppm=int(row["taker_fee_ppm"]),
        index_price_e8=int(row["index_price_e8"] or 0),
        mark_price_ticks=int(row["mark_price_ticks"] or 0),
        is_open=row["state"] == "open" and bool(standing["may_open"]),
        may_reduce=bool(standing["may_reduce"]),
        bids=_levels(book["bids"]),
        asks=_levels(book["asks"]),
    )


def _levels(rows: Sequence[Sequence[str]]) -> tuple[Level, ...]:
    return tuple((int(price), int(lots)) for price, lots in rows)


def _account(
    account: Mapping[str, Any],
    orders: Mapping[str, Any],
    positions: Mapping[str, Any],
    dead_man: Mapping[str, Any],
) -> AccountSeen:
    settlement = account["settlement_asset"]
    return AccountSeen(
        equity_quantums=int(account["equity_quantums"]),
        initial_margin_quantums=int(account["initial_margin_quantums"]),
        collateral_quantums={
            one["asset"]: int(one["value_quantums"])
            for one in account["collateral"]
            if one["asset"] != settlement
        },
        positions_lots={one["instrument"]: int(one["size_lots"]) for one in positions["positions"]},
        orders=tuple(_order(row) for row in orders["items"]),
        dead_man_ms=int(dead_man["value"]["deadline_ms"]) if dead_man["value"] else 0,
    )


def _order(row: Mapping[str, Any]) -> Resting:
    return Resting(
        order_id=int(row["order_id"]),
        client_id=row["client_id"] or "",
        instrument=str(row["instrument"]),
        side=1 if row["side"] == "buy" else 2,
        price_ticks=int(row["price_ticks"]),
        remaining_lots=int(row["remaining_lots"]),
        good_till_ms=int(row["good_till_ms"] or 0),
    )
