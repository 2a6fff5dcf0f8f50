"""The one verdict: the library at hand answers every vector as the specification does."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.crypto import verification
from chain.crypto.signing import SigningKey
from chain.crypto.vectors import SIGNATURE_VECTORS, SignatureVector
from chain.crypto.verification import (
    WrongVerdict,
    are_genuine,
    check_verdicts,
    is_genuine,
    is_genuine_by_library,
)
from chain.kernel import native
from tests.curve import BASE, L, add, encoded, multiply, small_point

ROUNDS_UNTIL_MET = 3
"""The first meets a key, the second makes its multiples, the third needs them alone."""
SPECS = Path(__file__).resolve().parents[3] / "docs" / "specs"


@pytest.mark.parametrize("vector", SIGNATURE_VECTORS, ids=lambda vector: vector.name)
def test_each_vector_has_the_verdict_of_the_specification(vector: SignatureVector) -> None:
    """SIG-011."""
    assert vector.genuine == is_genuine(vector.public_key, vector.message, vector.signature)


def test_vectors_in_code_are_those_of_the_specification() -> None:
    """SIG-012."""
    published = json.loads((SPECS / "vectors" / "ed25519.json").read_text())

    assert published == [
        {
            "name": vector.name,
            "public_key": vector.public_key.hex(),
            "message": vector.message.hex(),
            "signature": vector.signature.hex(),
            "genuine": vector.genuine,
        }
        for vector in SIGNATURE_VECTORS
    ]


def test_vectors_hold_both_verdicts_and_every_trap_of_the_specification() -> None:
    names = {vector.name: vector.genuine for vector in SIGNATURE_VECTORS}

    assert {True, False} == set(names.values())
    assert {
        "S plus L": False,
        "R of mixed order, A normal": False,
        "A of mixed order, k = 0 mod 8": True,
        "A of mixed order, k != 0 mod 8": False,
        "A of order 8, S zero": False,
        "A the identity, non-canonical": False,
        "R the identity, A normal": False,
        "R the identity, non-canonical": False,
    }.items() <= names.items()


def test_a_node_with_another_verdict_refuses_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIG-013."""
    check_verdicts()
    monkeypatch.setattr(verification, "is_genuine_by_library", lambda *_: True)

    with pytest.raises(WrongVerdict, match="another message"):
        check_verdicts()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.integers(0, 511))
def test_a_signature_is_genuine_until_one_bit_of_it_changes(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = SigningKey.from_seed(seed)
    signature = key.sign(message)
    changed = bytearray(signature)
    changed[bit >> 3] ^= 1 << (bit & 7)

    for _ in range(ROUNDS_UNTIL_MET):
        assert is_genuine(key.public_key, message, signature)
    assert not is_genuine(key.public_key, message, bytes(changed))
    assert not is_genuine(key.public_key, message + b"\0", signature)


@pytest.mark.parametrize(("key_bytes", "signature_bytes"), [(31, 64), (33, 64), (32, 63), (32, 65)])
def test_wrong_lengths_are_not_genuine_and_raise_nothing(
    key_bytes: int, signature_bytes: int
) -> None:
    assert not is_genuine(bytes(key_bytes), b"", bytes(signature_bytes))


def test_many_at_once_have_the_verdicts_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIG-031."""
    good = SIGNATURE_VECTORS[0]
    asked = [(each.public_key, each.message, each.signature) for each in SIGNATURE_VECTORS]
    asked += [
        (good.public_key[:31], good.message, good.signature),
        (good.public_key, good.message, good.signature + b"0"),
        (good.public_key, bytes(5_000), good.signature),
    ]
    expected = [is_genuine(*each) for each in asked]

    assert expected == are_genuine(asked)
    assert [] == are_genuine([])
    monkeypatch.setattr(verification, "kernel", None)
    assert expected == are_genuine(asked)


def test_many_of_which_one_verdict_is_another_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIG-013."""
    monkeypatch.setattr(verification, "are_genuine", lambda asked: [True] * len(asked))

    with pytest.raises(WrongVerdict):
        check_verdicts()


def signed(name: str, message: bytes) -> tuple[bytes, bytes, bytes]:
    key = SigningKey.from_seed(hashlib.sha256(name.encode()).digest())
    return key.public_key, message, key.sign(message)


def counted(asked: list[tuple[bytes, bytes, bytes]]) -> tuple[list[bool], int, int]:
    """The verdicts, and how many came from multiples and from libsodium."""
    before = native.verification_counts()
    verdicts = are_genuine(asked)
    after = native.verification_counts()
    return verdicts, after[0] - before[0], after[1] - before[1]


def test_key_that_is_met_again_is_verified_from_its_multiples() -> None:
    """SIG-015, SIG-016."""
    first, second, third = (signed("met", bytes([number])) for number in range(3))
    false = (first[0], b"another", first[2])

    assert ([False], 0, 1) == counted([false])
    assert ([True], 0, 1) == counted([first])  # a false one was no meeting
    assert ([True, True, True], 3, 0) == counted([second, third, first])
    assert ([True, False, True], 2, 1) == counted([first, false, third])


@pytest.mark.parametrize("level", range(native.level_max() + 1))
def test_both_levels_confirm_what_is_genuine(level: int) -> None:
    """SIG-015."""
    keys = [signed(f"level {level} {number}", b"") for number in range(50)]
    again = [signed(f"level {level} {number}", bytes(number)) for number in range(50)]
    counted(keys)
    native.use_level(level)
    try:
        assert ([True] * 100, 100, 0) == counted(keys + again)
    finally:
        native.use_level(native.level_max())


def test_every_question_of_a_known_key_has_the_verdict_of_libsodium() -> None:
    """SIG-010, SIG-016: the vectors, each under a key that is known, in one call and alone."""
    asked = [(each.public_key, each.message, each.signature) for each in SIGNATURE_VECTORS]
    expected = [each.genuine for each in SIGNATURE_VECTORS]

    for _ in range(ROUNDS_UNTIL_MET):
        assert expected == are_genuine(asked)
    verdicts, by_multiples, by_library = counted(asked)
    assert expected == verdicts
    assert (sum(expected), len(expected) - sum(expected)) == (by_multiples, by_library)


def crafted(secret: int, torsion: tuple[int, int], count: int) -> list[tuple[bytes, bytes, bytes]]:
    """Questions under a key of mixed order, each R with another point of small order in it.

    All are genuine by an equation with cofactor; by SIG-010 those whose small orders cancel.
    """
    key = encoded(add(multiply(secret, BASE), torsion))
    asked = []
    for number in range(count):
        r_bytes = encoded(add(multiply(number + 2, BASE), multiply(number % 8 + 8, torsion)))
        message = number.to_bytes(2, "big")
        hashed = hashlib.sha512(r_bytes + key + message).digest()
        s = (number + 2 + int.from_bytes(hashed, "little") * secret) % L
        asked.append((key, message, r_bytes + s.to_bytes(32, "little")))
    return asked


def test_signatures_made_for_disagreement_have_the_verdicts_of_libsodium() -> None:
    """SIG-010, SIG-015."""
    asked = crafted(7_777, small_point(), 64) + crafted(8_888, multiply(4, small_point()), 32)
    expected = [is_genuine_by_library(*each) for each in asked]
    for _ in range(ROUNDS_UNTIL_MET):
        assert expected == are_genuine(asked)

    assert 8 <= sum(expected) <= 40
    assert (expected, sum(expected)) == counted(asked)[:2]


def test_threads_that_meet_the_same_keys_agree() -> None:
    """SIG-031, SIG-034."""
    asked = [
        signed(f"shared {number % 40}", bytes([number, turn]))
        for turn in range(4)
        for number in range(80)
    ]
    asked[7] = (asked[7][0], b"false", asked[7][2])
    expected = [place != 7 for place in range(len(asked))]

    with ThreadPoolExecutor(4) as pool:
        assert [expected] * 8 == list(pool.map(are_genuine, [asked] * 8))
    assert expected == are_genuine(asked)


def test_keys_that_nobody_asks_for_are_forgotten() -> None:
    """SIG-016."""
    kept = signed("kept", b"")
    for turn in range(3):
        are_genuine([signed(f"many {number + 4_096 * turn}", b"") for number in range(4_096)])
        assert is_genuine(*kept)

    assert ([True], 1, 0) == counted([kept])
    assert ([True], 0, 1) == counted([signed("many 0", b"")])
    assert 8_192 >= native.verification_counts()[2]


def test_question_of_another_form_is_a_defect() -> None:
    with pytest.raises(TypeError):
        are_genuine([(bytes(32), 7, bytes(64))])  # type: ignore[list-item]
