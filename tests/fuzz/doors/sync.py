"""What a peer asks of the store, and what it answers when asked."""

from chain.codec.record import MalformedRecord
from node.sync.ranges import UnknownEpoch, WrongRange, checked_range, checked_tip
from node.sync.serving import range_answer, tip_answer
from node.sync.wire import (
    GetRange,
    GetTip,
    parse_epochs,
    parse_range,
    parse_request,
    parse_tip,
    request_bytes,
)
from tests.fuzz.door import Door
from tests.fuzz.tree import PACKED, PIECES, behind
from tests.node.sync.test_serving import CHAIN, SETS, Shelf

_SHELF = Shelf(6, {3, 6})


def _strike_requests(data: bytes) -> None:
    try:
        request = parse_request(data)
    except MalformedRecord:
        return
    assert request_bytes(request) == data, "two forms of one request"


def _strike_ranges(data: bytes) -> None:
    try:
        checked = checked_range(parse_range(data), 1, 6, CHAIN, SETS)
    except (MalformedRecord, WrongRange, UnknownEpoch):
        return
    for block in checked.blocks:
        assert block == _SHELF.blocks[block.header.height], "a block that was never certified"


def _strike_tips(data: bytes) -> None:
    try:
        tip = checked_tip(parse_tip(data), CHAIN, SETS)
    except (MalformedRecord, WrongRange, UnknownEpoch):
        return
    assert tip.header == _SHELF.blocks[tip.header.height].header


def _strike_epochs(data: bytes) -> None:
    try:
        parse_epochs(data)
    except MalformedRecord:
        return


DOORS = (
    Door(
        "sync-requests",
        lambda: [request_bytes(GetRange(1, 5)), request_bytes(GetTip())],
        _strike_requests,
        form=behind(1, PACKED),
    ),
    Door(
        "sync-ranges", lambda: [range_answer(_SHELF, GetRange(1, 3))], _strike_ranges, form=PIECES
    ),
    Door("sync-tips", lambda: [tip_answer(_SHELF)], _strike_tips, form=PIECES),
    Door("sync-epochs", lambda: [b"", tip_answer(_SHELF)], _strike_epochs, form=PIECES),
)
