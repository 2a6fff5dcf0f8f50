"""Sins of whole nodes, a file each; those of messages alone are those of `simulation.byzantine`."""

from tests.simulation.byzantine import (
    FallsSilent,
    Floods,
    SignsEverything,
    Sin,
    Strips,
    Tampers,
    Withholds,
)
from tests.simulation.nodes.liars.dates_blocks import DatesBlocks
from tests.simulation.nodes.liars.equivocates import Equivocates
from tests.simulation.nodes.liars.forges_gossip import ForgesGossip
from tests.simulation.nodes.liars.forges_proofs import ForgesProofs
from tests.simulation.nodes.liars.forges_signatures import ForgesSignatures
from tests.simulation.nodes.liars.greets_falsely import GreetsFalsely
from tests.simulation.nodes.liars.poisons import Poisons
from tests.simulation.nodes.liars.serves_wrong import ServesWrong
from tests.simulation.nodes.liars.unjustified import Unjustified

SINS: dict[str, type[Sin]] = {
    "dates blocks": DatesBlocks,
    "equivocates": Equivocates,
    "falls silent": FallsSilent,
    "floods": Floods,
    "forges gossip": ForgesGossip,
    "forges proofs": ForgesProofs,
    "forges signatures": ForgesSignatures,
    "greets falsely": GreetsFalsely,
    "poisons": Poisons,
    "serves wrong": ServesWrong,
    "signs everything": SignsEverything,
    "strips": Strips,
    "tampers": Tampers,
    "unjustified": Unjustified,
    "withholds": Withholds,
}

FOLLOWERS_SINS = ("forges gossip", "forges proofs", "greets falsely", "serves wrong")
"""What one without a vote can do to others."""

__all__ = ["FOLLOWERS_SINS", "SINS"]
