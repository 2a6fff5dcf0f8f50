"""MARG-014, MARG-015: the C kernel under sanitizers and made-up bytes, without Python."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KERNEL = HERE.parents[1] / "derivatives" / "margin" / "kernel"
PARTS = [str(KERNEL / name) for name in ("scan.c", "many.c", "account.c", "leans.c", "gains.c")]
SOURCES = [str(HERE / "strike.c"), *PARTS]
SANITIZED = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
RUNS = 5_000


def _built(folder: Path, *flags: str) -> Path:
    """Return the program, or skip where nothing compiles it so."""
    target = folder / "strike"
    command = ["cc", "-O1", "-std=gnu11", *flags, f"-I{KERNEL}", *SOURCES, "-o", str(target)]
    try:
        built = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no compiler")
    if "sanitize" in " ".join(flags) and "cannot find -l" in built.stderr:
        pytest.skip("this compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    return target


def _struck(program: Path, runs: int) -> subprocess.CompletedProcess[str]:
    command = [str(program), str(runs)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_input_reads_beyond_overflows_or_makes_levels_differ(tmp_path: Path) -> None:
    found = _struck(_built(tmp_path, *SANITIZED), RUNS)

    assert (0, "") == (found.returncode, found.stderr)
    assert found.stdout.startswith(f"struck {RUNS}, answered ")
    assert 0 < int(found.stdout.split()[-1])


@pytest.mark.parametrize(
    ("flag", "what"),
    [
        ("-DSCAN_BRACKET=3", "a loss is another"),
        ("-DSCAN_GUARDED=0", "a group is declined that fits, or answered that does not"),
    ],
)
def test_wrong_bracket_and_missing_guard_are_noticed(tmp_path: Path, flag: str, what: str) -> None:
    found = _struck(_built(tmp_path, flag), RUNS)

    assert found.returncode != 0
    assert what in found.stderr
