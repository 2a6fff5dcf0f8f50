"""How much one address may ask: a bucket of tokens that fills while it asks nothing.

Source: docs/specs/rpc.md, RPC-015.
"""

from collections import OrderedDict
from dataclasses import dataclass

from node.rpc import limits


@dataclass
class _Bucket:
    tokens: float
    at_ms: int


class Rate:
    """Buckets by address, forgetting whoever has been silent for longest."""

    def __init__(
        self,
        tokens_per_second: int = limits.RATE_TOKENS_PER_SECOND,
        tokens_max: int = limits.RATE_TOKENS_MAX,
    ) -> None:
        self._per_ms = tokens_per_second / 1000
        self._max = tokens_max
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str, weight: int, now_ms: int) -> int:
        """Return 0 after taking this many tokens, or the ms until there are enough of them."""
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = _Bucket(float(self._max), now_ms)
            if len(self._buckets) > limits.RATE_ADDRESSES_MAX_COUNT:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(address)
        filled = bucket.tokens + (now_ms - bucket.at_ms) * self._per_ms
        bucket.tokens, bucket.at_ms = min(float(self._max), filled), now_ms
        if bucket.tokens >= weight:
            bucket.tokens -= weight
            return 0
        return int((weight - bucket.tokens) / self._per_ms) + 1
