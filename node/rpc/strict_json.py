"""Read JSON that has exactly one meaning, and write it.

What readers disagree about is refused: repeated keys (the last one wins in most, the first in
some), NaN and Infinity, numbers with a fraction or an exponent, integers beyond 64 bits, and
nesting that exhausts a stack.

Source: docs/specs/rpc.md, RPC-020.
"""

import re
from typing import Any

import msgspec

from node.rpc.errors import ParseFailed

_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
DEPTH_MAX = 32
_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**64 - 1

_DECODER = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()


def read(data: bytes) -> Any:
    """Return the JSON value: dict, list, str, int, bool or None; never a float.

    Refuses: ParseFailed, saying where or which number.
    """
    try:
        value = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise ParseFailed(f"not JSON: {_without_bytes(str(fault))}") from fault
    member_count = _member_count(value)
    # In valid JSON every colon outside a string separates one key from its value, so that there
    # are never fewer than members; strings are looked at only where there are more.
    colons_count = data.count(b":")
    if colons_count != member_count and _STRINGS.sub(b"", data).count(b":") != member_count:
        raise ParseFailed("an object has the same key twice, so it has no one meaning")
    return value


def write(value: object) -> bytes:
    """Return the JSON bytes of a value made of structs, dicts, lists, strings and integers."""
    return _ENCODER.encode(value)


def _without_bytes(sentence: str) -> str:
    """Return the parser's sentence, short and printable."""
    return "".join(sign for sign in sentence[:200] if sign.isprintable())


def _member_count(value: object) -> int:
    """Return how many members all objects hold together, refusing numbers that readers differ on.

    Walks with a list instead of the call stack, so depth is bounded by our choice.
    """
    count = 0
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise ParseFailed(f"nested more than {DEPTH_MAX} deep", depth_max=DEPTH_MAX)
        if isinstance(item, dict | list):
            inside = item.values() if isinstance(item, dict) else item
            count += len(item) if isinstance(item, dict) else 0
            # Most of what a list holds are strings, which need no look unless they are too deep.
            waiting.extend(
                (inner, depth + 1)
                for inner in inside
                if type(inner) is not str or depth == DEPTH_MAX
            )
        elif isinstance(item, float):
            raise ParseFailed("a number with a fraction or an exponent; amounts are integers")
        elif isinstance(item, int) and not _INTEGER_MIN <= item <= _INTEGER_MAX:
            raise ParseFailed("an integer beyond 64 bits; send large amounts as strings")
    return count
