import os
import socket
from pathlib import Path

from node.devnet.ports import holder_of, is_free


def test_port_that_is_listened_on_is_not_free_and_names_its_holder() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]

        holder = holder_of(port)

        assert not is_free(port)
        assert holder is not None
        assert os.getpid() == holder.pid


def test_port_that_nobody_holds_is_free_and_has_no_holder() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert is_free(port)
    assert None is holder_of(port)


def test_number_beyond_the_last_port_is_not_free() -> None:
    assert not is_free(70_000)


def test_system_without_a_process_table_names_nobody(tmp_path: Path) -> None:
    assert None is holder_of(80, tmp_path)
