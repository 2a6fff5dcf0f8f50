"""STATE-050: without the kernel the same chain has the same bytes."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("chain.kernel.native")

WITHOUT = "import sys; sys.modules['chain.kernel.native'] = None; "
ROOTS = """
from chain.kernel.level import level_name
from chain.modules.ledger.transactions import Transfer
from derivatives.registry import REGISTRY
from tests import given

world = given.world({"alice": {"USD": 10**9}, "bob": {}}, modules=REGISTRY)
for quantums in (1, 10**12, 5):
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=quantums)
    world.send("alice", transfer)
    world.close_block()
    print(world.head.header.state_root.hex(), world.head.header.receipts_root.hex())
print(level_name())
"""


def _told(program: str) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_blocks_have_the_same_roots_with_the_kernel_and_without() -> None:
    *roots, name = _told(ROOTS)
    *roots_without, name_without = _told(WITHOUT + ROOTS)

    assert roots == roots_without
    assert 6 == len(set(roots))
    assert name.startswith("c-")
    assert "python" == name_without


def test_goldens_of_codec_and_state_are_written_without_it() -> None:
    tests = "'tests/chain/codec', 'tests/chain/state', 'tests/chain/block', '-k', 'golden'"
    told = _told(WITHOUT + f"import pytest; sys.exit(pytest.main(['-q', {tests}]))")

    assert "passed," in told
