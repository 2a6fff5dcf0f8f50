"""The story of an account over blocks: equity against maintenance, and what happened when.

Read once from the node, then drawn on the terminal or as a picture.

Source: docs/specs/cli.md, CLI-087 to CLI-089.
"""

from typing import Any, NamedTuple

from node.cli.assets import asset_decimals
from node.cli.session import Session
from node.cli.showing.drawing import Curve, curves
from node.cli.showing.telling import Telling
from node.client.amounts import decimal_of
from node.client.failures import NOT_FOUND, Failure

TOLD = {
    "margin.margin_warned": "warned",
    "margin.account_flagged": "flagged",
    "margin.margin_restored": "restored",
    "liquidation.slice_taken": "slice",
    "liquidation.collateral_converted": "conversion",
    "insurance.account_taken_over": "taken over",
}
"""The events that are marked, and their word."""

BLOCKS_AROUND_COUNT = 12
BLOCKS_DEFAULT_COUNT = 100
POINTS_COUNT = 200
COLUMNS_COUNT = 72
ROWS_COUNT = 16
HISTORY_COUNT = 1_000


class Happening(NamedTuple):
    """An event in the story."""

    height: int
    word: str
    line: str


class Fall(NamedTuple):
    """Everything that is drawn; amounts in quantums of an asset with so many decimals."""

    who: str
    asset: str
    decimals: int
    heights: list[int]
    equity: list[int]
    maintenance: list[int]
    initial: list[int]
    happenings: list[Happening]


def fall_of(session: Session, account: str, who: str, first: int | None, last: int | None) -> Fall:
    """Return the story of an account between two blocks.

    Without them it is around what was marked last, or else the newest hundred blocks.
    Refuses: NOT_FOUND, where the account has no past there.
    """
    client = session.client
    asset = client.call("account_get", account=account)["settlement_asset"]
    past = client.call("account_getHistory", account=account, limit=HISTORY_COUNT)
    telling = Telling(session, account, asset)
    marked = [
        Happening(int(item["height"]), TOLD[item["event"]["name"]], telling.line(item["event"]))
        for item in reversed(past["items"])
        if item["event"]["name"] in TOLD and item["event"].get("account_holder") == account
    ]
    head = int(past["height"])
    start, end = _range_of(marked, head)
    start, end = (start if first is None else first), (end if last is None else last)
    answer = client.call(
        "risk_getSeries",
        account=account,
        from_height=start,
        to_height=end,
        points_count=POINTS_COUNT,
    )
    points = answer["items"]
    if not points:
        raise Failure(NOT_FOUND, f"{who} was not open in blocks {start} to {end}")
    return Fall(
        who=who,
        asset=asset,
        decimals=asset_decimals(session, asset),
        heights=[int(point["height"]) for point in points],
        equity=[int(point["equity_quantums"]) for point in points],
        maintenance=[int(point["maintenance_margin_quantums"]) for point in points],
        initial=[int(point["initial_margin_quantums"]) for point in points],
        happenings=[one for one in marked if start <= one.height <= end],
    )


def _range_of(marked: list[Happening], head: int) -> tuple[int, int]:
    """Return the blocks around the last fall: from where it was well to where it ended."""
    if not marked:
        return max(0, head - BLOCKS_DEFAULT_COUNT), head
    first = len(marked) - 1
    while first > 0 and marked[first].height - marked[first - 1].height <= BLOCKS_DEFAULT_COUNT:
        first -= 1
    begins = max(0, marked[first].height - BLOCKS_AROUND_COUNT)
    return begins, min(head, marked[-1].height + BLOCKS_AROUND_COUNT)


def fall_lines(fall: Fall) -> list[str]:
    """Return the story drawn with characters, and what happened under it."""
    last = len(fall.heights) - 1
    places = [place * last // (COLUMNS_COUNT - 1) for place in range(COLUMNS_COUNT)]
    drawn = curves(
        [
            Curve("●", [fall.equity[place] for place in places]),
            Curve("─", [fall.maintenance[place] for place in places]),
        ],
        ROWS_COUNT,
        lambda quantums: decimal_of(quantums, fall.decimals, group=True, least=2),
    )
    span = f"blocks {fall.heights[0]} to {fall.heights[-1]}"
    lines = [f"{fall.who}, {span}: ● equity, ─ maintenance, in {fall.asset}"]
    lines += [f"  {line}" for line in drawn]
    return lines + [f"  block {one.height}  {one.line}" for one in fall.happenings]


def fall_data(fall: Fall) -> dict[str, Any]:
    """Return the story as JSON."""
    rows = zip(fall.heights, fall.equity, fall.maintenance, fall.initial, strict=True)
    return {
        "account": fall.who,
        "asset": fall.asset,
        "points": [
            {
                "height": str(height),
                "equity_quantums": str(equity),
                "maintenance_margin_quantums": str(maintenance),
                "initial_margin_quantums": str(initial),
            }
            for height, equity, maintenance, initial in rows
        ],
        "happenings": [
            {"height": str(one.height), "what": one.word, "line": one.line}
            for one in fall.happenings
        ],
    }
