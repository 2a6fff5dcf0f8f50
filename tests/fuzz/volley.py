"""Strike one door as often as asked, without a guide: `python -m tests.fuzz.volley DOOR RUNS SEED`.

Changes what is known to be good: seeds, corpus, and what a guided run left in .fuzz/DOOR.
"""

import random
import sys
import time
from collections.abc import Iterator
from hashlib import sha256

from tests.fuzz.door import FOUND, Door
from tests.fuzz.doors import DOORS
from tests.fuzz.held import held
from tests.fuzz.inputs import Inputs
from tests.inline import threads_work_at_once

VOLLEY_COUNT = 1_000


class _Noted(Iterator[bytes]):
    """Inputs, and which was the last."""

    def __init__(self, inputs: Iterator[bytes]) -> None:
        self._inputs = inputs
        self.last = b""

    def __next__(self) -> bytes:
        self.last = next(self._inputs)
        return self.last


class GaveWay(Exception):
    """A door did what it must not; says where the input is."""


def strike_often(door: Door, runs: int, seed: int) -> str:
    """Strike one door so often, and return what it took.

    What is held is looked at after a fifth, when what is cached is, and at the end.
    Raises: GaveWay, because of what the door raised.
    """
    good = [*door.good(), *_found(door)]
    inputs = Inputs(random.Random(f"{door.name} {seed}"), good, door.input_max_bytes, door.form)
    _strike(door, iter(good))
    began_s, before = time.process_time(), held()
    for count in range(0, runs, VOLLEY_COUNT):
        if count <= runs // 5:
            before = held()
        _strike(door, inputs.some(min(VOLLEY_COUNT, runs - count)))
    taken_s = time.process_time() - began_s
    door.unharmed()
    more = held().beyond(before)
    more.must_be_no_leak()
    return (
        f"{door.name}: {runs} inputs of seed {seed}, {taken_s:.0f} CPU s,"
        f" {runs / taken_s:.0f} a second; {more} more after the first fifth"
    )


def _found(door: Door) -> list[bytes]:
    """Return what guided runs found, as far as it is short."""
    paths = sorted((FOUND / door.name).glob("[!s]*"))
    return [data for path in paths if len(data := path.read_bytes()) <= door.input_max_bytes]


def _strike(door: Door, inputs: Iterator[bytes]) -> None:
    noted = _Noted(inputs)
    try:
        door.strike_all(noted)
    except BaseException as fault:
        FOUND.mkdir(exist_ok=True)
        path = FOUND / f"{door.name}-gave-way-{sha256(noted.last).hexdigest()[:16]}"
        path.write_bytes(noted.last)
        raise GaveWay(f"{path}: {fault!r}") from fault


if __name__ == "__main__":
    threads_work_at_once()
    print(strike_often(DOORS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])), flush=True)
