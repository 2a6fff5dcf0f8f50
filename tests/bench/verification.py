"""What one verification costs here and now: what everything else is held against."""

import statistics
import time
from collections.abc import Callable

from chain.crypto.verification import is_genuine_by_library
from tests import given

MESSAGE = bytes(250)


def cpu_of(work: Callable[[], object], runs: int = 9) -> float:
    """Return the median CPU seconds of this thread over some runs."""
    spent = []
    for _ in range(runs):
        start = time.thread_time()
        work()
        spent.append(time.thread_time() - start)
    return statistics.median(spent)


def verification_s() -> float:
    """Return the CPU seconds of one libsodium verification of a 250-byte message.

    Libsodium's own, as for a key that nobody has met: a node needs a seventh for one it has."""
    key = given.key("alice")
    signature = key.sign(MESSAGE)
    count = 500

    def verify() -> None:
        for _ in range(count):
            assert is_genuine_by_library(key.public_key, MESSAGE, signature)

    return cpu_of(verify) / count
