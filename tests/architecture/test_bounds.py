"""Law 6: files, functions, lines and folders stay small enough to read at night."""

import ast
import re
from collections import Counter

from tests.architecture.source import PACKAGES, ROOT, name_of, python_files, tree_of

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
FOLDER_FILES_MAX = 14
PRAGMA = re.compile(r"  # (noqa|type: ignore).*$")
"""What a line tells a tool, and nobody reads."""


def _lines(path: object) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]


def test_files_are_short() -> None:
    c_files = [path for package in PACKAGES for path in sorted(ROOT.glob(f"{package}/**/*.[ch]"))]
    written = (*python_files(*PACKAGES, "tests"), *c_files)
    long = [f"{name_of(p)}: {len(_lines(p))}" for p in written if len(_lines(p)) > FILE_LINES_MAX]

    assert [] == long


def test_functions_are_short() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1}"
        for path in python_files(*PACKAGES, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert [] == long


def test_lines_are_short() -> None:
    long = [
        f"{name_of(path)}:{number}"
        for path in python_files(*PACKAGES, "tests")
        for number, line in enumerate(_lines(path), 1)
        if len(PRAGMA.sub("", line)) > LINE_COLUMNS_MAX
    ]

    assert [] == long


def test_folders_hold_few_files() -> None:
    counts = Counter(
        name_of(path.parent) for path in python_files(*PACKAGES) if path.name != "__init__.py"
    )
    full = {folder: count for folder, count in counts.items() if count > FOLDER_FILES_MAX}

    assert {} == full
