"""What a fuzzer strikes: a door of the node, good bytes to begin with, and what must hold."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(".fuzz")


@dataclass(frozen=True)
class Door:
    """A place where bytes of strangers come in.

    `strike` gives it bytes and raises when anything happens but a typed refusal or an answer;
    `unharmed` raises when something that strikes may not touch has changed.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    strike: Callable[[bytes], None]
    unharmed: Callable[[], None] = lambda: None
    input_max_bytes: int = 4096


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


def mutated(dice: random.Random, seeds: Sequence[bytes], input_max_bytes: int) -> bytes:
    """Return good bytes with a few changed, left out, doubled, made up or put from another."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 5)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[place : place + dice.randint(1, 30)]
            case 2:
                data[place:place] = data[place : place + dice.randint(1, 30)]
            case 3:
                data[place:place] = dice.randbytes(dice.randint(1, 9))
            case 4:
                other = dice.choice(seeds)
                start = dice.randrange(len(other) + 1)
                data[place : place + 20] = other[start : start + dice.randint(1, 40)]
            case _:
                data[place : place + 1] = dice.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\xcf"))
    return bytes(data[:input_max_bytes])
