"""Strike one door, with coverage as the guide: `python -m tests.fuzz.strike DOOR RUNS SEED`."""

import os
import random
import sys
import time
from typing import Any

import atheris

with atheris.instrument_imports(include=["chain", "derivatives", "node", "p2p"]):
    from tests.fuzz.doors import DOORS

from tests.fuzz.door import FOUND, Door
from tests.fuzz.held import held
from tests.fuzz.inputs import Inputs
from tests.inline import threads_work_at_once


def strike_for_ever(door: Door, runs: int, seed: int) -> None:
    """Fuzz one door; the process ends when the runs are done or something gave way."""
    folder = FOUND / door.name
    folder.mkdir(parents=True, exist_ok=True)
    for place, data in enumerate(door.good()):
        (folder / f"seed-{place}").write_bytes(data)
    threads_work_at_once()
    count, began_s, before = 0, time.process_time(), held()

    def strike(data: bytes) -> None:
        nonlocal count, before
        count += 1
        door.strike(data)
        if count == runs // 5:
            before = held()
        if count >= runs:
            door.unharmed()
            more = held().beyond(before)
            more.must_be_no_leak()
            print(
                f"{door.name}: {count} guided inputs, {time.process_time() - began_s:.0f} CPU s;"
                f" {more} more after the first fifth",
                flush=True,
            )
            os._exit(0)

    def changed(data: bytes, max_bytes: int, number: int) -> bytes:
        """Let libFuzzer change bytes, and every second time change what they mean."""
        inputs = Inputs(random.Random(number), [data], max_bytes, door.form)
        if number % 2 and inputs.has_form:
            return inputs.next()
        guided: bytes = atheris.Mutate(data, max_bytes)
        return guided

    words = [sys.argv[0], str(folder), f"-seed={seed}", f"-max_len={door.input_max_bytes}"]
    words += ["-verbosity=0", f"-artifact_prefix={FOUND}/{door.name}-"]
    how: dict[str, Any] = {} if door.form is None else {"custom_mutator": changed}
    atheris.Setup(words, strike, **how)
    atheris.Fuzz()


if __name__ == "__main__":
    strike_for_ever(DOORS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3]))
