"""Every door under what is kept from fuzzing, and under a few hundred fixed changes of it."""

import random

import pytest
import trio

from tests.fuzz.door import Door, corpus_of, mutated
from tests.fuzz.doors import DOORS
from tests.inline import at_once

COSTLY = {"actions": 40, "genesis": 150, "connections": 250, "calls": 300}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_refuses_or_answers_and_nothing_else(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    dice = random.Random(door.name)
    good = [data[: door.input_max_bytes] for data in [*door.seeds(), *corpus_of(door.name)]]

    for data in good:
        door.strike(data)
    for _ in range(COSTLY.get(door.name, 1_500)):
        door.strike(mutated(dice, good, door.input_max_bytes))

    door.unharmed()
