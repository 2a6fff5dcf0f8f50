"""A chain whose market is open and whose traders have deposited, for what measures orders."""

import time
from typing import Any

from chain.block.receipt import decode_receipt
from chain.block.transaction import Transaction, parse_transaction
from chain.kit import replace
from chain.machine.run import Outcome, Unfit, seal
from chain.machine.validity import CheckedBlock, apply_block
from chain.modules.authorities.sets import authority_set_of
from derivatives.accounts.transactions import Deposit
from derivatives.orders.transactions import Place
from tests import given
from tests.given_book import placing
from tests.given_market import USD, account_of

PRICES_E8 = {"BTC": 64_000 * 10**8, "ETH": 3_200 * 10**8}
TICKS = 128_000
"""The mark: 64,000 USD."""


class Venue:
    """Traders by name, each with an account; `executed` measures what a block of theirs costs."""

    def __init__(self, signers_count: int, *, deposited: bool = True) -> None:
        self.names = [f"trader{number}" for number in range(signers_count)]
        self.world = given.world({name: {"USD": 10**6 * USD} for name in self.names})
        self.world.prices_e8 = dict(PRICES_E8)
        self._sequences = dict.fromkeys(self.names, 0)
        if deposited:
            self._open()

    def _open(self) -> None:
        """Let prices come, and everybody deposit."""
        for _ in range(3):
            self.world.close_block()
        for name in self.names:
            deposit = Deposit(account_of(name), "USD", 900_000 * USD)
            answer = self.world.send_bytes(self.signed(name, deposit))
            assert answer.reason == ""
        self.world.close_block()

    def order(self, side: int, **how: Any) -> Place:
        """Return an order of one lot at the mark; whose, `signed` says."""
        return placing(self.names[0], side, 1, TICKS, **how)

    def signed(self, name: str, *payloads: Any) -> bytes:
        """Return a trader's next transaction: one payload, or a list; orders become its own."""
        own = [
            replace(each, account_holder=account_of(name)) if type(each) is Place else each
            for each in payloads
        ]
        sequence = self._sequences[name]
        self._sequences[name] += 1
        return self.world.bytes_of(name, *own, sequence=sequence)

    def parsed(self, data: bytes) -> Transaction:
        """Return a transaction taken apart."""
        return parse_transaction(self.world.application, self.world.chain_id, data)

    def executed(self, transactions: list[Transaction]) -> tuple[float, Outcome]:
        """Return the CPU seconds that judging a block of these takes, and fold it."""
        world = self.world
        world.open_block()
        run, facts = world._run, world._facts
        assert run is not None
        assert facts is not None
        for transaction in transactions:
            answer = run.apply(transaction)
            assert not isinstance(answer, Unfit), answer
            assert decode_receipt(answer).ok, answer
        data = tuple(transaction.data for transaction in transactions)
        block = seal(facts, data, world._oracle, (), run.close())
        authorities = authority_set_of(world.tables, block.header.epoch)
        assert authorities is not None
        checked = CheckedBlock(block, tuple(transactions))
        start = time.process_time()
        outcome = apply_block(world.application, world.tables, checked, authorities)
        spent_s = time.process_time() - start
        world.tables.fold(outcome.overlay)
        world._run, world._facts, world.head = None, None, block
        return spent_s, outcome
