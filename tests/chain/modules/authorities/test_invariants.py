"""AUTH-001, AUTH-003: what is always true of authorities."""

import pytest

from chain.kit import Broken
from chain.modules.authorities.invariants import (
    authorities_are_told_apart,
    the_current_epoch_has_its_authorities,
)
from chain.modules.authorities.state import AUTHORITIES, Authority, AuthorityList
from chain.modules.registry import BASE_MODULES
from chain.state.overlay import Overlay
from tests import given

WORLD = given.world(modules=BASE_MODULES)
ONE = Authority("one", b"1" * 32, b"x" * 32)
TWO = Authority("two", b"2" * 32, b"y" * 32)


def test_set_of_an_epoch_to_come_is_a_breach() -> None:
    overlay = Overlay(WORLD.tables)
    the_current_epoch_has_its_authorities(overlay)

    overlay.put(AUTHORITIES, 1, AuthorityList((ONE,)))

    with pytest.raises(Broken):
        the_current_epoch_has_its_authorities(overlay)


@pytest.mark.parametrize(
    "members",
    [
        (),
        (TWO, ONE),
        (ONE, Authority("one", b"2" * 32, b"y" * 32)),
        (ONE, Authority("two", b"2" * 32, b"x" * 32)),
        (ONE, Authority("two", b"2" * 32, b"1" * 32)),
    ],
)
def test_members_that_cannot_be_told_apart_are_a_breach(members: tuple[Authority, ...]) -> None:
    overlay = Overlay(WORLD.tables)
    overlay.put(AUTHORITIES, 0, AuthorityList((ONE, TWO)))
    authorities_are_told_apart(overlay)

    overlay.put(AUTHORITIES, 0, AuthorityList(members))

    with pytest.raises(Broken):
        authorities_are_told_apart(overlay)
