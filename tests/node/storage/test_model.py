"""The folder against a dictionary, and against a process that is killed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.state.commitment import key_hash_of
from node.storage import rows
from node.storage.batch import FinalBatch
from node.storage.leveldb import Storage, Tuning
from tests.programs import line_of, running

QUICK = Tuning(flush=False)

Writes = st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 99), max_size=6)
Steps = st.lists(
    st.tuples(st.lists(Writes, min_size=1, max_size=3), st.booleans(), st.booleans()), max_size=6
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let records come to rest after three blocks."""
    monkeypatch.setattr(rows, "RECENT_BLOCKS", 3)


@pytest.mark.usefixtures("short")
@given(Steps)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_commits_and_restarts_read_as_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory,
    made_chain: Callable[..., Any],
    steps: list[tuple[list[dict[int, int | None]], bool, bool]],
) -> None:
    chain = made_chain()
    path = tmp_path_factory.mktemp("model") / "chain"
    storage = chain.begin(path)
    states = [dict(chain.tables.rows())]
    fin_height = 0
    for blocks, is_certified, restarts in steps:
        batch = chain.batch(*[chain.block(writes) for writes in blocks])
        storage.commit(batch if is_certified else FinalBatch(batch.blocks, None))
        for block in batch.blocks:
            chain.tables.fold(block.overlay)
            states.append(dict(chain.tables.rows()))
        fin_height = len(states) - 1 if is_certified else fin_height
        if restarts:
            storage.close()
            storage = Storage.open(path, chain.chain_id, QUICK)

    stored = dict(storage.rows())
    tip, fin = storage.tip(), storage.fin()

    assert states[-1] == stored
    assert tip is not None
    assert fin is not None
    assert (len(states) - 1, fin_height) == (tip.height, fin.height)
    assert [] == list(storage.damaged_buckets())
    for height in range(tip.height, 0, -1):
        for change in storage.undo(height) or ():
            assert key_hash_of(change.encoded_key) == change.key_hash
            if change.old is None:
                stored.pop(change.encoded_key)
            else:
                stored[change.encoded_key] = change.old
        assert states[height - 1] == stored
    storage.close()


PROGRAM = """
import importlib.util, sys
from pathlib import Path
from node.storage import rows
rows.RECENT_BLOCKS = 5
spec = importlib.util.spec_from_file_location("made", sys.argv[1])
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
chain = made.MadeChain()
storage = chain.begin(Path(sys.argv[2]), made.Tuning())
for height in range(1, 10_000):
    batch = chain.batch(chain.block({n: height for n in range(height % 40)}))
    storage.commit(batch)
    chain.fold(batch)
    print(height, batch.blocks[0].block.header.state_root.hex(), flush=True)
"""


# STORE-021  Whatever was told before a process was killed is there when it starts again.
@pytest.mark.parametrize("told_count", [1, 17, 60])
def test_what_a_killed_process_told_is_there(
    tmp_path: Path, made_chain: Callable[..., Any], told_count: int
) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    command = [sys.executable, "-c", PROGRAM, str(conftest), str(tmp_path / "chain")]
    with running(command, stdout=subprocess.PIPE) as child:
        told = [line_of(child).split() for _ in range(told_count)]

    storage = Storage.open(tmp_path / "chain", made_chain().chain_id, QUICK)

    tip = storage.tip()
    assert tip is not None
    assert tip.height >= told_count
    headers = [storage.header(height) for height in range(1, told_count + 1)]
    assert [root for _, root in told] == [header and header.state_root.hex() for header in headers]
    assert [] == list(storage.damaged_buckets())
    storage.close()
