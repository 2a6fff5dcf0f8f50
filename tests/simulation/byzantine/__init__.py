"""Sins of faulty authorities, a file each, by name."""

from tests.simulation.byzantine.dates_blocks import DatesBlocks
from tests.simulation.byzantine.equivocates import Equivocates
from tests.simulation.byzantine.floods import Floods
from tests.simulation.byzantine.liar import Sin
from tests.simulation.byzantine.poisons import Poisons
from tests.simulation.byzantine.signs_everything import SignsEverything
from tests.simulation.byzantine.strips import Strips
from tests.simulation.byzantine.tampers import Tampers
from tests.simulation.byzantine.unjustified import Unjustified
from tests.simulation.byzantine.withholds import FallsSilent, Withholds

SINS: dict[str, type[Sin]] = {
    "dates blocks": DatesBlocks,
    "equivocates": Equivocates,
    "falls silent": FallsSilent,
    "floods": Floods,
    "poisons": Poisons,
    "signs everything": SignsEverything,
    "strips": Strips,
    "tampers": Tampers,
    "unjustified": Unjustified,
    "withholds": Withholds,
}
