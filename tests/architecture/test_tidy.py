"""One word, one meaning; errors are caught by name; the project speaks of itself alone."""

import ast
import re

from tests.architecture.source import (
    PACKAGES,
    ROOT,
    name_of,
    python_files,
    tracked_text_files,
    tree_of,
)

FILE_NAMES = {
    "utils", "helpers", "common", "misc", "base", "core_utils", "manager", "service", "types",
    "constants", "data", "info",
}  # fmt: skip
WORDS = re.compile(
    r"(?i)(^|_)(subaccounts?|validators?|miners?|sealers?|nonces?|exposures?|pnl|adl)(_|$)"
)
CATCHING_ALL = (
    "node/run.py",
    "node/consensus/driver.py",
    "node/rpc/",
    "chain/machine/run.py",
    "p2p/host.py",
    "p2p/memory.py",
)


def test_no_file_is_named_for_nothing() -> None:
    named = [name_of(p) for p in python_files(*PACKAGES) if p.stem in FILE_NAMES]

    assert [] == named


def test_identifiers_use_the_words_of_the_house() -> None:
    wrong = set()
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree_of(path)):
            name = (
                getattr(node, "name", None)
                or getattr(node, "id", None)
                or getattr(node, "arg", None)
            )
            # A cipher's nonce is a nonce.
            if isinstance(name, str) and WORDS.search(name) and path.parts[-2] != "keystore":
                wrong.add(f"{name_of(path)}: {name}")

    assert set() == wrong


def test_exceptions_are_caught_by_name() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
        and not name_of(path).startswith(CATCHING_ALL)
    ]

    assert [] == wrong


def test_pages_that_are_named_are_there() -> None:
    pages = {path.name for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
    named = re.compile(r"(?<![\w-])[\w-]+\.md\b")
    wrong = [
        f"{name_of(path)}: {page}"
        for path in tracked_text_files()
        for page in named.findall(path.read_text(encoding="utf-8"))
        if page not in pages
    ]

    assert [] == wrong


def test_nothing_is_left_to_do_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    wrong = [
        name_of(p) for p in tracked_text_files() if later.search(p.read_text(encoding="utf-8"))
    ]

    assert [] == wrong


def test_no_file_names_a_package_index_or_a_machine() -> None:
    parts = (
        "py",
        "pi.org|pythonhos",
        "ted|npm",
        "js.|registry.n",
        "p|/ro",
        "ot/|/wo",
        "rk/|--find",
    )
    hosts = re.compile("".join((*parts, "-links")).replace(".", r"\."))
    wrong = [
        name_of(p) for p in tracked_text_files() if hosts.search(p.read_text(encoding="utf-8"))
    ]

    assert [] == wrong


def test_top_level_packages_are_the_four() -> None:
    found = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests"}

    assert set(PACKAGES) == found
