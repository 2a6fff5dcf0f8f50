"""Records and keys that the goldens are made of: one of each form, at its edges."""

from typing import Annotated, Any

from msgspec import Meta

from chain.codec.order import KeyPart, KeyValue, address_key, integer_key, text_key
from chain.codec.record import I64, U8, U63, Blob, Hash, Raw, Wide, record


@record
class Plain:
    """One field of each plain form."""

    lots_quantums: int
    started_ms: int
    is_open: bool
    note: str
    blob: bytes


@record
class Nested:
    """Records in records, optional and repeated."""

    first: Plain
    second: Plain | None
    many: tuple[Plain, ...]
    hashes: tuple[Hash, ...]


@record
class Sixteen:
    """A number of 128 bits, between two others."""

    before_count: int
    index_e18: int
    after_count: int


@record
class Carrier:
    """One value that is written as it came."""

    kind: int
    payload: Raw


@record
class Wides:
    """Numbers of 128 bits inside a tuple are made by whoever puts them there."""

    values: tuple[Wide, ...]
    limit: Annotated[int, Meta(ge=10, le=20)]
    small: U8
    large: U63
    signed: I64
    raw: Blob


@record
class Ascending:
    """Two numbers of which the second is larger."""

    low_ticks: int
    high_ticks: int

    def relations(self) -> None:
        """Refuse a range that is empty."""
        if self.low_ticks >= self.high_ticks:
            raise ValueError("low_ticks must be below high_ticks")


PLAIN = Plain(lots_quantums=-1, started_ms=0, is_open=True, note="é", blob=b"\x00\xff")

SAMPLES: dict[str, Any] = {
    "plain": PLAIN,
    **{
        f"integer {number}": Plain(
            lots_quantums=number,
            started_ms=abs(number + (number == -(2**63))),
            is_open=False,
            note="",
            blob=b"",
        )
        for number in (
            0,
            127,
            128,
            255,
            256,
            65_535,
            65_536,
            2**32 - 1,
            2**32,
            2**63 - 1,
            -32,
            -33,
            -128,
            -129,
            -32_768,
            -32_769,
            -(2**31),
            -(2**31) - 1,
            -(2**63),
        )
    },
    **{
        f"lengths {length}": Plain(
            lots_quantums=0, started_ms=0, is_open=False, note="x" * length, blob=bytes(length)
        )
        for length in (31, 32, 255, 256)
    },
    "nested": Nested(first=PLAIN, second=None, many=(PLAIN,) * 16, hashes=(bytes(32),)),
    "sixteen": Sixteen(before_count=1, index_e18=-(10**18), after_count=2),
    "sixteen largest": Sixteen(before_count=1, index_e18=2**127 - 1, after_count=2),
    "carrier": Carrier(kind=201, payload=Raw(b"\x92\x01\xc4\x01\x00")),
    "wides": Wides(values=(Wide(0), Wide(-1)), limit=20, small=255, large=0, signed=-1, raw=b""),
    "ascending": Ascending(low_ticks=1, high_ticks=2),
}

KEY_SAMPLES: dict[str, tuple[tuple[KeyPart, ...], tuple[KeyValue, ...]]] = {
    "holder and asset": ((address_key("holder"), text_key("asset")), (bytes(range(32)), "USD")),
    "text then integer": ((text_key("market"), integer_key("order", 64)), ("BTC-PERP", 258)),
    "integers": (
        (integer_key("a", 8), integer_key("b", 16), integer_key("c", 32)),
        (255, 256, 1),
    ),
    "text beyond ASCII": ((text_key("name"),), ("é",)),
    "empty text": ((text_key("name"),), ("",)),
    "item": ((), ()),
}
