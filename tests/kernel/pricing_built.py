"""The pricing kernel built as a program of its own, with any compiler and flags.

`python -m tests.kernel.pricing_built COUNT RUNNER... -- COMPILER FLAGS...` compares so many
options; the runner, such as an emulator of another processor, may be left out.
"""

import subprocess
import sys
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path

from tests.kernel.pricing import Answering, Columns, Row, differences

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "derivatives" / "pricing" / "kernel"
OUTPUTS = 9


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


def main() -> None:
    middle = sys.argv.index("--")
    count, runner, compiler = int(sys.argv[1]), sys.argv[2:middle], sys.argv[middle + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        wrong = differences(by_program(built(Path(folder), compiler), runner), 2, count)
    print(f"{count} options: {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
