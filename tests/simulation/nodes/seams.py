"""Where a simulated process differs from a real one: trio, threads, the collector, and the log.

The index of what the chain told is left out: it may be lost at any time and decides nothing.
What is not done by each node for itself is in `shared.py`. Everything else that runs is the node's
own code, unchanged, and signatures are real.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import structlog
import trio

import node.assembly
import node.executor
import node.signatures
import node.state_store
import node.storage.rows
from chain.block.certificate import check_certificate
from chain.crypto.signing import SigningKey
from chain.crypto.verification import are_genuine, is_genuine
from node.invariant_watch import InvariantWatch
from node.storage.scrub import Scrub
from tests.simulation.nodes.shared import (
    Audits,
    Executions,
    Verdicts,
    bucket_hashes_once,
    genesis_block_once,
)

PACKAGES = ("chain", "derivatives", "node", "p2p")
LEVELS = ("warning", "error", "critical")
AUDIT_EVERY_BLOCKS = 20
SCRUB_EVERY_S = 2.0
FORGET_EVERY_BLOCKS = 3
RECENT_BLOCKS = 3


class _Collector:
    """A node's collector that does nothing: one process holds thousands of worlds."""

    def __getattr__(self, name: str) -> Callable[[], int]:
        return lambda: 0


class _Inline:
    """Threads that are no threads."""

    def __init__(self, count: int, **named: object) -> None:
        del count, named

    def map(self, call: Callable[[Any], Any], parts: Iterable[Any]) -> list[Any]:
        return [call(part) for part in parts]

    def shutdown(self, **named: object) -> None:
        del named


class _NoIndex:
    """An index that lists nothing."""

    def __init__(self, **named: object) -> None:
        del named

    def told(self, notices: object) -> None:
        del notices

    async def run(self, *given: object, task_status: Any) -> None:
        del given
        task_status.started()

    def close(self) -> None:
        return None


def _modules_with(name: str, meaning: object) -> list[Any]:
    """Return the modules of the program, but for the owner's, in which a name means this."""
    return [
        module
        for place, module in sorted(sys.modules.items())
        if place.partition(".")[0] in PACKAGES
        and getattr(module, name, None) is meaning
        and getattr(meaning, "__module__", None) != place
    ]


@contextmanager
def simulated(
    words: object,
    told: Callable[[str, dict[str, Any]], None],
    verdicts: Verdicts,
    executions: Executions | None,
    *,
    hurried: bool = False,
) -> Iterator[None]:
    """Run the code of nodes in a simulation while this lasts; `told` hears their log.

    Hurried nodes do often what others do rarely: let go of old votes, write rows, audit, scrub.
    """

    def sign(key: SigningKey, message: bytes) -> bytes:
        return verdicts.signing(key, message)

    def hear(logger: object, level: str, line: Any) -> Any:
        if level in LEVELS:
            told(level, dict(line))
        raise structlog.DropEvent

    configured = structlog.get_config()
    with ExitStack() as stack:
        for module in _modules_with("trio", trio):
            stack.enter_context(patch.object(module, "trio", words))
        for module in _modules_with("is_genuine", is_genuine):
            stack.enter_context(patch.object(module, "is_genuine", verdicts))
        for module in _modules_with("are_genuine", are_genuine):
            stack.enter_context(patch.object(module, "are_genuine", verdicts.of_each))
        stack.enter_context(patch.object(check_certificate, "__defaults__", (verdicts, None)))
        stack.enter_context(patch.object(SigningKey, "sign", sign))
        stack.enter_context(patch.object(node.state_store, "genesis_block", genesis_block_once))
        stack.enter_context(patch.object(node.state_store, "bucket_hashes_of", bucket_hashes_once))
        if executions is not None:
            stack.enter_context(patch.object(node.executor, "apply_block", executions))
            stack.enter_context(patch.object(node.executor, "run_invariants", Audits()))
        stack.enter_context(patch.object(node.signatures, "ThreadPoolExecutor", _Inline))
        stack.enter_context(patch.object(node.state_store, "gc", _Collector()))
        stack.enter_context(patch.object(node.assembly, "History", _NoIndex))
        if hurried:
            rarely = {"every_blocks": AUDIT_EVERY_BLOCKS}
            stack.enter_context(patch.dict(InvariantWatch.__init__.__kwdefaults__, rarely))
            stack.enter_context(patch.object(Scrub.__init__, "__defaults__", (SCRUB_EVERY_S,)))
            stack.enter_context(patch.object(node.storage.rows, "RECENT_BLOCKS", RECENT_BLOCKS))
            stack.enter_context(
                patch.object(node.assembly, "FORGET_EVERY_BLOCKS", FORGET_EVERY_BLOCKS)
            )
        structlog.configure(
            processors=[hear],
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.ReturnLoggerFactory(),
            cache_logger_on_first_use=False,
        )
        try:
            yield
        finally:
            structlog.configure(**configured)
