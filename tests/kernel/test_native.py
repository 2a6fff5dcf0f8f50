"""MARG-014: the C kernel and its twin agree bit for bit, at every width of this processor."""

import importlib.machinery
import importlib.util
import random
import subprocess
import sysconfig
from array import array
from pathlib import Path
from types import ModuleType

import pytest

from tests.kernel.programs import Program, differences, expected, inputs_of

native = pytest.importorskip("derivatives.margin.kernel.native")

SOURCES = Path(__file__).parents[2] / "derivatives" / "margin" / "kernel"
LEVELS = range(native.level_max() + 1)
VECTORS = 5_000


@pytest.fixture(autouse=True)
def _widest_again() -> object:
    yield
    native.use_level(native.level_max())


@pytest.mark.parametrize("level", LEVELS)
def test_level_and_twin_agree_bit_for_bit(level: int) -> None:
    native.use_level(level)

    assert 0 == differences(native.scan, seed=level, vectors=VECTORS)


@pytest.fixture(scope="session")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Build the kernel with a bracket of 3 quantums a lot instead of 2."""
    target = tmp_path_factory.mktemp("wrong") / "native.so"
    include = sysconfig.get_paths()["include"]
    command = ["cc", "-shared", "-fPIC", "-O1", "-std=gnu11", "-DSCAN_BRACKET=3", f"-I{include}"]
    sources = [str(path) for path in sorted(SOURCES.glob("*.c"))]
    subprocess.run([*command, *sources, "-o", str(target)], check=True)
    loader = importlib.machinery.ExtensionFileLoader("native", str(target))
    spec = importlib.util.spec_from_loader("native", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("level", LEVELS)
def test_one_wrong_constant_is_noticed(wrong: ModuleType, level: int) -> None:
    wrong.use_level(level)

    assert 0 < differences(wrong.scan, seed=level, vectors=1_000)


def test_level_that_the_processor_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        native.use_level(native.level_max() + 1)
    with pytest.raises(ValueError, match="level -1"):
        native.use_level(-1)


def _crowd(groups: int) -> Program:
    """Return many groups in no order, some of more positions or lots than others."""
    dice = random.Random(groups)
    rows = [[dice.randrange(-(10**6), 10**6) for _ in range(33)] + [0] * 7 for _ in range(50)]
    held = [dice.choice((0, 1, 2, 3, 10, 15, 16, 17, 600)) for _ in range(groups)]
    offsets = [sum(held[:index]) for index in range(groups + 1)]
    places = [dice.randrange(50) for _ in range(offsets[-1])]
    sizes = [
        dice.choice((dice.randrange(-900, 900), dice.randrange(-(2**40), 2**40), 2**15, -(2**15)))
        if dice.random() < 0.02
        else dice.randrange(-2_000, 2_000)
        for _ in places
    ]
    return Program(40, offsets, places, sizes, rows, [1_000_000] * 33 + [0] * 7)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("groups", [203, 1_000])
def test_many_groups_in_any_order_come_to_what_each_does(level: int, groups: int) -> None:
    one = _crowd(groups)
    order = list(range(groups))
    random.Random(1).shuffle(order)
    native.use_level(level)
    answered = []
    for losses in (None, array("q", bytes(8 * groups * one.width))):
        worst, declined = array("q", bytes(8 * groups)), bytearray(groups)
        native.scan(*inputs_of(one, order), worst, declined, losses)
        answered.append((worst, declined))
    of_each = expected(one)

    assert answered[0] == answered[1]
    assert [of_each[0][index] for index in order] == answered[0][0].tolist()


@pytest.mark.parametrize("level", LEVELS)
def test_place_without_a_row_among_many_is_refused_and_nothing_answered(level: int) -> None:
    one = _crowd(1_000)
    one.places[-1] = len(one.rows)
    worst, declined = array("q", [7] * 1_000), bytearray(1_000)
    native.use_level(level)

    with pytest.raises(ValueError, match="out of range"):
        native.scan(*inputs_of(one), worst, declined, None)

    for found, is_declined in zip(worst, declined, strict=True):
        assert found == 7 or (found == 0 and is_declined)


def _arguments() -> dict[str, object]:
    return {
        "starts": array("i", [0]),
        "ends": array("i", [1]),
        "instruments": array("i", [0]),
        "sizes": array("q", [1]),
        "rows": array("q", [5] * 8),
        "bounds": array("q", [7]),
        "weights": array("q", [1_000_000] * 8),
        "worst": array("q", [-1]),
        "declined": bytearray(b"\x07"),
        "losses": None,
    }


BAD = {
    "starts": [array("i"), array("i", [2]), array("i", [-1]), array("i", [0, 0])],
    "ends": [array("i"), array("i", [-1]), array("i", [2]), array("i", [1, 1])],
    "instruments": [array("i", [1]), array("i", [-1]), array("i", [0, 0])],
    "sizes": [array("q"), array("q", [1, 2])],
    "rows": [array("q", [5] * 7), array("q", [6] * 8), array("q", [-(2**63)] * 8)],
    "bounds": [array("q", [1]), array("q", [-(2**63)]), array("q")],
    "weights": [
        array("q", [1] * 7),
        array("q", [1_000_001] * 8),
        array("q", [-1] * 8),
        array("q", [1] * 72),
        array("q"),
    ],
    "worst": [array("q")],
    "declined": [bytearray(2)],
    "losses": [array("q", [0] * 7)],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_unsound_buffers_are_refused_and_store_nothing(name: str, value: object) -> None:
    arguments = _arguments()
    worst, declined = arguments["worst"], arguments["declined"]
    arguments[name] = value

    with pytest.raises(ValueError, match=r"bytes|range|width"):
        native.scan(*arguments.values())

    assert array("q", [-1]) == worst
    assert bytearray(b"\x07") == declined


def test_sound_buffers_are_answered() -> None:
    arguments = _arguments()

    assert 0 == native.scan(*arguments.values())
    assert array("q", [7]) == arguments["worst"]
    assert bytearray(1) == arguments["declined"]
