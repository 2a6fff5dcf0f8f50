"""Verdicts on transactions: the same in any number, from any thread, checked once."""

import threading
from collections.abc import Sequence

import msgspec
import pytest
import trio

from chain.block.transaction import Body, Transaction
from chain.codec.record import Raw
from chain.crypto.digest import sha256
from chain.crypto.signing import SigningKey
from node import signatures
from node.signatures import Signatures, _chunks

KEY = SigningKey.from_seed(bytes(32))


def signed(number: int, *, genuine: bool = True) -> Transaction:
    message = b"NOVATION/tx/1" + bytes(32) + number.to_bytes(4, "big")
    signature = KEY.sign(message if genuine else message + b"x")
    data = message + signature
    return Transaction(
        data,
        sha256(data),
        sha256(message),
        Body(1, KEY.public_key, 0, number, 10, 201, Raw(b"\x90")),
        (),
        ((KEY.public_key, signature),),
        message,
        4,
        600,
    )


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Every check that is really made: the sequence and the thread it was made in."""
    made: list[tuple[int, str]] = []
    real = signatures.are_genuine_transactions

    def counted(asked: Sequence[Transaction]) -> list[bool]:
        thread = threading.current_thread().name
        made.extend((transaction.body.sequence, thread) for transaction in asked)
        return real(asked)

    monkeypatch.setattr(signatures, "are_genuine_transactions", counted)
    return made


@pytest.mark.parametrize("count", [0, 1, 19, 20, 150])
async def test_each_has_its_own_verdict_in_any_number(count: int) -> None:
    """SIG-031."""
    room = Signatures()
    batch = [signed(number, genuine=number % 3 != 1) for number in range(count)]
    expected = [number % 3 != 1 for number in range(count)]

    assert expected == await room.genuine(batch)
    assert expected == await room.genuine(batch)
    assert expected == Signatures().genuine_many_in_thread(batch)
    room.close()


async def test_few_are_checked_here_and_many_in_threads(checked: list[tuple[int, str]]) -> None:
    """SIG-032."""
    here = threading.current_thread().name

    await Signatures().genuine([signed(number) for number in range(19)])
    assert {here} == {thread for _, thread in checked}
    checked.clear()
    await Signatures().genuine([signed(number) for number in range(20)])

    assert 20 == len(checked)
    assert here not in {thread for _, thread in checked}


async def test_each_is_checked_once_whoever_asks(checked: list[tuple[int, str]]) -> None:
    """SIG-030."""
    room = Signatures()
    good, bad = signed(1), signed(2, genuine=False)

    await room.genuine([good, bad])
    assert room.genuine_in_thread(good)
    assert not room.genuine_in_thread(bad)
    assert [True, False] == room.genuine_many_in_thread([good, bad])

    assert [1, 2] == sorted(sequence for sequence, _ in checked)
    assert room.is_cached(good.digest)
    assert room.is_cached(bad.digest)
    assert not room.is_cached(good.id)


async def test_a_copy_with_another_signature_is_another_question() -> None:
    """SIG-030: a cache by id would call this copy genuine."""
    room = Signatures()
    good = signed(1)
    false = signed(1, genuine=False)
    assert good.id == false.id

    assert [True] == await room.genuine([good])

    assert [False] == await room.genuine([false])


def test_a_flood_of_false_ones_never_pushes_out_the_genuine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SIG-033."""
    monkeypatch.setattr(signatures, "FALSE_MAX_COUNT", 3)
    monkeypatch.setattr(signatures, "GENUINE_MAX_COUNT", 2)
    monkeypatch.setattr(
        signatures, "are_genuine_transactions", lambda asked: [one.body.lane == 0 for one in asked]
    )
    room = Signatures()
    good = [signed(number) for number in range(3)]
    room.genuine_in_thread(good[0])
    room.genuine_in_thread(good[1])

    for number in range(10):
        false = signed(100 + number)
        room.genuine_in_thread(
            msgspec.structs.replace(false, body=Body(1, bytes(32), 1, 0, 0, 0, Raw(b"\x90")))
        )
    room.genuine_in_thread(good[0])
    room.genuine_in_thread(good[2])

    assert [True, False, True] == [room.is_cached(each.digest) for each in good]
    assert 3 == len(room._false)


async def test_many_threads_may_ask_at_once() -> None:
    """SIG-034."""
    room = Signatures()
    batch = [signed(number, genuine=number % 2 == 0) for number in range(60)]
    answers: list[list[bool]] = []

    async def ask_here() -> None:
        answers.append(await room.genuine(batch))

    async def ask_there() -> None:
        answers.append(await trio.to_thread.run_sync(room.genuine_many_in_thread, batch))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask_here)
        nursery.start_soon(ask_there)
        nursery.start_soon(ask_here)
    room.close()

    assert [[number % 2 == 0 for number in range(60)]] * 3 == answers


@pytest.mark.parametrize("fails", [False, True])
async def test_what_is_verified_now_is_waited_for_and_not_verified_twice(
    monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    """SIG-035: unless the thread that began it fails."""
    room = Signatures()
    first, second = [signed(n) for n in range(30)], [signed(n) for n in range(20, 60)]
    began, ended = threading.Event(), threading.Event()
    made: list[int] = []
    real = signatures.are_genuine_transactions

    def counted(asked: Sequence[Transaction]) -> list[bool]:
        made.extend(each.body.sequence for each in asked)
        if asked[0] is first[0]:
            began.set()
            assert ended.wait(10)
            if fails:
                raise MemoryError
        elif len(asked) > 1:
            ended.set()
        return real(asked)

    async def ask_first() -> None:
        if fails:
            with pytest.raises(MemoryError):
                await trio.to_thread.run_sync(room.genuine_many_in_thread, first)
        else:
            assert [True] * 30 == await room.genuine(first)

    monkeypatch.setattr(signatures, "are_genuine_transactions", counted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask_first)
        await trio.to_thread.run_sync(began.wait, 10)
        assert [True] * 40 == await trio.to_thread.run_sync(room.genuine_many_in_thread, second)
    room.close()

    again = list(range(20, 30)) if fails else []
    assert sorted([*range(60), *again]) == sorted(made)


@pytest.mark.parametrize(
    ("count", "each", "most", "expected"),
    [
        (20, 1, 128, [20]),
        (300, 1, 128, [128, 128, 44]),
        (4_000, 1, 256, [256] * 15 + [160]),
        (40, 16, 128, [8] * 5),
        (2, 16, 10, [1, 1]),
    ],
)
def test_a_thread_takes_so_many_signatures_that_nobody_waits_long(
    count: int, each: int, most: int, expected: list[int]
) -> None:
    """SIG-035."""
    one = signed(1)
    several = msgspec.structs.replace(one, signatures=one.signatures * each)

    chunks = _chunks([several] * count, most)

    assert expected == [len(chunk) for chunk in chunks]


async def test_what_was_verified_while_it_waited_for_a_thread_is_not_verified_again(
    checked: list[tuple[int, str]],
) -> None:
    """SIG-035."""
    room = Signatures()
    batch = [signed(number) for number in range(30)]
    assert room._known_many(batch) == [None] * 30

    assert [True] * 30 == room._verified(batch)
    assert [True] * 30 == room._verified(batch)

    assert list(range(30)) == sorted(sequence for sequence, _ in checked)
