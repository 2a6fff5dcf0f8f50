import os
import subprocess
import sys
from pathlib import Path

import pytest

from node.consensus.lock import Held, Lock


def test_second_lock_in_this_process_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")

    with pytest.raises(Held) as caught:
        Lock(tmp_path / "lock")
    lock.release()

    assert str(os.getpid()) == caught.value.holder


def test_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    Lock(tmp_path / "lock").release()

    Lock(tmp_path / "lock").release()


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from node.consensus.lock import Lock; "
    program += "Lock(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "lock")], check=True)

    Lock(tmp_path / "lock").release()
