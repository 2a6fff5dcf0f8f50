"""The pricing kernel built as a program of its own, with any compiler and flags.

`python -m tests.kernel.pricing_built COUNT` compares so many options with every build below, and
with one for another processor where its compiler and emulator are at hand.
"""

import shutil
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path

from tests.kernel.pricing import Answering, Columns, Row, differences_of

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "derivatives" / "pricing" / "kernel"
OUTPUTS = 9

SANITIZED = ("cc", "-O1", "-g", "-fno-sanitize-recover=all")
BUILDS = (
    ("cc", "-O0"),
    ("cc", "-O2"),
    ("cc", "-O3"),
    (*SANITIZED, "-fsanitize=undefined"),
    (*SANITIZED, "-fsanitize=address"),
)
MORE_BUILDS = (("cc", "-O1"), ("cc", "-O3", "-march=native"))
OTHER_COMPILER = "aarch64-linux-gnu-gcc"
OTHER_RUNNER = "qemu-aarch64"


def built(folder: Path, compiler: Sequence[str]) -> Path:
    """Return the program that this compiler makes."""
    program = folder / "pricing"
    files = [str(HERE / "pricing_program.c"), str(SOURCES / "black.c")]
    command = [*compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{SOURCES}", *files]
    subprocess.run([*command, "-o", str(program)], check=True)
    return program


def by_program(program: Path, runner: Sequence[str] = ()) -> Answering:
    """Return how a program answers."""

    def answer(columns: Columns) -> list[Row]:
        count = len(columns.forwards)
        given = array("q", [count]).tobytes() + b"".join(column.tobytes() for column in columns)
        done = subprocess.run([*runner, str(program)], input=given, capture_output=True, check=True)
        assert b"" == done.stderr, done.stderr.decode()
        found = array("q", done.stdout)
        rows = (found[first * count : (first + 1) * count] for first in range(OUTPUTS))
        return list(zip(*rows, strict=True))

    return answer


def _every_build(folder: Path) -> dict[str, Answering]:
    """Return each build under its name."""
    answers = {}
    for place, compiler in enumerate((*BUILDS, *MORE_BUILDS)):
        home = folder / str(place)
        home.mkdir()
        answers[" ".join(compiler)] = by_program(built(home, compiler))
    if shutil.which(OTHER_COMPILER) and shutil.which(OTHER_RUNNER):
        other = built(folder, (OTHER_COMPILER, "-O2", "-static"))
        answers[OTHER_COMPILER] = by_program(other, (OTHER_RUNNER,))
    return answers


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        wrong = differences_of(_every_build(Path(folder)), 2, count)
    for name, number in wrong.items():
        print(f"{count} options, {name}: {number} differ")
    sys.exit(1 if any(wrong.values()) else 0)


if __name__ == "__main__":
    main()
