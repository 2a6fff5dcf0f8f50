"""MARG-014: the C kernel and its twin agree bit for bit, at every width of this processor."""

import importlib.machinery
import importlib.util
import subprocess
import sysconfig
from array import array
from pathlib import Path
from types import ModuleType

import pytest

from tests.kernel.programs import differences

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
