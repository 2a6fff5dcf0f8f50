"""Programs that tests start: none outlives the block it was started for."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def running(command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a program that is killed if it still runs when the block ends, however that ends."""
    with subprocess.Popen(command, text=True, **how) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """Return the next line that a program prints; one that ended without it is a failure."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"{process.args} ended with {process.wait()} and said nothing more"
    return line.rstrip("\n")
