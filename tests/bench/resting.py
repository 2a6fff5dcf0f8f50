"""What a block costs beside many orders that rest and accounts that do nothing, and the memory.

Two chains in one process, one with a hundred times as many of both, judge the same blocks by
turns; nothing in a block may depend on what it does not touch.  Minutes and gigabytes, so it is
no part of `make bench`:

    .venv/bin/python -m tests.bench.resting
"""

import statistics
import sys
from pathlib import Path

from chain.crypto.digest import sha256
from chain.kit import Context, account, wallet
from chain.modules.ledger.balances import issue
from chain.modules.signers.state import SIGNERS, Signer
from chain.state.overlay import Overlay
from derivatives.accounts.transactions import Deposit
from derivatives.orders.book import Rested, next_order_id, rest
from derivatives.orders.state import SIDE_BUY, SIDE_SELL, Order
from node.run import SWITCH_INTERVAL_S, settle, share_one_heap
from tests.bench.orders import batches_of
from tests.bench.venue import TICKS, Venue
from tests.given_market import BTC_PERP, USD

SIZES = ((1_000, 10_000), (100_000, 1_000_000))
"""Accounts, and orders of all together."""

ACTIVE_COUNT = 20
ROUNDS = 9
CHUNK_COUNT = 2_000
PRICES_COUNT = 20_000
AWAY_TICKS = 500


def resident_bytes() -> int:
    """Return how much memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096


def crowded(accounts_count: int, orders_count: int) -> Venue:
    """Return a venue with accounts that have deposited, and orders away from the mark."""
    venue = Venue(ACTIVE_COUNT)
    tables = venue.world.tables
    each_count = orders_count // accounts_count
    for start in range(0, accounts_count, CHUNK_COUNT):
        overlay = Overlay(tables)
        for number in range(start, min(start + CHUNK_COUNT, accounts_count)):
            _settle_in(overlay, venue, number, each_count)
        overlay.seal()
        tables.fold(overlay)
    return venue


def _settle_in(overlay: Overlay, venue: Venue, number: int, orders_count: int) -> None:
    """Open one account, and let its orders rest on both sides."""
    head = venue.world.head.header
    address = sha256(number.to_bytes(8, "big"))
    context = Context(
        state=overlay,
        signer=address,
        chain_id=venue.world.chain_id,
        epoch=0,
        height=head.height,
        time_ms=head.time_ms,
        parent_time_ms=head.time_ms,
    )
    holder = account(address, 0)
    overlay.put(SIGNERS, address, Signer(threshold=1, keys=(address,)))
    issue(context, credit=wallet(address), asset="USD", amount_quantums=10_000 * USD)
    Deposit(holder, "USD", 9_000 * USD).apply(context)
    for place in range(orders_count):
        side = SIDE_BUY if (number + place) % 2 else SIDE_SELL
        away = AWAY_TICKS + (number * 7 + place * 1_009) % PRICES_COUNT
        order_id = next_order_id(overlay, "main")
        order = Order(
            order_id=order_id,
            account_holder=holder,
            price_ticks=TICKS - away if side == SIDE_BUY else TICKS + away,
            size_lots=1,
            remaining_lots=1,
            reduce_only=False,
            post_only=True,
            self_trade=0,
            client_id="",
            good_till_ms=0,
            placed_ms=head.time_ms,
            placed_height=head.height,
            changed_ms=head.time_ms,
            changed_height=head.height,
        )
        rest(overlay, Rested(BTC_PERP, side, order_id, order))


def main() -> None:
    """Print what each chain took, what a block costs on either, and the ratios."""
    share_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    venues = []
    for accounts_count, orders_count in SIZES:
        before_bytes = resident_bytes()
        venues.append(crowded(accounts_count, orders_count))
        grown_bytes = resident_bytes() - before_bytes
        print(
            f"{accounts_count:,} accounts, {orders_count:,} orders: {grown_bytes / 2**20:,.0f} MiB"
        )
    settle()
    spent: dict[str, list[tuple[float, ...]]] = {"empty": [], "rest": [], "trade": []}
    for number in range(ROUNDS):
        empty, resting, trading = [], [], []
        turns = venues if number % 2 else venues[::-1]  # whoever comes first finds a cold cache
        for venue in turns:
            parsed = [
                [venue.parsed(venue.signed(name, *orders)) for name, orders in batch]
                for batch in batches_of(venue, number, 1)
            ]
            empty.append(venue.executed([])[0])
            resting.append(venue.executed(parsed[0])[0])
            trading.append(venue.executed(parsed[1])[0])
        if number:  # the first reads every account that margin watches
            for what, pair in zip(spent, (empty, resting, trading), strict=True):
                spent[what].append(tuple(pair if turns is venues else pair[::-1]))
    for what, pairs in spent.items():
        few, many = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        print(f"{what}: {few * 1e3:.2f} and {many * 1e3:.2f} ms CPU a block, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
