import pytest

from chain.codec.record import BadDeclaration
from chain.kit import Module
from chain.kit.quarantine import Quarantine
from chain.machine.application import Application
from derivatives.solvency.freezing import Compartments


def test_one_module_alone_keeps_compartments_apart() -> None:
    # MACH-070
    keeper: Quarantine = Compartments()
    first = Module(id=90, name="first", quarantine=keeper)
    second = Module(id=91, name="second", quarantine=keeper)

    assert keeper is Application([first]).quarantine
    assert Application([]).quarantine is None
    with pytest.raises(BadDeclaration):
        Application([first, second])
