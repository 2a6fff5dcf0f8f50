"""Documents with values changed and form kept: what bytes changed at random seldom get as far as.

A form says how bytes are taken apart and put together again: JSON, TOML as our files are written,
MessagePack, or MessagePack behind a byte that says what it is. Bytes without that form are none.
"""

import json
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack
import msgspec

NUMBERS = (
    *(0, 1, -1, 2, 7, 31, 32, 63, 64, 127, 128, 255, 256, 1_000, 65_535, 65_536, 10**6, 10**9),
    *(2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**62, 2**63 - 1, -(2**31), -(2**63)),
)
TEXTS = (
    *("", "0", "-1", "1", "00", "1e9", "0x", "0x00", "nov1", "USD", "BTC-PERP", "finalized", "x"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 80, "\x00"),
    *("\ud83d\ude80", "a" * 300, "../..", "127.0.0.1:0", "http://[", "\u0130", "0x" + "ff" * 32),
)
OTHERS = (None, True, False, (), {}, 1.5, [[]], [0] * 70, {"": 0}, {"a": {"b": []}})
DEPTH_MAX = 12
DEEPER = (0.8,) * DEPTH_MAX + (0.97,)
"""How often it goes on from a depth that is left: seldom does a root change."""

Change = Callable[[random.Random, Any, Sequence[Any]], Any]


def changed(dice: random.Random, tree: Any, stock: Sequence[Any]) -> Any:
    """Return a tree that differs from this one in one place; what is not on the way is shared."""
    return _changed(dice, tree, stock, DEPTH_MAX)


def _changed(dice: random.Random, tree: Any, stock: Sequence[Any], depth: int) -> Any:
    """Walk down by chance and change what is there; the larger the tree, the deeper."""
    if depth and isinstance(tree, dict | list | tuple) and tree and dice.random() < DEEPER[depth]:
        place = _place_in(dice, tree)
        return _with(tree, place, _changed(dice, tree[place], stock, depth - 1))
    if isinstance(tree, dict):
        return _other_object(dice, tree, stock)
    if isinstance(tree, list | tuple):
        return _other_list(dice, list(tree), stock)
    return _other_value(dice, tree, stock)


def _place_in(dice: random.Random, tree: Any) -> Any:
    """Return where to go on, mostly where there is more: what stands at a root is soon known."""
    places = list(tree) if isinstance(tree, dict) else range(len(tree))
    if dice.random() < 0.85:
        deeper = [place for place in places if isinstance(tree[place], dict | list | tuple)]
        places = deeper or places
    return dice.choice(places)


def _with(tree: Any, place: Any, value: Any) -> Any:
    """Return a copy with another value in one place."""
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place] = value
    return copy


def _other_object(dice: random.Random, tree: dict[Any, Any], stock: Sequence[Any]) -> Any:
    names = list(tree)
    other = dice.choice(stock)
    match dice.randrange(5):
        case 0 if names:
            dropped = dice.choice(names)
            return {name: value for name, value in tree.items() if name != dropped}
        case 1 if names:
            return {**tree, dice.choice(names): _any_value(dice, stock)}
        case 2 if isinstance(other, dict):
            return {**tree, **dict(dice.sample(list(other.items()), min(len(other), 2)))}
        case 3:
            return {**tree, dice.choice(TEXTS): _any_value(dice, stock)}
        case _:
            return _any_value(dice, stock)


def _other_list(dice: random.Random, tree: list[Any], stock: Sequence[Any]) -> Any:
    place = dice.randrange(len(tree) + 1)
    match dice.randrange(5):
        case 0:
            return tree[:place] + tree[place + 1 :]
        case 1:
            return tree[:place] + [tree[place - 1] if tree else None] * dice.randint(1, 3) + tree
        case 2:
            return [*tree[:place], _any_value(dice, stock), *tree[place:]]
        case 3:
            return dice.sample(tree, len(tree))
        case _:
            return _any_value(dice, stock)


def _other_value(dice: random.Random, value: Any, stock: Sequence[Any]) -> Any:
    """Return another value, of the same kind most of the time."""
    if dice.random() < 0.2:
        return _any_value(dice, stock)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return dice.choice((dice.choice(NUMBERS), value + 1, value - 1, -value, value * 10))
    if isinstance(value, str):
        return _other_text(dice, value)
    if isinstance(value, bytes):
        data = bytearray(value or b"\x00")
        data[dice.randrange(len(data))] = dice.randrange(256)
        size = dice.choice((len(data), len(data), len(data) + 1, len(data) - 1, 0))
        return bytes(data[:size].ljust(size, b"\x00"))
    return _any_value(dice, stock)


def _other_text(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    match dice.randrange(5):
        case 0:
            return text[:place] + text[place + 1 :]
        case 1:
            return text[:place] + dice.choice(TEXTS) + text[place:]
        case 2:
            return text.upper() if dice.random() < 0.5 else text * 2
        case 3 if text.removeprefix("-").isdecimal() and len(text) < 40:
            number = int(text)
            return str(dice.choice((number + 1, number - 1, -number, number * 10, number // 2)))
        case _:
            return dice.choice(TEXTS)


def _any_value(dice: random.Random, stock: Sequence[Any]) -> Any:
    match dice.randrange(4):
        case 0:
            return dice.choice(NUMBERS)
        case 1:
            return dice.choice(TEXTS)
        case 2:
            return dice.choice(OTHERS)
        case _:
            return _part_of(dice, dice.choice(stock))


def _part_of(dice: random.Random, tree: Any) -> Any:
    """Return something that stands somewhere in a tree."""
    while isinstance(tree, dict | list | tuple) and tree and dice.random() < 0.8:
        tree = dice.choice(list(tree.values()) if isinstance(tree, dict) else list(tree))
    return tree


@dataclass(frozen=True)
class Form:
    """How bytes become a tree and a tree becomes bytes.

    Both raise ValueError, TypeError or OverflowError for what has not this form.
    """

    tree_of: Callable[[bytes], Any]
    bytes_of: Callable[[Any], bytes]


def _toml(tree: Any) -> bytes:
    """Return tables and what is in them as a file of ours writes them, values as JSON does."""
    if not isinstance(tree, dict):
        return json.dumps(tree).encode()
    lines = [f"{name} = {json.dumps(tree[name])}" for name in tree if not _is_table(tree[name])]
    for name, inner in tree.items():
        for table in inner if isinstance(inner, list) and _is_table(inner) else [inner]:
            if isinstance(table, dict):
                lines.append(f"[[{name}]]" if isinstance(inner, list) else f"[{name}]")
                lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return ("\n".join(lines) + "\n").encode()


def _is_table(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict)


def _packed(tree: Any) -> bytes:
    return msgspec.msgpack.encode(tree)


JSON = Form(json.loads, lambda tree: json.dumps(tree).encode())
TOML = Form(lambda data: tomllib.loads(data.decode()), _toml)
PACKED = Form(msgspec.msgpack.decode, _packed)


def _pieces(data: bytes) -> list[Any]:
    """Return the values that stand one behind the other, up to what is none."""
    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(data)
    return list(unpacker)


PIECES = Form(_pieces, lambda tree: b"".join(_packed(piece) for piece in tree))


def behind(head_bytes: int, form: Form) -> Form:
    """Return the form of what stands behind so many bytes, which are kept beside the tree."""

    def bytes_of(tree: Any) -> bytes:
        head, body = tree
        if not isinstance(head, bytes):
            raise TypeError("a head is bytes")
        return head + form.bytes_of(body)

    return Form(lambda data: [data[:head_bytes], form.tree_of(data[head_bytes:])], bytes_of)
