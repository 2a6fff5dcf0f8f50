"""Records made up from bytes: every field has its form, and often a value that means something."""

from collections.abc import Mapping, Sequence
from typing import Any

from chain.kit.fields import Field, fields_of
from tests import given
from tests.given import address

NAMES = ("alice", "bob", "carol", "dave", "erin", "faucet")
TEXTS = ("", "USD", "BTC", "ETH", "BTC-PERP", "ETH-PERP", "main", "standard", "portfolio", "x" * 32)
ACCOUNTS = tuple(f"{name}/{number}" for name in NAMES[:4] for number in (0, 1))
HOLDERS = (*ACCOUNTS, "alice", "bob", "fees", "insurance/main", "house/BTC-PERP", "default/main")
NUMBERS = (
    *(0, 1, 2, 3, 5, 10, 64, 1_000, 10_000, 128_000, 127_000, 129_000, 10**6, 10**9, 10**12),
    *(2**31, 2**53, 2**56, 2**62, 2**63 - 1, 2**63, 2**64 - 1),
    *(-1, -5, -1_000, -(2**31), -(2**63)),
)
LIKELY: dict[str, Sequence[Any]] = {
    "amount_quantums": (1, 10**5, 10**6, 10**8, 10**9, 2 * 10**10),
    "asset": ("USD", "BTC", "ETH", "sGOLD"),
    "client_id": ("", "a"),
    "compartment": ("main",),
    "good_till_ms": (0,),
    "instrument": ("BTC-PERP", "BTC-PERP", "ETH-PERP", "sGOLD", "BTC-26MAR27-64000-C"),
    "mode": (0, 1),
    "net_limited": (False, True),
    "order_id": (1, 2, 3, 4, 5),
    "post_only": (False, False, True),
    "price_ticks": (127_000, 127_800, 128_000, 128_100, 128_400, 64_000, 10_000, 5_000),
    "reduce_only": (False, False, True),
    "remaining_lots": (0, 1, 100, 500, 900),
    "schedule": ("standard", "portfolio"),
    "self_trade": (0, 1),
    "side": (1, 2),
    "size_lots": (1, 5, 10, 60, 100, 500, 1_000, 10_000),
    "slices_count": (1, 2, 100),
    "threshold": (1, 2),
    "time_in_force": (1, 2, 3),
    "timeout_ms": (0, 5_000, 60_000),
    "trigger_kind": (0, 0, 0, 1, 2),
    "trigger_ticks": (0, 0, 127_000, 129_000),
}
LIKELY_OF: Mapping[str, Mapping[str, Sequence[Any]]] = {
    name: {"instrument": ("sGOLD",)} for name in ("Mint", "Burn", "Redeem")
}
"""What fields of a name have three times in four: the deeper rules are behind it."""


class Source:
    """Bytes that decide, zero when they have run out."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Return whether all has been used."""
        return self._at >= len(self._data)

    def byte(self) -> int:
        """Return the next byte."""
        if self.is_empty:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def one_of(self, things: Any) -> Any:
        """Return one of several things."""
        return things[self.byte() % len(things)]

    def whole(self) -> int:
        """Return a number: a telling one, a small one, or one of eight bytes."""
        match self.byte() % 4:
            case 0:
                return int(self.one_of(NUMBERS))
            case 1:
                return self.byte()
            case 2:
                return self.byte() << 8 | self.byte()
            case _:
                eight = bytes(self.byte() for _ in range(8))
                return int.from_bytes(eight, "big", signed=True)

    def bytes_of(self, size_bytes: int) -> bytes:
        """Return so many bytes."""
        return bytes(self.byte() for _ in range(size_bytes))


def shaped(kind: type[Any], source: Source, own: str, texts: Sequence[str] = TEXTS) -> Any:
    """Return a record of this kind, its account mostly our own, its texts some of these.

    Raises: ValueError, where its fields do not go together.
    """
    likely = LIKELY | LIKELY_OF.get(kind.__name__, {})
    return kind(
        **{
            field.name: source.one_of(likely[field.name])
            if field.name in likely and source.byte() % 4
            else _value(field, source, own, texts)
            for field in fields_of(kind)
        }
    )


def _value(field: Field, source: Source, own: str, texts: Sequence[str]) -> Any:
    if field.optional and source.byte() % 2:
        return None
    match field.form:
        case "boolean":
            return bool(source.byte() % 2)
        case "integer":
            return source.whole()
        case "address" | "public_key":
            return address(source.one_of(NAMES))
        case "holder" if field.name == "account_holder" and source.byte() % 8:
            return given.holder(f"{own}/0")
        case "holder":
            return given.holder(source.one_of(HOLDERS))
        case "text":
            return source.one_of(texts)
        case "hash":
            return source.bytes_of(2) * 16
        case "signature":
            return source.bytes_of(1) * 64
        case "record":
            return shaped(field.record, source, own, texts)  # type: ignore[arg-type]
        case "list":
            return tuple(
                _value(field.items[0], source, own, texts) for _ in range(source.byte() % 5)
            )
        case "tuple":
            return tuple(_value(item, source, own, texts) for item in field.items)
        case "choice":
            return _value(source.one_of(field.items), source, own, texts)
        case _:
            return source.bytes_of(source.byte() % 40)
