"""Synthetics in a line: a world in which gold has a price, and signers have accounts."""

from dataclasses import dataclass
from typing import Any

from chain.modules.ledger.transactions import Transfer
from derivatives.accounts.transactions import Deposit
from derivatives.ids import AccountId
from derivatives.margin.account import health_of
from derivatives.margin.risk import Health
from derivatives.positions.state import POSITIONS, Position
from derivatives.synthetics.transactions import Burn, Mint, Redeem
from tests import given

GOLD = "sGOLD"
OUNCE_LOTS = 10_000
USD = 10**6
UNIT_E8 = 10**8
WALLET_QUANTUMS = 10**14
DUE_BLOCKS = 5
"""So many blocks after the one of a request there is a price of two seconds on."""


@dataclass
class Minting:
    """A world with synthetics, asked for by name."""

    world: given.World

    def ask(self, name: str, payload: Any) -> given.Answer:
        """Send a transaction of this signer's."""
        return self.world.send(name, payload)

    def deposit(self, name: str, amount_quantums: int, asset: str = "USD") -> given.Answer:
        """Move an amount from a wallet into account 0."""
        return self.ask(name, Deposit(self.account(name), asset, amount_quantums))

    def mint(self, name: str, lots: int = OUNCE_LOTS) -> given.Answer:
        """Ask for a mint against account 0."""
        return self.ask(name, Mint(self.account(name), GOLD, lots))

    def minted(self, name: str, lots: int = OUNCE_LOTS) -> None:
        """Mint against account 0, and wait until it is done."""
        assert "" == self.mint(name, lots).reason
        self.wait()

    def burn(self, name: str, lots: int = OUNCE_LOTS) -> given.Answer:
        """Ask for a burn of what account 0 owes."""
        return self.ask(name, Burn(self.account(name), GOLD, lots))

    def redeem(self, name: str, lots: int = OUNCE_LOTS) -> given.Answer:
        """Ask for a redeem."""
        return self.ask(name, Redeem(GOLD, lots))

    def price(self, price_usd: int, feed: str = "GOLD") -> None:
        """Let everybody say this of a feed from the next block on."""
        self.world.prices_e8[feed] = price_usd * UNIT_E8

    def give(self, name: str, to: str, lots: int = OUNCE_LOTS) -> None:
        """Move some of the asset from one wallet to another."""
        assert "" == self.ask(name, Transfer(given.address(to), GOLD, lots)).reason

    def wait(self, blocks: int = DUE_BLOCKS) -> list[Any]:
        """Close blocks, and return what was told in them."""
        told: list[Any] = []
        for _ in range(blocks + 1):
            self.world.close_block()
            for receipt in self.world.outcomes[-1].receipts:
                told += self.world.events_of(receipt)
        return told

    def account(self, name: str) -> AccountId:
        """Return a signer's account 0, or what is no signer by itself."""
        return name if "/" in name else given.holder(f"{name}/0")

    def position(self, name: str) -> Position | None:
        """Return what an account has of the synthetic's instrument."""
        return self.world.view.get(POSITIONS, (self.account(name), GOLD))

    def lots(self, name: str) -> int:
        """Return the lots of an account, below zero where it owes."""
        position = self.position(name)
        return 0 if position is None else position.size_lots

    def health(self, name: str) -> Health:
        """Return how an account stands."""
        return health_of(self.world.view, self.account(name))


def gold(price_usd: int = 4_000, **wallets: dict[str, int]) -> Minting:
    """Return a world in which alice, bob and carol are rich, and alice and bob have accounts.

    Each has 10,000 USD in it.
    """
    holdings = {name: {"USD": WALLET_QUANTUMS} for name in ("alice", "bob", "carol")}
    for name, more in wallets.items():
        holdings[name] = {**holdings.get(name, {}), **more}
    found = Minting(given.world(holdings))
    found.price(price_usd)
    for name in ("alice", "bob"):
        found.deposit(name, 10_000 * USD)
    found.world.close_block()
    return found
