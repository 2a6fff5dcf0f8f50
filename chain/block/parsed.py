"""Take each transaction apart once: pool, proposal and judgement share the result.

Source: docs/specs/transaction.md, TX-017.
"""

from chain.block.transaction import Kinds, Transaction, parse_transaction


class ParsedTransactions:
    """The newest transactions that were taken apart, by their whole bytes.

    Refused bytes are not remembered: their refusal may be one day's and no other's.
    """

    __slots__ = ("_capacity_count", "_chain_id", "_kinds", "_known")

    def __init__(self, kinds: Kinds, chain_id: bytes, capacity_count: int) -> None:
        assert capacity_count > 0
        self._kinds = kinds
        self._chain_id = chain_id
        self._capacity_count = capacity_count
        self._known: dict[bytes, Transaction] = {}

    def parse(self, data: bytes) -> Transaction:
        """Return the transaction that these bytes are. Refuses: as `parse_transaction`."""
        known = self._known.get(data)
        if known is None:
            known = parse_transaction(self._kinds, self._chain_id, data)
            if len(self._known) >= self._capacity_count:
                self._known.pop(next(iter(self._known)), None)
            self._known[data] = known
        return known

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._known)


__all__ = ["ParsedTransactions"]
