"""The example of a program that trades: its own bytes, and no fill lost or told twice."""

import ast
import json
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interop.test_command_line import LIMIT_S, Desk
from tests.ports import NETWORK_PORTS
from tests.programs import line_of, running

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "examples" / "trading_bot.py"
PACKED = runpy.run_path(str(SCRIPT))["packed"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(0, 2**64 - 1)
    | st.text(max_size=60)
    | st.binary(max_size=255)
)


@given(st.lists(SCALARS | st.lists(SCALARS, max_size=15), max_size=15))
def test_its_encoding_is_the_canonical_one(value: list[Any]) -> None:
    assert msgpack.packb(value, use_bin_type=True) == PACKED(value)


def test_it_uses_nothing_of_the_programs_it_talks_to() -> None:
    tree = ast.parse(SCRIPT.read_text())
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else name.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    others = imported - set(sys.stdlib_module_names)

    assert {"nacl", "trio", "trio_websocket"} == others


@pytest.fixture
def novation(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk("dev", "down")


def done(novation: Desk, *words: str) -> Any:
    said = novation(*words)
    assert 0 == said.code, said
    return said.data


def resting(novation: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(novation, "order", "list", "carol")["items"]
    return items


@pytest.mark.interop
def test_it_is_killed_and_goes_on_with_the_fill_that_it_missed(novation: Desk) -> None:
    port = next(NETWORK_PORTS)
    done(novation, "dev", "up", "--port", str(port), "--detach")
    done(novation, "dev", "price", "BTC", "64_000")
    done(novation, "dev", "mine", "6")
    for name in ("alice", "carol", "dave"):
        done(novation, "account", "deposit", "100_000", "--from", name)
    for side, price in (("buy", "63_900"), ("sell", "64_100")):
        words = ("order", "place", "BTC-PERP", side, "1", "--price", price, "--from", "alice")
        done(novation, *words)
    seed = novation.folder / "carol.seed"
    seed.write_text(done(novation, "keys", "export", "carol", "--secret")["seed"])
    address = done(novation, "keys", "show", "carol")["address"]

    def bot(*more: str) -> AbstractContextManager[subprocess.Popen[str]]:
        line = [sys.executable, str(SCRIPT), f"ws://127.0.0.1:{port}/ws", str(seed), address, *more]
        return running(line, cwd=novation.folder, stdout=subprocess.PIPE)

    with bot() as first:
        begun = line_of(first)
        while len(quoted := resting(novation)) < 2:
            assert first.poll() is None
        first.send_signal(signal.SIGKILL)
    words = ("order", "place", "BTC-PERP", "sell", "0.004", "--market", "--from", "dave")
    done(novation, *words)
    with bot("--fills", "1") as second:
        out, _ = second.communicate(timeout=LIMIT_S)

    (held,) = done(novation, "position", "list", "carol")["items"]
    assert "0 orders known" in begun
    assert {("buy", "127980"), ("sell", "128020")} == {
        (order["side"], order["price_ticks"]) for order in quoted
    }
    assert 0 == second.returncode
    assert "filled 4 at 127980" in out
    assert "1 fills, position 4 lots" in out
    assert "4" == held["size_lots"]
    kept = json.loads((novation.folder / "trading_bot.json").read_text())
    assert (1, 4) == (kept["fills_count"], kept["position_lots"])
