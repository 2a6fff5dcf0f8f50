"""NET-002: the two networks have one shape, and a configuration shows no secret."""

import inspect

import pytest

from p2p.host import Libp2pNetwork
from p2p.link import LinkStreams
from p2p.memory import MemoryLink, MemoryNetwork
from p2p.network import Link, Network, NetworkConfiguration, Unreachable

VERBS = {
    "answer", "ask", "charge", "isolate", "link", "me", "peers", "publish",
    "pass_on", "statistics",
    "subscribe",
}  # fmt: skip


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_interface_has_six_verbs_and_what_stands_beside_them() -> None:
    assert VERBS == public(Network)


@pytest.mark.parametrize("kind", [Libp2pNetwork, MemoryNetwork])
@pytest.mark.parametrize("verb", sorted(VERBS - {"me"}))
def test_both_networks_take_the_same_arguments(kind: type, verb: str) -> None:
    assert parameters(getattr(Network, verb)) == parameters(getattr(kind, verb))


@pytest.mark.parametrize("kind", [LinkStreams, MemoryLink])
@pytest.mark.parametrize("verb", ["send", "broadcast"])
def test_both_links_take_the_same_arguments(kind: type, verb: str) -> None:
    assert parameters(getattr(Link, verb)) == parameters(getattr(kind, verb))


def test_a_configuration_does_not_show_its_key() -> None:
    configuration = NetworkConfiguration(b"\xab" * 32, "127.0.0.1", 1, (), 0)

    assert "xab" not in repr(configuration)


def test_unreachable_says_who_and_why() -> None:
    assert "peer X is unreachable: no connection" == str(Unreachable("X", "no connection"))
