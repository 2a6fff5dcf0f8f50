"""What one verification costs here and now: what everything else is held against."""

import statistics
import time
from collections.abc import Callable

from chain.crypto.verification import are_genuine, is_genuine_by_library
from chain.kernel import native
from tests import given

MESSAGE = bytes(250)
KEYS_COUNT = 200


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

    Libsodium's own, as for a key that nobody has met: a node needs a tenth of it for one it has."""
    key = given.key("alice")
    signature = key.sign(MESSAGE)
    count = 500

    def verify() -> None:
        for _ in range(count):
            assert is_genuine_by_library(key.public_key, MESSAGE, signature)

    return cpu_of(verify) / count


def verification_rows() -> list[tuple[str, float, str, str]]:
    """Return what keys cost that are new, met again, and known, with the ratio of the last."""
    keys = [given.key(f"signer {number}") for number in range(KEYS_COUNT)]
    asked = [(key.public_key, MESSAGE, key.sign(MESSAGE)) for key in keys]
    seconds = []
    for _ in range(2):  # meets each key, then makes its multiples
        start = time.thread_time()
        assert all(are_genuine(asked))
        seconds.append((time.thread_time() - start) / KEYS_COUNT)
    library_s, known_s = verification_s(), cpu_of(lambda: are_genuine(asked)) / KEYS_COUNT
    library_s = (library_s + verification_s()) / 2
    native.use_level(0)
    portable_s = cpu_of(lambda: are_genuine(asked)) / KEYS_COUNT
    native.use_level(native.level_max())
    alone_s = cpu_of(lambda: [are_genuine(asked[:1]) for _ in range(200)]) / 200
    times = "times libsodium's verification"
    return [
        ("verification.library", library_s * 1e6, "us, by libsodium", ""),
        ("verification.known", known_s * 1e6, "us, of a key that is known, with others", ""),
        ("verification.known,ratio", known_s / library_s, times, ""),
        ("verification.known,alone", alone_s * 1e6, "us, one a call", ""),
        ("verification.known,portable", portable_s * 1e6, "us, without AVX-512 IFMA", ""),
        ("verification.second", seconds[1] * 1e6, "us, the second of a key, once", ""),
    ]
