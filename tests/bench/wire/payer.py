"""Hand in transfers at a rate and see how long each takes to be final, as a user does."""

import json
import time
from collections.abc import Sequence

import trio

from tests.bench.caller import WITHIN_S, one_answer

REQUEST = (
    b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%s"
)


def request_of(transaction: str) -> bytes:
    """Return the call that hands in a transaction and waits for its receipt."""
    parameters = {"tx": transaction, "timeout_ms": 30_000}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tx_submitAndWait", "params": parameters}
    body = json.dumps(call).encode()
    return REQUEST % (len(body), body)


async def pay(ports: Sequence[int], transactions: Sequence[str], rate_per_s: float) -> list[float]:
    """Return how many seconds each took, ascending.

    The nodes take turns, and so do the signers of `transactions`, whose count is a multiple of
    that of the nodes: each signer stays with its node.
    """
    spent: list[float] = []
    start = trio.current_time() + 0.5
    free: list[list[trio.SocketStream]] = [[] for _ in ports]

    async def one(place: int, request: bytes) -> None:
        due = start + place / rate_per_s
        await trio.sleep_until(due)
        port, idle = ports[place % len(ports)], free[place % len(ports)]
        stream = idle.pop() if idle else await trio.open_tcp_stream("127.0.0.1", port)
        began = time.monotonic()
        await stream.send_all(request)
        answer = json.loads(await one_answer(stream))
        spent.append(time.monotonic() - began)
        assert answer.get("result", {}).get("ok"), answer
        idle.append(stream)

    requests = [request_of(transaction) for transaction in transactions]
    with trio.fail_after(len(requests) / rate_per_s + WITHIN_S):
        async with trio.open_nursery() as nursery:
            for place, request in enumerate(requests):
                nursery.start_soon(one, place, request)
    return sorted(spent)
