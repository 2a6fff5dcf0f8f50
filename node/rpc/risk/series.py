"""How an account stood over blocks: the curve of a liquidation.

Source: docs/specs/rpc.md, RPC-133.
"""

from typing import Annotated

from msgspec import Meta, Struct

from chain.kit.holder import text_of_holder
from chain.limits import UNDO_BLOCKS
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.account import health_of
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account
from node.rpc.methods.values import GivenNumber, NumberText, SignedText, number_from
from node.state_store import Head, Rewinding

POINTS_DEFAULT_COUNT = 100
POINTS_MAX_COUNT = 200


class Point(Struct, frozen=True):
    """How the account stood after one block."""

    height: NumberText
    time_ms: int
    equity_quantums: SignedText
    solvency_quantums: SignedText
    initial_margin_quantums: SignedText
    maintenance_margin_quantums: SignedText
    flagged: bool


class WhichSeries(Parameters, frozen=True):
    """An account, from and to which block, and how many blocks of them at most."""

    account: str
    from_height: GivenNumber | None = None
    to_height: GivenNumber | None = None
    points_count: Annotated[int, Meta(ge=2, le=POINTS_MAX_COUNT)] = POINTS_DEFAULT_COUNT


class SeriesAnswer(Answer, frozen=True):
    """Points ascending by height, the first and the last block among them."""

    account: str
    items: list[Point]
    height: NumberText
    time_ms: int
    finalized: bool


@method("risk_getSeries", weight=50, refusals=("lookup.account_unknown", *REFUSALS_AT))
async def get_series(call: Call, asked: WhichSeries) -> SeriesAnswer:
    """Return how an account stood after each of many blocks, of the last 1,000.

    Where there are more blocks than points are asked for, they are spread evenly. Blocks before
    the account was opened are left out.
    """
    services = call.services
    account = account_given(asked.account)
    known_account(services.state_store.tables, account)
    head = services.finality.head
    last = head.height if asked.to_height is None else number_from(asked.to_height)
    oldest = max(0, head.height - UNDO_BLOCKS + asked.points_count)
    first = oldest if asked.from_height is None else number_from(asked.from_height)
    if first > last:
        raise ParametersInvalid("from_height: it is above to_height", field="from_height")

    def look(view: SteadyView, at: Head) -> Point | None:
        record = view.get(ACCOUNTS, account)
        if record is None:
            return None
        found = health_of(view, account)
        return Point(
            height=str(at.height),
            time_ms=at.time_ms,
            equity_quantums=str(found.equity_quantums),
            solvency_quantums=str(found.solvency_quantums),
            initial_margin_quantums=str(found.initial_quantums),
            maintenance_margin_quantums=str(found.maintenance_quantums),
            flagged=bool(record.flagged_ms),
        )

    way = Rewinding(services.state_store)
    heights = spread(first, last, asked.points_count)
    points = [await read_at(services, height, look, way) for height in reversed(heights)]
    return SeriesAnswer(
        account=text_of_holder(account),
        items=[point for point in reversed(points) if point is not None],
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


def spread(first: int, last: int, count: int) -> list[int]:
    """Return at most so many heights from the first to the last, both included, evenly.

    Rounds: down.

    >>> spread(3, 6, 10), spread(0, 10, 3)
    ([3, 4, 5, 6], [0, 5, 10])
    """
    if last - first < count:
        return list(range(first, last + 1))
    return [first + (last - first) * place // (count - 1) for place in range(count)]


METHODS = (get_series,)
