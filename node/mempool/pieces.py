"""Long work in pieces, so that the main loop looks at consensus in between."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def pieces_of(
    items: Sequence[T], size_of: Callable[[T], int], enough_bytes: int
) -> Iterator[Sequence[T]]:
    """Give items in their order, each piece ending with the one that makes it more than enough.

    >>> list(pieces_of(["abc", "d", "e"], len, 3))
    [['abc', 'd'], ['e']]
    """
    start = held_bytes = 0
    for place, item in enumerate(items):
        if held_bytes > enough_bytes:
            yield items[start:place]
            start, held_bytes = place, 0
        held_bytes += size_of(item)
    if start < len(items):
        yield items[start:]
