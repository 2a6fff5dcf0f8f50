"""Dated futures: margined like perpetuals, without funding, settled once in cash.

    value    the mark, of which inside the window only the open share still moves
    expiry   one settlement price for all, fixed by `instruments` in step 2; in step 9 every
             position is closed at it against opposite ones

Terms, windows and settlement prices are of `instruments`, since what trades depends on them.

Read: sweep.
Source: docs/specs/futures.md.
"""
