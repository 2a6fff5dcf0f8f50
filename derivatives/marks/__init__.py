"""What every instrument is valued at: index and mark, as money for one lot.

    I     the feed's price
    A     I moved by the 150 s average of where the book's middle stood against I
    B     median of bid, ask and last trade
    mark  median of A, B and I, where A and B stay within a few per cent of I

The index value decides solvency and every movement of money, the mark decides margin.
The book counts only orders that have stood still for a while, and only where both sides
carry a real amount; otherwise the mark is the index.

Read: state, price, book, hooks.
Source: docs/specs/marks.md.
"""
