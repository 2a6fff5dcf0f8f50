import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.node.client.fake_node import FakeNode, Refuse

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]

HEAVY = ("trio", "libp2p", "msgspec", "rich", "textual", "httpx", "asyncio", "p2p", "chain.kit")


def loaded_by(*words: str) -> list[str]:
    """Return the heavy modules that a command leaves loaded, and those only."""
    program = (
        "import sys\n"
        "from node.cli.main import run\n"
        "from node.cli.session import Session\n"
        f"run({list(words)!r}, Session())\n"
        f"print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize("words", [["version"], ["--help"]])
def test_light_commands_load_nothing_heavy(words: list[str]) -> None:
    assert [] == loaded_by(*words)


def test_call_loads_neither_event_loop_nor_network_stack() -> None:
    loaded = loaded_by("rpc", "chain_getStatus", "--rpc", "http://127.0.0.1:9")

    assert [] == loaded


def test_command_that_is_done_exits_0(novation: Run) -> None:
    assert 0 == novation("version").code


def test_defect_exits_1_with_one_document_and_no_traceback() -> None:
    program = (
        "import node.cli.commands.version as it\n"
        "from importlib import metadata\n"
        "def broken(name): raise ZeroDivisionError('quite impossible')\n"
        "metadata.version = broken\n"
        "from node.cli.main import main\n"
        "main(['version', '--json'])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert 1 == done.returncode
    error = json.loads(done.stdout)["error"]
    assert "client.defect" == error["reason"]
    assert "Traceback" not in done.stdout + done.stderr
    kept = Path(error["details"]["traceback"])
    assert "quite impossible" in kept.read_text()
    kept.unlink()


def test_usage_error_exits_2(novation: Run) -> None:
    said = novation("rpc", "--json")

    assert 2 == said.code
    assert "client.usage" == said.document["error"]["reason"]


def test_absent_command_of_a_later_module_exits_2(novation: Run) -> None:
    assert 2 == novation("options", "chain").code


def test_unreachable_node_exits_3(novation: Run) -> None:
    said = novation("rpc", "chain_getStatus", "--rpc", "http://127.0.0.1:9", "--json")

    assert 3 == said.code
    assert "nothing was sent" in said.document["error"]["hint"]


def refusing(code: int, reason: str) -> Callable[..., None]:
    def refuse(**_: object) -> None:
        raise Refuse(code, reason, "no", {})

    return refuse


@pytest.mark.parametrize(
    ("reason", "code", "exit_code"),
    [
        ("transaction.expired", 1009, 4),
        ("mempool.outcome_unknown", 1111, 6),
        ("node.not_ready", 1502, 8),
        ("lookup.not_found", 1202, 9),
    ],
)
def test_reason_of_the_node_decides_the_exit(
    novation: Run, serve: Serve, reason: str, code: int, exit_code: int
) -> None:
    node = serve(anything=refusing(code, reason))

    said = novation("rpc", "anything", "--rpc", node.url, "--json")

    assert exit_code == said.code
    assert [code, reason] == [said.document["error"][name] for name in ("code", "reason")]


def test_missing_key_exits_7(novation: Run) -> None:
    said = novation("keys", "show", "nobody", "--json")

    assert 7 == said.code
    assert "client.key_missing" == said.document["error"]["reason"]


def test_node_that_is_not_ready_exits_8(novation: Run, serve: Serve) -> None:
    node = serve()
    node.answer = lambda request: {}  # type: ignore[method-assign]

    said = novation("rpc", "x", "--rpc", node.url)

    assert 1 == said.code
    assert "client.answer_strange" in said.err


def test_interruption_exits_130(novation: Run, serve: Serve, monkeypatch: Any) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("node.client.transport.Client.call", interrupted)

    said = novation("rpc", "x", "--rpc", serve().url, "--json")

    assert 130 == said.code
    assert "client.interrupted" == said.document["error"]["reason"]


def test_reader_that_left_is_no_fault() -> None:
    program = "from node.cli.main import main; main(['version'])"
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)

    assert (0, "") == (done.returncode, done.stderr)


PROMISED = {
    "account": "transfer deposit withdraw show margin history open balances",
    "order": "place list cancel cancel-all",
    "position": "list close",
    "market": "list show book trades funding candles surface",
    "risk": "what-if scenarios greeks plot",
    "clearing": "fund liquidations waterfall",
    "oracle": "feeds reporters",
    "multisig": "show set propose sign send",
    "tx": "submit status wait explain simulate decode",
    "block": "show list verify",
    "dev": "up price faucet",
}


@pytest.mark.parametrize("group", PROMISED)
def test_every_promised_verb_is_there(novation: Run, group: str) -> None:
    listed = {
        line.split()[0]
        for line in novation(group, "--help").out.partition("Commands:")[2].splitlines()
        if line.startswith("  ") and line[2] != " "
    }

    assert set(PROMISED[group].split()) <= listed
