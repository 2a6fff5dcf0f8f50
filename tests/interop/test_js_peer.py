"""NET-009: a peer written in another language meets a node's port.

Needs node and npm, and once the packages that `js_peer/package-lock.json` pins; without them the
test says that it did not run.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import PORTS
from tests.programs import line_of, running

HERE = Path(__file__).parent
JS_PEER = HERE / "js_peer"
GATED = ["/novation/test/1", "/novation/cons/1", "/meshsub/1.1.0"]

pytestmark = pytest.mark.interop


def installed() -> Path:
    """Return a folder outside the tree that holds the script with its packages."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"NOT RUN: {' and '.join(missing)} not installed, js-libp2p was not met")
    digest = hashlib.sha256((JS_PEER / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(tempfile.gettempdir()) / f"novation-js-peer-{digest}"
    if not cache.exists():
        with tempfile.TemporaryDirectory(dir=cache.parent) as fresh:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(JS_PEER / name, fresh)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            try:
                npm = subprocess.run(
                    command, cwd=fresh, capture_output=True, text=True, timeout=240, check=False
                )
            except subprocess.TimeoutExpired:
                pytest.skip("NOT RUN: npm ci took too long, js-libp2p was not met")
            if npm.returncode != 0:
                pytest.skip(f"NOT RUN: npm ci failed, js-libp2p was not met: {npm.stderr[-300:]}")
            shutil.move(Path(fresh) / "node_modules", Path(fresh) / "ready")
            cache.mkdir()
            shutil.move(Path(fresh) / "ready", cache / "node_modules")
    shutil.copy(JS_PEER / "stranger.mjs", cache)
    return cache


@pytest.fixture
def address() -> Iterator[str]:
    """Run a network in a process of its own and return where it listens."""
    port = next(PORTS)
    command = [sys.executable, "-m", "tests.interop.host_process", str(port)]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
        assert host.stdin is not None
        yield f"/ip4/127.0.0.1/tcp/{port}/p2p/{line_of(host)}"
        host.stdin.close()
        assert 0 == host.wait(timeout=60)


def test_a_js_libp2p_peer_pings_and_identifies_and_is_refused_the_rest(address: str) -> None:
    folder = installed()
    node = subprocess.run(
        ["node", "stranger.mjs", address, *GATED],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == node.returncode, node.stderr
    saw = json.loads(node.stdout)

    assert ("/noise", "/yamux/1.0.0") == (saw["encryption"], saw["multiplexer"])
    assert address.endswith(saw["peer"])
    assert saw["pingMs"] >= 0
    assert {"/novation/hello/1", "/ipfs/ping/1.0.0"} <= set(saw["protocols"])
    assert dict.fromkeys(GATED, "UnsupportedProtocolError") == saw["refused"]
