"""Law 7: everything that decides has a test at the mirrored path."""

import ast
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT, name_of, python_files, tree_of

DECLARING = {"__init__.py", "__main__.py", "module.py", "state.py", "reasons.py", "events.py"}


def _decides(path: Path) -> bool:
    """Return whether a file holds a function with a body: declarations alone decide nothing."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree_of(path))
    )


def test_every_deciding_file_has_its_test() -> None:
    lacking = [
        name_of(path)
        for path in python_files(*PACKAGES)
        if path.name not in DECLARING
        and _decides(path)
        and not (ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}").exists()
    ]

    assert [] == lacking
