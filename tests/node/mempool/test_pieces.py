"""Pieces hold everything once, in order, and end as soon as they are more than enough."""

from hypothesis import given
from hypothesis import strategies as st

from node.mempool.pieces import pieces_of


@given(st.lists(st.integers(0, 9)), st.integers(0, 20))
def test_pieces_end_with_the_item_that_is_more_than_enough(sizes: list[int], enough: int) -> None:
    pieces = list(pieces_of(sizes, lambda size: size, enough))

    assert sizes == [size for piece in pieces for size in piece]
    assert all(sum(piece) > enough for piece in pieces[:-1])
    assert all(sum(piece[:-1]) <= enough for piece in pieces)
    assert [] not in pieces
