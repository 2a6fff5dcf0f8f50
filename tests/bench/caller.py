"""Call a trivial method over kept connections, as fast as it goes or at a rate.

python -m tests.bench.caller PORT RATE SECONDS      prints: calls a second, p50 ms, p99 ms
"""

import sys
import time

import trio

CONNECTIONS = 16
WITHIN_S = 60
BODY = b'{"jsonrpc":"2.0","id":1,"method":"chain_getStatus","params":{}}'
REQUEST = (
    b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


async def one_answer(stream: trio.SocketStream) -> bytes:
    """Read exactly one response and return its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += await _more(stream)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(rest) < length:
        rest += await _more(stream)
    return rest


async def _more(stream: trio.SocketStream) -> bytes:
    data = bytes(await stream.receive_some(65_536))
    assert data, "the node ended the connection"
    return data


async def call_for(port: int, rate: float, seconds: float) -> list[float]:
    """Return how long each call took, in seconds."""
    spent: list[float] = []
    until = time.monotonic() + seconds

    async def caller(place: int) -> None:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        due = time.monotonic() + place / (rate or 1e9)
        while time.monotonic() < until:
            if rate:
                await trio.sleep(max(0, due - time.monotonic()))
            start = due if rate else time.monotonic()
            await stream.send_all(REQUEST)
            await one_answer(stream)
            spent.append(time.monotonic() - start)
            due += CONNECTIONS / rate if rate else 0

    with trio.fail_after(seconds + WITHIN_S):
        async with trio.open_nursery() as nursery:
            for place in range(CONNECTIONS):
                nursery.start_soon(caller, place)
    return sorted(spent)


def main() -> None:
    """Print calls a second, and the median and 99th percentile in milliseconds."""
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    spent = trio.run(call_for, port, rate, seconds)
    p50, p99 = (spent[int(len(spent) * part)] * 1000 for part in (0.5, 0.99))
    print(f"{len(spent) / seconds:.0f} {p50:.2f} {p99:.2f}")


if __name__ == "__main__":
    main()
