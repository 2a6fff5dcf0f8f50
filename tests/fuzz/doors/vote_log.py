"""The vote log as the disk gives it back: read as it was written, torn, or not signed by."""

from chain.consensus.log import join_segments, parse_segment
from tests.chain.consensus.test_log import LAST_AT, TURNS, WHOLE, segment
from tests.fuzz.door import Door


def _strike(data: bytes) -> None:
    segment = parse_segment(data)
    contents = join_segments([segment])
    if not segment.torn and not contents.broken and segment.start is not None:
        assert data[: segment.good_bytes] == data, "bytes that were read over"


def _seeds() -> list[bytes]:
    return [WHOLE, WHOLE[: LAST_AT + 9], segment(TURNS[:1]), segment([])]


DOORS = (Door("vote-log", _seeds, _strike),)
