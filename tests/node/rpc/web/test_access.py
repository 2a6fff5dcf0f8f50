"""Who may ask, as browsers see it. Criteria: RPC-016 to RPC-018 of docs/specs/rpc.md."""

import pytest

from node.rpc.web.access import Access, host_name, is_loopback
from node.rpc.web.request import Request


def request(*headers: tuple[bytes, bytes]) -> Request:
    return Request("POST", "/", headers, b"", keep_alive=True, is_upgrade=False)


def status_of(access: Access, *headers: tuple[bytes, bytes]) -> int:
    refusal = access.refusal_of(request(*headers))
    return 200 if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("status", "host"),
    [
        (200, b"localhost"),
        (200, b"localhost:7600"),
        (200, b"LOCALHOST:7600"),
        (200, b"127.0.0.1:7600"),
        (200, b"[::1]:7600"),
        (421, b"evil.example"),
        (421, b"localhost.evil.example"),
        (421, b"127.0.0.1.evil.example:7600"),
        (421, b"192.0.2.1"),
        (400, b"localhost:port"),
        (400, b"\xff"),
        (400, b""),
        (400, b"[::1"),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(status: int, host: bytes) -> None:
    assert status == status_of(Access("127.0.0.1"), (b"host", host))


def test_a_program_without_host_is_answered() -> None:
    assert 200 == status_of(Access("127.0.0.1"))


def test_two_hosts_are_none() -> None:
    assert 400 == status_of(Access("127.0.0.1"), (b"host", b"localhost"), (b"host", b"localhost"))


def test_on_a_public_address_names_are_the_operators() -> None:
    assert 200 == status_of(Access("0.0.0.0"), (b"host", b"node.example"))


@pytest.mark.parametrize(
    ("status", "origin"),
    [
        (200, b"http://localhost:7600"),
        (200, b"https://desk.example"),
        (403, b"http://evil.example"),
        (403, b"http://localhost:9999"),
        (403, b"null"),
        (403, b"*"),
        (403, b"\xff"),
    ],
)
def test_pages_of_other_origins_are_refused_unless_configured(status: int, origin: bytes) -> None:
    access = Access("127.0.0.1", ("https://desk.example", "*"))

    assert status == status_of(access, (b"host", b"localhost:7600"), (b"origin", origin))


def test_only_a_configured_origin_may_read_the_answer() -> None:
    access = Access("127.0.0.1", ("https://desk.example",))

    told = dict(access.cors_headers(request((b"origin", b"https://desk.example"))))

    assert "https://desk.example" == told["access-control-allow-origin"]
    assert "origin" == told["vary"]
    assert () == access.cors_headers(request((b"origin", b"http://localhost:7600")))
    assert () == Access("127.0.0.1").cors_headers(request((b"origin", b"https://desk.example")))


@pytest.mark.parametrize(
    ("loopback", "address"),
    [
        (True, "127.0.0.1"),
        (True, "127.9.9.9"),
        (True, "::1"),
        (True, "::ffff:127.0.0.1"),
        (False, "192.0.2.1"),
        (False, "::ffff:192.0.2.1"),
        (False, "fe80::1%eth0"),
        (False, ""),
    ],
)
def test_loopback_is_known_by_its_address(*, loopback: bool, address: str) -> None:
    assert loopback == is_loopback(address)


def test_a_host_is_read_without_its_port() -> None:
    assert "a.example" == host_name(b"a.example:80")
    assert host_name(b"a b:x") is None
