"""Human decimals to quantums and back, exactly or not at all.

Source: docs/specs/cli.md, CLI-033.
"""

import re

from node.client.failures import AMOUNT_INEXACT, VALUE_MALFORMED, Failure

_DECIMAL = re.compile(r"(-?)([0-9](?:[0-9_,]*[0-9])?)?(?:\.([0-9]+))?")
DIGITS_MAX_COUNT = 40


def quantums_of(text: str, decimals: int, asset: str) -> int:
    """Return the quantums of an amount written as a decimal: `2.5`, `64_000`, `1,000`.

    Refuses: what is no decimal; more places than the asset has, naming the nearest
    amounts that exist.

    >>> quantums_of("2.5", 6, "USD"), quantums_of("64_000", 2, "USD")
    (2500000, 6400000)
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None or len(text) > DIGITS_MAX_COUNT or not (match[2] or match[3]):
        raise Failure(
            VALUE_MALFORMED,
            f'"{text}" is no amount of {asset}',
            "like this: 2.5, 64000 or 64_000",
            details={"value": text, "asset": asset},
        )
    whole = re.sub("[_,]", "", match[2] or "0")
    part = (match[3] or "").rstrip("0")
    sign = -1 if match[1] else 1
    if len(part) > decimals:
        below = int(whole + part[:decimals].ljust(decimals, "0"))
        nearest = [decimal_of(sign * near, decimals) for near in (below, below + 1)]
        raise Failure(
            AMOUNT_INEXACT,
            f"{text} {asset} has more than {decimals} decimal places",
            f"nearest: {nearest[0]} or {nearest[1]}",
            details={"value": text, "asset": asset, "decimals": decimals, "nearest": nearest},
        )
    return sign * int(whole + part.ljust(decimals, "0"))


def decimal_of(quantums: int, decimals: int, *, group: bool = False, least: int = 0) -> str:
    """Return quantums as a decimal, without needless zeros beyond `least` places.

    Exact: nothing is rounded.

    >>> decimal_of(2500000, 6), decimal_of(-5, 2), decimal_of(100, 2)
    ('2.5', '-0.05', '1')
    >>> decimal_of(1_000_000_00, 2, group=True, least=2)
    '1,000,000.00'
    """
    digits = str(abs(quantums)).rjust(decimals + 1, "0")
    whole, part = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    part = part.rstrip("0").ljust(min(least, decimals), "0")
    shown = f"{int(whole):,}" if group else whole
    return ("-" if quantums < 0 else "") + shown + (f".{part}" if part else "")


def money(quantums: int, decimals: int, asset: str) -> str:
    """Return an amount with its asset, for people: `6,000.00 USD`.

    >>> money(600_000, 2, "USD")
    '6,000.00 USD'
    """
    return f"{decimal_of(quantums, decimals, group=True, least=2)} {asset}"
