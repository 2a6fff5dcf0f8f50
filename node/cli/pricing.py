"""Set the price of a feed on every node of a network, at once or in steps.

Source: docs/specs/reports.md, REPORT-018 and REPORT-019.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from derivatives.oracle.section import ROUND_MS
from node.cli.session import READ_TIMEOUT_MS, Session
from node.client.declarations import nearest
from node.client.failures import NO_COMMAND, Failure
from node.client.transport import Client
from node.devnet.layout import find_network

PRICE_DECIMALS = 8


def steps_of(from_e8: int, to_e8: int, over_ms: int) -> list[int]:
    """Return the prices of each half second of a straight way, the last of them its end.

    >>> steps_of(100, 200, 2000), steps_of(100, 200, 0)
    ([125, 150, 175, 200], [200])
    """
    count = max(1, over_ms // ROUND_MS)
    return [from_e8 + (to_e8 - from_e8) * step // count for step in range(1, count + 1)]


def price_of(client: Client, feed: str) -> int | None:
    """Return a feed's price now, None before its first.

    Refuses: NO_COMMAND, for a feed that is not listed.
    """
    feeds = {told["feed"]: told for told in client.call("oracle_getFeeds")["items"]}
    if feed not in feeds:
        raise Failure(
            NO_COMMAND,
            f'no feed "{feed}"{nearest(feed, feeds)}',
            f"there are: {', '.join(feeds)}",
            "list: novation oracle feeds",
        )
    price_e8 = feeds[feed]["price_e8"]
    return None if price_e8 is None else int(price_e8)


@contextmanager
def clients_of(session: Session) -> Iterator[list[Client]]:
    """Give every node of the network here, or the one node that was named by --rpc.

    One authority's word moves no price of a network: all have to be told.
    """
    folder = session.target.folder
    network = find_network(folder) if folder is not None and session.rpc is None else None
    if network is None or session.target.url not in {place.rpc for place in network.nodes}:
        yield [session.client]
        return
    clients = [Client(place.rpc, session.timeout_ms or READ_TIMEOUT_MS) for place in network.nodes]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def set_everywhere(
    clients: list[Client], feed: str, prices_e8: list[int | None], pause: Callable[[float], None]
) -> int:
    """Set each price on all nodes, half a second after the last; return the height then.

    On a chain of one node time is virtual, and its blocks take what time they need.
    """
    height = 0
    for step, price_e8 in enumerate(prices_e8):
        if step and len(clients) > 1:
            pause(ROUND_MS / 1000)
        for client in clients:
            # Null is left out on the way, and means the same: the feeder's own again.
            asked = None if price_e8 is None else str(price_e8)
            answer = client.call("dev_setPrice", feed=feed, price_e8=asked)
            height = max(height, int(answer["height"]))
    return height
