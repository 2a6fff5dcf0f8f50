"""Law 2: chain, derivatives and the pure parts of node and p2p compute, and nothing else."""

import ast
from pathlib import Path

from tests.architecture.source import imports_of, name_of, pure_files, tree_of

FORBIDDEN_IMPORTS = {
    "asyncio", "concurrent", "io", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "select", "socket", "subprocess", "sys", "tempfile", "threading", "time", "datetime",
    "trio", "structlog", "uuid", "locale", "decimal", "fractions", "math", "statistics", "platform",
}  # fmt: skip
FORBIDDEN_CALLS = {"open", "print", "input", "hash", "id", "float", "eval", "exec", "vars"}
DIVIDING_FILE = "chain/arithmetic.py"


def _calls_a_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in {"set", "frozenset"}


def _faults_of(path: Path) -> list[str]:
    faults = []
    for node in ast.walk(tree_of(path)):
        line = f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            faults.append(f"{line} has a float")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            faults.append(f"{line} divides with /")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv):
            if name_of(path) != DIVIDING_FILE and not name_of(path).startswith(("node", "p2p")):
                faults.append(f"{line} divides with // outside {DIVIDING_FILE}")
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            faults.append(f"{line} waits")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in FORBIDDEN_CALLS:
                faults.append(f"{line} calls {node.func.id}")
        elif isinstance(node, ast.For | ast.comprehension) and _calls_a_set(node.iter):
            faults.append(f"{name_of(path)}:{node.iter.lineno} iterates over a set")
    return faults


def test_computing_files_import_nothing_that_touches_the_world() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in pure_files()
        for line, module in imports_of(path)
        if module.partition(".")[0] in FORBIDDEN_IMPORTS
    ]

    assert [] == wrong


def test_only_invariants_read_tables_unsorted() -> None:
    unsorted = [name_of(path) for path in pure_files() if "each(view, " in path.read_text("utf-8")]

    assert [] == [name for name in unsorted if not name.endswith("/invariants.py")]


def test_computing_files_only_compute_with_integers() -> None:
    wrong = [fault for path in pure_files() for fault in _faults_of(path)]

    assert [] == wrong
