"""Which lines of the program an input reaches, and the fewest inputs that reach all of them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PACKAGES = ("chain", "derivatives", "node", "p2p")
_ROOT = Path(__file__).parents[2]
_HOMES = tuple(f"{_ROOT / package}/" for package in PACKAGES)

Line = tuple[str, int]


def lines_reached(strike: Callable[[bytes], None], data: bytes) -> frozenset[Line]:
    """Return file and number of every line of the program that striking with this runs."""
    found: set[Line] = set()
    is_ours: dict[CodeType, bool] = {}

    def enter(frame: FrameType, event: str, given: Any) -> Any:
        del event, given
        code = frame.f_code
        ours = is_ours.get(code)
        if ours is None:
            ours = is_ours[code] = code.co_filename.startswith(_HOMES)
        return line if ours else None

    def line(frame: FrameType, event: str, given: Any) -> Any:
        del given
        if event == "line":
            found.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        strike(data)
    finally:
        sys.settrace(before)
    return frozenset(found)


def fewest(reached: Mapping[bytes, frozenset[Line]], known: frozenset[Line]) -> list[bytes]:
    """Return inputs that together reach all that any of them does beyond what is known.

    Each next one is that which adds most, the shortest of these, the first in order of bytes.
    """
    missing = frozenset[Line]().union(*reached.values()) - known
    chosen: list[bytes] = []
    while missing:
        best = min(reached, key=lambda data: (-len(reached[data] & missing), len(data), data))
        chosen.append(best)
        missing -= reached[best]
    return chosen


def kept_of(
    strike: Callable[[bytes], None], seeds: Sequence[bytes], found: Sequence[bytes]
) -> list[bytes]:
    """Return the fewest of what was found that reach every line that the seeds do not."""
    known = frozenset[Line]().union(*(lines_reached(strike, data) for data in seeds))
    return fewest({data: lines_reached(strike, data) for data in sorted(set(found))}, known)
