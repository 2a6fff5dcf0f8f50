"""NET-050 to NET-056: questions and answers."""

from typing import Any

import pytest
import trio
from libp2p.network.stream.exceptions import StreamEOF

from p2p import limits
from p2p.frame import encoded
from p2p.network import Member, PeerId, Refused, TooLarge, Unreachable
from tests.p2p.conftest import MakeHouse, connected, member_host, until

PROTOCOL = "/novation/test/1"


async def ask(network: Any, peer: PeerId, request: bytes, **more: Any) -> bytes:
    answer: bytes = await network.ask(
        peer, PROTOCOL, request, **{"timeout_s": 30, "limit_bytes": 1 << 22, **more}
    )
    return answer


async def answer(_peer: PeerId, _member: Member, request: bytes) -> bytes:
    if request == b"fail":
        raise ValueError(request)
    if request == b"wait":
        await trio.sleep_forever()
    if request == b"long":
        raise Refused("x" * 5000)
    return request


async def test_one_stream_serves_question_after_question(house: MakeHouse) -> None:
    # NET-050
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))

        answers = [await ask(one, two.me, b"%d" % number) for number in range(20)]
        streams = one._sessions.get(two.me).connection.get_streams()

        assert [b"%d" % number for number in range(20)] == answers
        assert 1 == sum(stream.protocol_id == PROTOCOL for stream in streams)


async def test_questions_at_one_time_share_four_streams(house: MakeHouse) -> None:
    # NET-050
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))
        got: dict[int, bytes] = {}

        async def note(number: int) -> None:
            got[number] = await ask(one, two.me, b"%d" % number)

        async with trio.open_nursery() as nursery:
            for number in range(30):
                nursery.start_soon(note, number)
        streams = one._sessions.get(two.me).connection.get_streams()

        assert {number: b"%d" % number for number in range(30)} == got
        assert (
            limits.EXCHANGE_STREAMS_MAX_COUNT
            >= sum(stream.protocol_id == PROTOCOL for stream in streams)
            >= 1
        )


async def test_an_answer_of_four_mebibytes_arrives_whole(house: MakeHouse) -> None:
    home = house(2)
    body = bytes(range(256)) * (4 * 4096)

    async def large(_peer: PeerId, _member: Member, _request: bytes) -> bytes:
        return body

    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, large)
        await until(lambda: connected(one, two.me))

        assert body == await ask(one, two.me, b"")


async def test_no_answer_in_time_is_unreachable_and_the_connection_lives(
    house: MakeHouse,
) -> None:
    # NET-051
    home = house(2)
    async with home.open(0) as (one, witness), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))

        with pytest.raises(Unreachable, match="no answer"):
            await ask(one, two.me, b"wait", timeout_s=0.2)

        assert b"again" == await ask(one, two.me, b"again")
        assert [] == witness.named("disconnected")


async def test_a_handler_that_fails_costs_one_stream(house: MakeHouse) -> None:
    # NET-052
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, witness):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))

        with pytest.raises(Unreachable):
            await ask(one, two.me, b"fail")

        assert b"again" == await ask(one, two.me, b"again")
        assert "ValueError" in str(witness.named("stream_failed")[0]["why"])


async def test_a_refusal_is_cut_to_its_limit(house: MakeHouse) -> None:
    # NET-052
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))

        with pytest.raises(Refused) as refused:
            await ask(one, two.me, b"long")

        assert "x" * limits.REFUSAL_MAX_BYTES == str(refused.value)


async def test_who_is_not_there_or_does_not_serve_is_unreachable(house: MakeHouse) -> None:
    # NET-051
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: connected(one, two.me))

        with pytest.raises(Unreachable, match="no connection"):
            await ask(one, "nobody", b"")
        with pytest.raises(Unreachable, match="does not serve"):
            await ask(one, two.me, b"")


async def test_a_question_that_is_too_large_is_not_sent(house: MakeHouse) -> None:
    # NET-053
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: connected(one, two.me))

        with pytest.raises(TooLarge, match="was not sent"):
            await ask(one, two.me, bytes(limits.REQUEST_MAX_BYTES + 1))


async def test_one_who_asks_too_often_is_refused(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-054
    monkeypatch.setattr(limits, "REQUESTS_PER_S", 0.001)
    monkeypatch.setattr(limits, "REQUESTS_BURST_COUNT", 6)  # one is a ping's
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))

        for _ in range(5):
            await ask(one, two.me, b"")
        with pytest.raises(Refused, match="too many requests"):
            await ask(one, two.me, b"")


async def test_what_is_served_is_paced(house: MakeHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    # NET-055
    monkeypatch.setattr(limits, "SERVED_AUTHORITY_BYTES_PER_S", 1 << 20)
    home = house(2)

    async def large(_peer: PeerId, _member: Member, _request: bytes) -> bytes:
        return bytes(1 << 20)

    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, large)
        await until(lambda: connected(one, two.me))
        began_at = trio.current_time()
        for _ in range(2):
            await ask(one, two.me, b"")

        assert trio.current_time() - began_at >= 0.9


async def test_answers_wait_while_consensus_output_waits(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-055
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        two.answer(PROTOCOL, answer)
        await until(lambda: connected(one, two.me))
        monkeypatch.setattr(two._exchange, "_is_busy", lambda: True)
        began_at = trio.current_time()
        await ask(one, two.me, b"")

        assert trio.current_time() - began_at >= 0.9 * limits.SERVE_YIELDS_S


@pytest.mark.parametrize(
    ("head", "offence"),
    [
        (b"\x00\x10\x00\x00\x01", "oversize_frame"),
        (b"\x00\x00\x00\x02\x09\x00", "unknown_kind"),
        (b"\x00\x00\x00\x00\x01", "empty_frame"),
    ],
    ids=["too large", "of another kind", "empty"],
)
async def test_a_question_that_may_not_be_is_a_ban(
    house: MakeHouse, head: bytes, offence: str
) -> None:
    # NET-012, NET-053
    home = house(2)
    async with home.open(0) as (one, witness):
        one.answer(PROTOCOL, answer)
        async with member_host(home, 99) as (host, connection):
            stream = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await stream.write(head)
            await until(lambda: witness.named("peer_banned"))
        async with home.open(1) as (two, _):
            await until(lambda: connected(one, two.me) and connected(two, one.me))

        assert offence == witness.named("peer_banned")[0]["offence"]


async def test_half_a_question_is_waited_for_so_long_and_costs_its_stream(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-056
    monkeypatch.setattr(limits, "SERVE_REST_S", 0.2)
    home = house(1)
    async with home.open(0) as (one, witness):
        one.answer(PROTOCOL, answer)
        async with member_host(home, 99) as (host, connection):
            stream = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await stream.write(encoded(1, b"whole")[:-1])
            with trio.fail_after(30), pytest.raises(StreamEOF):
                await stream.read(1)
            again = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await again.write(encoded(1, b"whole"))

            assert encoded(2, b"whole") == await again.read(64)
            assert [] == witness.named("disconnected")


async def test_one_who_does_not_take_its_answer_loses_the_connection(house: MakeHouse) -> None:
    # NET-029, NET-056
    home = house(1)

    async def at_length(_peer: PeerId, _member: Member, _request: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        return bytes(4 << 20)

    async with home.open(0) as (one, witness):
        one.answer(PROTOCOL, at_length)
        async with member_host(home, 99) as (host, connection):
            stream = await host.new_stream(connection.muxed_conn.peer_id, [PROTOCOL])
            await stream.write(encoded(1, b""))
            await until(lambda: witness.named("disconnected"))

            assert 0 == one.statistics()["connections_count"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (encoded(9, b"x"), Unreachable),
        (encoded(2, b"x") * 2, Unreachable),
        (b"\x00\x00\x00\x00", Unreachable),
        (encoded(2, b"x")[:-1], Unreachable),
        (b"", Unreachable),
        (b"\x7f\xff\xff\xff\x02", TooLarge),
    ],
    ids=["of another kind", "twice", "empty", "half", "none", "two gigabytes"],
)
async def test_an_answer_that_may_not_be_costs_the_question_alone(
    house: MakeHouse, reply: bytes, why: type[Exception]
) -> None:
    # NET-051, NET-053
    home = house(1)
    replies = iter((reply, encoded(2, b"as it should be")))

    async def serve(stream: Any) -> None:
        await stream.read(64)
        await stream.write(next(replies))
        await stream.close()

    async with home.open(0) as (one, _), member_host(home, 99) as (host, _):
        host.set_stream_handler(PROTOCOL, serve)
        villain = host.get_id().to_base58()
        await until(lambda: connected(one, villain))

        with pytest.raises(why):
            await ask(one, villain, b"first")

        assert b"as it should be" == await ask(one, villain, b"second")
