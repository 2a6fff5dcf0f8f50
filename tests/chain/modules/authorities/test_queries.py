"""AUTH-005: the current authorities can be asked."""

from chain.modules.authorities.queries import current_authorities
from chain.modules.registry import BASE_MODULES
from tests import given


def test_current_authorities_are_named() -> None:
    world = given.world(modules=BASE_MODULES)

    names = {member.name for member in current_authorities(world.view).members}

    assert {"auth0", "auth1", "auth2", "auth3"} == names
