"""The tables of the pricing as C writes them.

`tables.h` is this text, and a test says so.

Source: docs/specs/pricing.md, PRIC-002 and PRIC-022.
"""

from collections.abc import Sequence

from derivatives.pricing import tables

_MASK = (1 << 64) - 1


def _table(declaration: str, numbers: Sequence[str], a_line: int) -> str:
    lines = [
        "    " + " ".join(f"{number}," for number in numbers[first : first + a_line])
        for first in range(0, len(numbers), a_line)
    ]
    return "\n".join((f"static const {declaration} = {{", *lines, "};\n"))


def _row(numbers: Sequence[int]) -> str:
    return "{" + ", ".join(map(str, numbers)) + "}"


def header() -> str:
    """Return the text of tables.h."""
    rows = tables.DENSITIES_Q62
    parts = (
        "/* Made from derivatives/pricing/tables.py by `make goldens`; not written by hand. */\n",
        "#ifndef NOVATION_PRICING_TABLES_H\n#define NOVATION_PRICING_TABLES_H\n",
        "#include <stdint.h>\n",
        f"#define LN2_Q80_HIGH {tables.LN2_Q80 >> 64}",
        f"#define LN2_Q80_LOW {tables.LN2_Q80 & _MASK}u",
        f"#define INVERSE_ROOT_YEAR_Q81 {tables.INVERSE_ROOT_YEAR_Q81}u",
        f"#define INVERSE_ROOT_YEAR_E9_Q111 {tables.INVERSE_ROOT_YEAR_E9_Q111}u\n",
        _table("uint32_t RECIPROCALS_Q16[256]", [str(n) for n in tables.RECIPROCALS_Q16], 16),
        _table("int64_t LOGARITHMS_Q62[256]", [str(n) for n in tables.LOGARITHMS_Q62], 4),
        _table("int64_t LN_SERIES_Q62[6]", [str(n) for n in tables.LN_SERIES_Q62], 3),
        _table(f"uint64_t TAILS_Q64[{len(rows)}]", [f"{n}u" for n in tables.TAILS_Q64], 4),
        _table(
            f"int64_t DENSITIES_Q62[{len(rows)}][{tables.TERMS}]", [_row(row) for row in rows], 1
        ),
        "#endif\n",
    )
    return "\n".join(parts)
