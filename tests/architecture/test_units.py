"""Law 4: integers carry their unit in their name, and units are never mixed."""

import ast

from chain.codec.record import UNIT_WIDTHS
from tests.architecture.source import name_of, pure_files, tree_of

UNITS = frozenset(UNIT_WIDTHS) - {"height", "blocks"}
SAME = {"height": "blocks"}


def _unit_of(node: ast.expr) -> str | None:
    """Return the unit that an expression's name ends in, if it ends in one."""
    if isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Attribute):
        name = node.attr
    elif isinstance(node, ast.UnaryOp):
        return _unit_of(node.operand)
    else:
        return None
    stem, _, last = name.lower().rpartition("_")
    return last if stem and last in UNITS else None


def _mixes(left: ast.expr, right: ast.expr) -> bool:
    first, second = _unit_of(left), _unit_of(right)
    return first is not None and second is not None and first != second


def test_no_sum_or_comparison_mixes_units() -> None:
    wrong = []
    for path in pure_files():
        for node in ast.walk(tree_of(path)):
            mixed = (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Add | ast.Sub)
                and _mixes(node.left, node.right)
            ) or (
                isinstance(node, ast.Compare)
                and any(
                    _mixes(a, b)
                    for a, b in zip([node.left, *node.comparators], node.comparators, strict=False)
                )
            )
            if mixed:
                wrong.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")

    assert [] == wrong


def test_no_argument_takes_another_unit() -> None:
    wrong = []
    for path in pure_files():
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            for keyword in node.keywords:
                unit = (keyword.arg or "").rpartition("_")[2]
                given = _unit_of(keyword.value)
                if unit in UNITS and given is not None and given != unit:
                    wrong.append(f"{name_of(path)}:{node.lineno} {keyword.arg}={given}")

    assert [] == wrong
