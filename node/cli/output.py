"""Say the result once: lines for people, or exactly one JSON document.

With `--json`, stdout carries the document and nothing else; everything said on the way
goes to stderr.  Commands that stream write one object a line instead.

Source: docs/specs/cli.md, CLI-001 to CLI-004.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from node.client.failures import Failure

SCHEMA = 1
FACT_WIDTH = 80
NOTHING = ("", "-")


class Reporter:
    """Writes what a command found, in the form that was asked for."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.warnings: list[str] = []
        self.streaming = False
        self._done = False

    @property
    def is_done(self) -> bool:
        """Whether the one result, or why there is none, has been said."""
        return self._done

    def result(self, data: Any, lines: Iterable[str] = ()) -> None:
        """Print the one result of the command: the document, or its lines for people."""
        assert not self._done, "a command has one result"
        self._done = True
        if self.as_json:
            write_document(
                {"schema": SCHEMA, "ok": True, "data": data, "warnings": self.warnings}, sys.stdout
            )
            return
        for line in lines:
            print(line)  # noqa: T201
        sys.stdout.flush()

    def stream(self, data: Any, line: str) -> None:
        """Print one entry of a stream: an object a line, or a line for people."""
        self.streaming = True
        if self.as_json:
            write_document(data, sys.stdout)
        else:
            print(line, flush=True)  # noqa: T201

    def note(self, line: str) -> None:
        """Say something on the way, on stderr; nothing with --quiet, nor when nobody reads."""
        if not self.quiet:
            with contextlib.suppress(BrokenPipeError):
                print(line, file=sys.stderr, flush=True)  # noqa: T201

    def warn(self, line: str) -> None:
        """Say what should be known though the command goes on; kept for the document."""
        self.warnings.append(line)
        print(f"warning: {line}", file=sys.stderr, flush=True)  # noqa: T201

    def failure(self, failure: Failure, speak: Callable[[str], str] = str) -> None:
        """Print why the command did not do what it was asked.

        `speak` says a line to people; the document keeps every address whole.
        """
        if self.as_json and not self._done:
            self._done = True
            write_document({"schema": SCHEMA, "ok": False, "error": failure.envelope()}, sys.stdout)
        # A stream that ends in a failure has printed objects; its reader sees the cause there.
        lines = map(speak, failure_lines(failure))
        print(*lines, sep="\n", file=sys.stderr, flush=True)  # noqa: T201


def write_document(document: Any, stream: TextIO) -> None:
    """Write one JSON value on one line."""
    stream.write(json.dumps(document, ensure_ascii=False, separators=(", ", ": ")) + "\n")
    stream.flush()


def failure_lines(failure: Failure) -> list[str]:
    """Return the lines that tell a person of a failure: what, the reason, then what to do."""
    first = f"error: {_as_clause(failure.message)}"
    reason = f"[{failure.kind.reason}]"
    said = " ".join((failure.message, *failure.advice))
    facts = [
        f"{name} {value}"
        for name, value in failure.details.items()
        if isinstance(value, int | str) and str(value) not in said and len(str(value)) <= FACT_WIDTH
    ]
    lines = [f"{first.ljust(72)}  {reason}"]
    if facts:
        lines.append("  " + " · ".join(facts))
    return lines + [f"  {line}" for line in failure.advice]


def _as_clause(sentence: str) -> str:
    """Return a sentence as what follows a colon: no capital, no full stop.

    >>> _as_clause("The lane is full."), _as_clause("USD is short")
    ('the lane is full', 'USD is short')
    """
    plain = sentence.removesuffix(".")
    starts_a_word = len(plain) > 1 and plain[0].isupper() and plain[1].islower()
    return plain[0].lower() + plain[1:] if starts_a_word else plain


def table(rows: Sequence[Sequence[object]], head: Sequence[str] = ()) -> list[str]:
    """Return aligned columns: numbers to the right, text to the left; `-` is no number and no text.

    >>> table([["USD", "1,000.00"], ["BTC", "10"]], ["asset", "amount"])
    ['asset    amount', 'USD    1,000.00', 'BTC          10']
    """
    written = [[str(cell) for cell in row] for row in ([head] if head else []) + list(rows)]
    if not written:
        return []
    widths = [max(len(row[column]) for row in written) for column in range(len(written[0]))]
    body = written[1:] if head else written
    right = [
        _is_numeric([row[column] for row in body if row[column] not in NOTHING])
        for column in range(len(widths))
    ]
    return [
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in written
    ]


def _is_numeric(cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(_looks_numeric, cells))


def _looks_numeric(text: str) -> bool:
    return text.lstrip("-+").replace(",", "").replace(".", "").replace("_", "").isdigit()


def document_lines(data: Any, indent: str = "") -> list[str]:
    """Return any JSON value as indented `name  value` lines, for people."""
    if isinstance(data, dict):
        lines: list[str] = []
        width = max((len(str(name)) for name in data), default=0)
        for name, value in data.items():
            if isinstance(value, dict | list) and value:
                lines += [f"{indent}{name}", *document_lines(value, indent + "  ")]
            else:
                lines.append(f"{indent}{str(name).ljust(width)}  {_scalar(value)}")
        return lines
    if isinstance(data, list):
        return [
            line
            for item in data
            for line in (
                document_lines(item, indent) + ([""] if isinstance(item, dict) else [])
                if isinstance(item, dict | list)
                else [f"{indent}{_scalar(item)}"]
            )
        ]
    return [f"{indent}{_scalar(data)}"]


def _scalar(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ([], {}):
        return "(none)"
    return str(value)
