"""The source tree as the laws see it: files, syntax trees, imports and names."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chain", "derivatives", "node", "p2p")
COMPUTING = ("chain", "derivatives")
PURE = (
    "node/agents/arbitrageur/gap.py",
    "node/agents/keeper/keeping.py",
    "node/agents/limits.py",
    "node/agents/quotes.py",
    "node/agents/seen.py",
    "node/agents/maker/quoting.py",
    "node/agents/quoter/chain.py",
    "node/agents/quoter/pricing.py",
    "node/agents/quoter/quoting.py",
    "node/mempool",
    "node/sync/machine.py",
    "p2p/frame.py",
    "p2p/score.py",
)
"""Sans-I/O parts that live outside chain: law 2 covers them too."""


@cache
def python_files(*packages: str) -> tuple[Path, ...]:
    """Return every Python file of the packages, sorted."""
    return tuple(sorted(path for package in packages for path in (ROOT / package).rglob("*.py")))


@cache
def pure_files() -> tuple[Path, ...]:
    """Return the files that may only compute: chain, derivatives and the PURE list."""
    listed = [ROOT / part for part in PURE]
    outside = [
        p for part in listed for p in ([part] if part.suffix else sorted(part.rglob("*.py")))
    ]
    return python_files(*COMPUTING) + tuple(path for path in outside if path.exists())


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """Return the path as a person would say it, from the root."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """Return the dotted name that imports a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, module) for every import of a file; `from a import b` as `a` and `a.b`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""
            for alias in node.names:
                if (ROOT / (f"{node.module}.{alias.name}".replace(".", "/") + ".py")).exists():
                    yield node.lineno, f"{node.module}.{alias.name}"


def tracked_text_files() -> Iterator[Path]:
    """Yield every text file that belongs to the project."""
    skipped = {".git", ".venv", "node_modules", "__pycache__", ".novation", ".hypothesis", "build"}
    endings = {".py", ".md", ".toml", ".json", ".lock", ".c", ".h", ".mjs", ".js", ".html", ".css"}
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if any(part in skipped or part.endswith((".egg-info", "_cache")) for part in parts):
            continue
        if path.is_file() and (path.suffix in endings or parts[0] in {"Makefile", ".ci"}):
            yield path
