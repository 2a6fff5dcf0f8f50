"""Where a simulated process differs from a real one: trio, threads, the collector, and the log.

The index of what the chain told is left out: it may be lost at any time and decides nothing.
Everything else that runs is the node's own code, unchanged. Signatures are real; each is verified
once a world, since the verdict on the same bytes is the same.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import structlog
import trio

import chain.block.transaction
import node.assembly
import node.reports.room
import node.rooms.opening
import node.signatures
import node.state_store
from chain.crypto.verification import is_genuine
from node.invariant_watch import InvariantWatch
from node.storage.scrub import Scrub

LEVELS = ("warning", "error", "critical")
AUDIT_EVERY_BLOCKS = 5
SCRUB_EVERY_S = 2.0
FORGET_EVERY_BLOCKS = 3


class _Collector:
    """A node's collector that does nothing: one process holds thousands of worlds."""

    def collect(self) -> int:
        return 0

    def freeze(self) -> None:
        return None


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

    async def run(self, *given: object, task_status: Any) -> None:
        del given
        task_status.started()

    def close(self) -> None:
        return None


class Verdicts:
    """The verdict on a signature, asked of libsodium once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes, bytes], bool] = {}

    def __call__(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        place = (public_key, message, signature)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = is_genuine(public_key, message, signature)
        return known


def _users_of_trio() -> list[Any]:
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in ("node", "p2p") and getattr(module, "trio", None) is trio
    ]


@contextmanager
def simulated(
    words: object, told: Callable[[str, dict[str, Any]], None], *, hurried: bool = False
) -> Iterator[None]:
    """Run the code of nodes in a simulation while this lasts; `told` hears their log.

    Hurried nodes do often what others do rarely: let go of old votes, audit, scrub.
    """
    verdicts = Verdicts()

    def hear(logger: object, level: str, line: Any) -> Any:
        if level in LEVELS:
            told(level, dict(line))
        raise structlog.DropEvent

    configured = structlog.get_config()
    with ExitStack() as stack:
        for module in _users_of_trio():
            stack.enter_context(patch.object(module, "trio", words))
        for owner in (
            chain.block.transaction,
            node.assembly,
            node.rooms.opening,
            node.reports.room,
        ):
            stack.enter_context(patch.object(owner, "is_genuine", verdicts))
        stack.enter_context(patch.object(node.signatures, "ThreadPoolExecutor", _Inline))
        stack.enter_context(patch.object(node.state_store, "gc", _Collector()))
        stack.enter_context(patch.object(node.assembly, "History", _NoIndex))
        if hurried:
            rarely = {"every_blocks": AUDIT_EVERY_BLOCKS}
            stack.enter_context(patch.dict(InvariantWatch.__init__.__kwdefaults__, rarely))
            stack.enter_context(patch.object(Scrub.__init__, "__defaults__", (SCRUB_EVERY_S,)))
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
