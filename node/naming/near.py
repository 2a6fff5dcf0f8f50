"""Which known name somebody meant who wrote one that is not known.

Source: docs/specs/rpc.md, RPC-035.
"""

import difflib
from collections.abc import Iterable

LOOKED_AT_CHARACTERS = 64
CUTOFF = 0.6


def near_name(text: str, known: Iterable[str]) -> str:
    """Return the known name that a text is nearest to, nothing where none is near.

    Upper and lower case are one. A name that is spelled alike goes before one that begins
    with the text, and that before one that has the text in it; the shortest of these.

    >>> near_name("BTCPERP", ["BTC-PERP", "ETH-PERP"]), near_name("eth", ["BTC-PERP", "ETH-PERP"])
    ('BTC-PERP', 'ETH-PERP')
    """
    asked = text[:LOOKED_AT_CHARACTERS].casefold()
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    close = difflib.get_close_matches(asked, folded, 1, CUTOFF)
    begun = [name for name in folded if asked and name.startswith(asked)]
    within = [name for name in folded if asked and asked in name]
    found = close or sorted(begun, key=len) or sorted(within, key=len)
    return folded[found[0]] if found else ""
