"""Every door under what is kept from fuzzing, and under a few hundred fixed changes of it."""

import random

import pytest
import trio

from tests.fuzz.door import Door
from tests.fuzz.doors import DOORS
from tests.fuzz.inputs import Inputs
from tests.inline import at_once

COSTLY = {"actions": 40, "genesis": 150, "connections": 250, "calls": 300}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_refuses_or_answers_and_nothing_else(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    dice = random.Random(door.name)
    inputs = Inputs(dice, door.good(), door.input_max_bytes, door.form)

    door.strike_all(door.good())
    door.strike_all(inputs.some(COSTLY.get(door.name, 1_500)))

    door.unharmed()
