"""What a fuzzer strikes: a door of the node, good bytes to begin with, and what must hold."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.tree import Form

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(".fuzz")
MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one."""


def folder_in_memory() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for files that are rewritten a thousand times a second."""
    return tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)


@dataclass(frozen=True)
class Door:
    """A place where bytes of strangers come in.

    `strike` gives it bytes and raises when anything happens but a typed refusal or an answer;
    `unharmed` raises when something that strikes may not touch has changed.  `volley` strikes with
    many, where that is cheaper than one by one; `form` is what most good bytes have.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    strike: Callable[[bytes], None]
    unharmed: Callable[[], None] = lambda: None
    input_max_bytes: int = 4096
    form: Form | None = None
    volley: Callable[[Iterable[bytes]], None] | None = None

    def good(self) -> list[bytes]:
        """Return the seeds and what earlier runs found and kept."""
        return [data[: self.input_max_bytes] for data in [*self.seeds(), *corpus_of(self.name)]]

    def strike_all(self, inputs: Iterable[bytes]) -> None:
        """Strike with one after the other."""
        if self.volley is not None:
            self.volley(inputs)
            return
        for data in inputs:
            self.strike(data)


def said(fault: Exception) -> None:
    """Hold a refusal to saying something."""
    assert str(fault), f"{type(fault).__name__} says nothing"


def corpus_of(name: str) -> list[bytes]:
    """Return what earlier runs found and kept: a line of hexadecimal digits each."""
    path = CORPUS / f"{name}.txt"
    return [bytes.fromhex(line) for line in path.read_text().split()] if path.exists() else []


def keep(name: str, inputs: Sequence[bytes]) -> None:
    """Write the corpus of a door anew, shortest first."""
    lines = sorted({data.hex() for data in inputs}, key=lambda line: (len(line), line))
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f"{name}.txt").write_text("".join(line + "\n" for line in lines))
