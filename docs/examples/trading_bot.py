"""Quote one instrument on a Novation chain over nothing but a node's WebSocket.

    mark -> two post-only orders -> signed here -> final receipts -> fills, each once

Uses PyNaCl, trio-websocket and the standard library, and nothing of Novation's own: it is written
from docs/specs/transaction.md, rpc.md and docs/reference/rpc.md alone.

    novation keys export alice --secret > alice.seed
    python docs/examples/trading_bot.py ws://127.0.0.1:7600/ws alice.seed nov1...

It keeps a bid and an ask `--away` ticks from the mark, places them anew when that has gone half as
far, and prints every fill. Kill it whenever you like: `--state FILE` has its
orders and the number of the next event it wants, so that the next run is told of what it has
missed and of nothing twice. Nodes may go away, too: it connects again.

`--fills N` ends it after so many fills. Exit code 0; 1: the chain or the node refused for good.
"""

import argparse
import base64
import json
import struct
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import trio
from nacl.signing import SigningKey
from trio_websocket import ConnectionClosed, HandshakeError, open_websocket_url

TRADING_LANE, CANCEL_LANE = 0, 1
BUY, SELL = 1, 2
OURS = "quote-"
# Refusals that a next attempt cures: the market moved, or somebody used the same key.
PASSING = (
    "orders.post_only_crosses",
    "orders.order_unknown",
    "orders.price_stale",
    "orders.auction_rests",
    "signers.sequence_",
    "mempool.",
)


class Refused(Exception):
    """The node answered with an error, or the chain with a refusal: which, and its facts."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{message} [{reason}]")
        self.reason = reason


class Node:
    """JSON-RPC over one WebSocket: answers by the id of the call, notifications in order."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._waiting: dict[int, tuple[trio.Event, list[Any]]] = {}
        self._told, self.news = trio.open_memory_channel[dict[str, Any]](10_000)

    async def call(self, method: str, **params: Any) -> Any:
        """Return the result of a call. Refused: an error."""
        number, event, answer = len(self._waiting), trio.Event(), list[Any]()
        self._waiting[number] = event, answer
        call = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        await self._socket.send_message(json.dumps(call))
        await event.wait()
        error = answer[0].get("error")
        if error is not None:
            raise Refused(error["data"]["reason"], error["message"])
        return answer[0]["result"]

    async def read(self) -> None:
        """Take what comes until the connection ends."""
        while True:
            message = json.loads(await self._socket.get_message())
            if "method" in message:
                await self._told.send(message["params"])
            else:
                event, answer = self._waiting[message["id"]]
                answer.append(message)
                event.set()


def packed(value: Any) -> bytes:
    """Return the canonical encoding (docs/specs/codec.md) of what transactions hold."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        if 0 <= value < 128:
            return bytes([value])
        for head, form in ((0xCC, "B"), (0xCD, ">H"), (0xCE, ">I"), (0xCF, ">Q")):
            if value < 1 << 8 * struct.calcsize(form):
                return bytes([head]) + struct.pack(form, value)
    if isinstance(value, str):
        data = value.encode()
        head = bytes([0xA0 | len(data)]) if len(data) < 32 else b"\xd9" + bytes([len(data)])
        return head + data
    if isinstance(value, bytes):
        return b"\xc4" + bytes([len(value)]) + value
    assert isinstance(value, list), value
    assert len(value) < 16, value
    return bytes([0x90 | len(value)]) + b"".join(packed(one) for one in value)


class Bot:
    """One account, one instrument, two quotes."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.key = SigningKey(bytes.fromhex(Path(asked.seed).read_text().strip()[2:]))
        self.public_key = bytes(self.key.verify_key)
        self.holder = f"{self.public_key.hex()}/0"  # how the chain writes account 0 of a signer
        self.owner = asked.address
        self.account = f"{asked.address}/0"
        self.state: dict[str, Any] = {
            "next_seq": None,
            "orders_count": 0,
            "fills_count": 0,
            "position_lots": 0,
            "quotes": {},  # order id -> side, price
        }
        if asked.state.exists():
            self.state = json.loads(asked.state.read_text())
        self.quotes: dict[str, list[int]] = self.state["quotes"]
        self.quoted_ticks = 0

    def save(self) -> None:
        """Keep what a next run goes on from, whole or as it was."""
        beside = self.asked.state.with_suffix(".new")
        beside.write_text(json.dumps(self.state))
        beside.replace(self.asked.state)

    async def send(self, node: Node, kind: str, fields: dict[str, Any], lane: int) -> Any:
        """Sign a transaction and return its final receipt. Refused: what refuses it.

        The node says lane, sequence and height; what is signed are bytes of our own making.
        """
        built = await node.call("tx_build", kind=kind, fields=fields, signer=self.owner, lane=lane)
        number = next(one["kind"] for one in self.kinds if one["name"] == kind)
        payload = [self.plain(name, value) for name, value in fields.items()]
        ends = int(built["valid_until_height"])
        head = [1, self.public_key, lane, int(built["sequence"]), ends, number]
        sign_bytes = b"NOVATION/tx/1" + self.chain_id + packed([*head, payload])
        assert sign_bytes == base64.b64decode(built["sign_bytes"]), "the node built something else"
        signature = f"0x{self.key.sign(sign_bytes).signature.hex()}"
        signed = {"public_key": f"0x{self.public_key.hex()}", "signature": signature}
        tx_id = f"0x{sha256(sign_bytes).hexdigest()}"
        receipt = None
        while receipt is None:
            try:
                receipt = await node.call(
                    "tx_submitAndWait", unsigned=built["unsigned"], signatures=[signed]
                )
            except Refused as refused:
                # It may still come: the same bytes wait on, and are never done twice.
                if refused.reason != "mempool.outcome_unknown":
                    raise
        assert tx_id == receipt["id"]
        if not receipt["ok"]:
            raise Refused(receipt["reason"], receipt["message"])
        return receipt

    def plain(self, name: str, value: Any) -> Any:
        """Return a field as the chain stores it: numbers from strings, the account in hex."""
        if name == "account_holder":
            return self.holder
        return int(value) if name.endswith(("_ticks", "_lots")) else value

    async def begin(self, node: Node) -> None:
        """Learn of the chain, and follow the account from where we were, and the mark."""
        status = await node.call("chain_getStatus")
        self.chain_id = bytes.fromhex(status["chain_id"][2:])
        self.kinds = await node.call("tx_describe")
        follow = {"topic": f"account:{self.owner}"}
        if self.state["next_seq"] is not None:
            follow["from_seq"] = self.state["next_seq"]
        began = await node.call("subscribe", **follow)
        self.state["next_seq"] = str(int(began["seq"]) + 1)
        await node.call("subscribe", topic=f"mark:{self.asked.instrument}")
        self.quoted_ticks = 0
        print(f"at height {status['height']}, {len(self.quotes)} orders known", flush=True)

    def heard(self, told: Mapping[str, Any]) -> None:
        """Take in one event of the account, and count it as heard."""
        event = told["data"]["event"]
        name = event["name"].partition(".")[2]
        order_id = str(event.get("order_id"))
        if name == "order_filled" and order_id in self.quotes:
            side, price = self.quotes[order_id]
            lots = int(event["size_lots"]) * (1 if side == BUY else -1)
            self.state["fills_count"] += 1
            self.state["position_lots"] += lots
            if event["remaining_lots"] == "0":
                del self.quotes[order_id]
            print(f"filled {lots} at {price} in block {told['height']}", flush=True)
        elif name == "order_cancelled":
            self.quotes.pop(order_id, None)
        elif name == "order_placed" and event["client_id"].startswith(OURS):
            self.quotes[order_id] = [event["side"], int(event["price_ticks"])]
        self.state["next_seq"] = str(int(told["seq"]) + 1)
        self.save()

    async def quote(self, node: Node, mark_ticks: int) -> None:
        """Replace our quotes by two around the mark, unless they are near enough to it."""
        near = abs(mark_ticks - self.quoted_ticks) * 2 < self.asked.away
        if near and {side for side, _ in self.quotes.values()} == {BUY, SELL}:
            return
        for order_id in list(self.quotes):
            which = {"account_holder": self.account, "order_id": int(order_id), "client_id": ""}
            await self.tried(node, "orders.cancel", which, CANCEL_LANE)
        for side, price in (
            (BUY, mark_ticks - self.asked.away),
            (SELL, mark_ticks + self.asked.away),
        ):
            self.state["orders_count"] += 1
            self.save()
            fields = {
                "account_holder": self.account,
                "instrument": self.asked.instrument,
                "side": side,
                "price_ticks": str(price),
                "size_lots": str(self.asked.lots),
                "time_in_force": 1,
                "post_only": True,
                "reduce_only": False,
                "self_trade": 0,
                "client_id": f"{OURS}{self.state['orders_count']}",
                "good_till_ms": 0,
                "trigger_kind": 0,
                "trigger_ticks": "0",
            }
            await self.tried(node, "orders.place", fields, TRADING_LANE)
        self.quoted_ticks = mark_ticks

    async def tried(self, node: Node, kind: str, fields: dict[str, Any], lane: int) -> None:
        """Send, and pass over a refusal that the next quote cures. Refused: any other."""
        try:
            await self.send(node, kind, fields, lane)
        except Refused as refused:
            if not refused.reason.startswith(PASSING):
                raise
            print(f"passed over: {refused}", flush=True)

    async def live(self, node: Node) -> None:
        """Quote and listen until enough was filled or the connection ends."""
        await self.begin(node)
        mark_ticks = 0
        while not self.asked.fills or self.state["fills_count"] < self.asked.fills:
            told = await node.news.receive()
            if told["type"] == "heartbeat":
                continue
            if told["topic"].startswith("account:"):
                self.heard(told)
            else:
                mark_ticks = int(told["data"]["mark_price_ticks"] or 0)
            if mark_ticks and not node.news.statistics().current_buffer_used:
                await self.quote(node, mark_ticks)


async def run(asked: argparse.Namespace) -> int:
    """Run the bot, over as many connections as it takes."""
    bot = Bot(asked)
    while True:
        try:
            async with open_websocket_url(asked.url) as socket, trio.open_nursery() as nursery:
                node = Node(socket)
                nursery.start_soon(node.read)
                await bot.live(node)
                nursery.cancel_scope.cancel()
        except* (ConnectionClosed, HandshakeError, OSError) as gone:
            print(f"connection lost ({gone.exceptions[0]!r}); again in a second", flush=True)
            await trio.sleep(1)
        else:
            print(f"{bot.state['fills_count']} fills, position {bot.state['position_lots']} lots")
            return 0


def main() -> int:
    """Read the line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="ws://HOST:PORT/ws")
    parser.add_argument("seed", help="a file with 0x and the 64 digits of an ed25519 seed")
    parser.add_argument("address", help="nov1..., whose key it is; its account 0 trades")
    parser.add_argument("--instrument", default="BTC-PERP")
    parser.add_argument("--lots", type=int, default=10)
    parser.add_argument("--away", type=int, default=20, help="ticks from the mark")
    parser.add_argument("--fills", type=int, default=0, help="end after so many")
    parser.add_argument("--state", type=Path, default=Path("trading_bot.json"))
    try:
        return trio.run(run, parser.parse_args())
    except* Refused as refused:
        print(f"refused: {refused.exceptions[0]}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
