"""SIG-015: the chain's curve in C, under sanitizers, against whole numbers of Python."""

import random
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from chain.crypto.signing import SigningKey
from tests.curve import BASE, L, P, add, decoded, encoded, multiply, small_point

HERE = Path(__file__).parent
KERNEL = HERE.parents[1] / "chain" / "kernel"
SOURCES = [str(HERE / "curve_program.c"), str(KERNEL / "curve.c"), str(KERNEL / "curve_lanes.c")]
BUILDS: dict[str, tuple[str, ...]] = {
    "sanitized": ("cc", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "as it is installed": ("cc", "-O3"),
    "aarch64": ("aarch64-linux-gnu-gcc", "-O2", "-static"),
}
RUNNERS = {"aarch64": ("qemu-aarch64",)}

LIMBS = (0, 1, 18, 19, 2**51 - 19, 2**51 - 1, 2**51, 2**52, 2**53, 2**54 - 1)
NUMBERS = (0, 1, 2, 7, 8, 2**16 - 1, 2**16, 2**252, L - 1, 2**253 - 1)


@pytest.fixture(scope="module", params=list(BUILDS))
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The words that start a build of the program, if this machine makes and runs it."""
    build, runner = BUILDS[request.param], RUNNERS.get(request.param, ())
    if not all(shutil.which(needed) for needed in (build[0], *runner)):
        pytest.skip("its compiler or emulator is not here")
    target = str(tmp_path_factory.mktemp("curve") / "curve")
    command = [*build, "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{KERNEL}", *SOURCES]
    built = subprocess.run([*command, "-o", target], capture_output=True, text=True, check=False)
    if "cannot find -l" in built.stderr:
        pytest.skip("this compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    return [*runner, target]


def answers(program: list[str], what: str, asked: bytes) -> bytes:
    done = subprocess.run([*program, what], input=asked, capture_output=True, check=False)
    assert (0, b"") == (done.returncode, done.stderr)
    return done.stdout


def number_of(limbs: Sequence[int]) -> int:
    return sum(limb << 51 * place for place, limb in enumerate(limbs))


def test_numbers_up_to_their_bounds_are_those_of_plain_arithmetic(program: list[str]) -> None:
    dice = random.Random(1)

    def limbs() -> list[int]:
        return [dice.choice((*LIMBS, dice.getrandbits(51), dice.getrandbits(54))) for _ in range(5)]

    pairs = [(limbs(), limbs()) for _ in range(20_000)]
    pairs += [([limb] * 5, [limb] * 5) for limb in LIMBS]
    expected = bytearray()
    for first, second in pairs:
        a, b = number_of(first), number_of(second)
        for number in (a * b, a * a, a, a - b):
            expected += (number % P).to_bytes(32, "little")
    asked = b"".join(struct.pack("<10Q", *first, *second) for first, second in pairs)

    assert expected == answers(program, "field", asked)


def test_sums_are_those_of_plain_arithmetic_at_every_level(program: list[str]) -> None:
    dice = random.Random(2)
    keys = [SigningKey.from_seed(dice.randbytes(32)).public_key for _ in range(3)]
    mixed = decoded(keys[0])
    assert mixed is not None
    keys += [encoded(add(mixed, small_point())), encoded(small_point()), encoded(BASE)]
    cases = [(key, s, k) for key in keys for s, k in zip(NUMBERS, reversed(NUMBERS), strict=True)]
    cases += [(key, dice.getrandbits(252), dice.getrandbits(252)) for key in keys]
    found = answers(program, "sums", asked_of(cases))

    for place, (key, s, k) in enumerate(cases):
        point = decoded(key)
        assert point is not None
        x, y = multiply(k, point)
        sum_bytes = encoded(add(multiply(s, BASE), (-x % P, y)))
        assert b"\1" + sum_bytes * 2 == found[65 * place : 65 * (place + 1)], (key.hex(), s, k)


def asked_of(cases: Sequence[tuple[bytes, int, int]]) -> bytes:
    return b"".join(
        key + s.to_bytes(32, "little") + k.to_bytes(32, "little") for key, s, k in cases
    )


def test_levels_agree_on_many_sums(program: list[str]) -> None:
    dice = random.Random(3)
    keys = [SigningKey.from_seed(dice.randbytes(32)).public_key for _ in range(20)]
    cases = [
        (key, dice.getrandbits(252), dice.getrandbits(dice.choice((252, 128, 20))))
        for key in keys
        for _ in range(50)
    ]
    found = answers(program, "sums", asked_of(cases))

    for place in range(len(cases)):
        one, other = found[65 * place + 1 :][:32], found[65 * place + 33 :][:32]
        assert one == other, place


def test_bytes_that_are_no_point_have_no_multiples(program: list[str]) -> None:
    dice = random.Random(4)
    strange = [
        P.to_bytes(32, "little"),
        (P + 1).to_bytes(32, "little"),
        (2**255 - 1).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),  # x = 0, and its sign
        (P - 1 | 1 << 255).to_bytes(32, "little"),
        *(dice.randbytes(32) for _ in range(200)),
    ]
    found = answers(program, "sums", asked_of([(key, 1, 1) for key in strange]))

    expected = [decoded(key) is not None for key in strange]
    assert {True, False} == set(expected)
    assert expected == [bool(found[65 * place]) for place in range(len(strange))]
