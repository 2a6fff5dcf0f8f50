"""PRIC-020 to PRIC-024: the pricing kernel and its twin agree bit for bit, however it is built."""

from array import array
from pathlib import Path

import pytest

from tests.kernel.pricing import by_module, differences
from tests.kernel.pricing_built import BUILDS, built, by_program

native = pytest.importorskip("derivatives.pricing.kernel.native")


def test_kernel_and_twin_agree_bit_for_bit() -> None:
    assert 0 == differences(by_module(native), seed=1, count=20_000)


@pytest.mark.parametrize("compiler", BUILDS, ids=lambda compiler: compiler[-1])
def test_every_build_agrees(compiler: tuple[str, ...], tmp_path: Path) -> None:
    assert 0 == differences(by_program(built(tmp_path, compiler)), seed=2, count=3_000)


def test_one_wrong_constant_is_noticed(tmp_path: Path) -> None:
    wrong = built(tmp_path, ["cc", "-O1", "-DBLACK_ERROR=4"])

    assert 0 < differences(by_program(wrong), seed=2, count=3_000)


def _arguments() -> "dict[str, array[int]]":
    inputs = {"forwards": 100, "strikes": 110, "volatilities": 5 * 10**9, "terms": 86_400_000}
    outputs = ("low", "near", "high")
    return {
        **{name: array("q", [value]) for name, value in inputs.items()},
        **{name: array("q", [-1]) for name in outputs},
    }


BAD = {
    "forwards": [array("q"), array("q", [0]), array("q", [-1]), array("q", [1, 1]), bytes(7)],
    "strikes": [array("q"), array("q", [0]), array("q", [-1])],
    "volatilities": [array("q", [-1]), array("q", [100 * 10**9 + 1]), array("q", [1, 1])],
    "terms": [array("q", [-1]), array("q", [2**31 * 1_000]), array("i", [1])],
    "low": [array("q"), array("q", [1, 1])],
    "near": [array("q")],
    "high": [array("q"), bytearray(4)],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_unsound_buffers_are_refused_and_store_nothing(name: str, value: object) -> None:
    arguments: dict[str, object] = {**_arguments()}
    near = arguments["near"]
    arguments[name] = value

    with pytest.raises(ValueError, match=r"buffer holds|out of range"):
        native.prices(*arguments.values())

    assert array("q", [-1]) == near


def test_a_buffer_too_few_is_refused() -> None:
    with pytest.raises(TypeError, match="7 buffers expected, 6 given"):
        native.prices(*list(_arguments().values())[:6])


def test_a_buffer_that_cannot_be_written_is_refused() -> None:
    arguments: dict[str, object] = {**_arguments(), "high": bytes(8)}

    with pytest.raises(BufferError):
        native.prices(*arguments.values())


def test_sound_buffers_are_answered() -> None:
    arguments = _arguments()

    native.prices(*arguments.values())

    assert [[6], [7], [7]] == [arguments[name].tolist() for name in ("low", "near", "high")]


def test_no_options_are_no_work() -> None:
    none = array("q")

    native.prices(none, none, none, none, array("q"), array("q"), array("q"))
    assert 0 == native.greeks(none, none, none, none, *[array("q")] * 4, bytearray())
