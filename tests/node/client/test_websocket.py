import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, Request, TextMessage

from node.client.failures import Failure
from node.client.websocket import Closed, Follower

Script = Callable[["Talk"], None]


class Talk:
    """The node's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.protocol = WSConnection(ConnectionType.SERVER)
        self.heard: list[Any] = []

    def hear(self) -> Any:
        """Return the next event that is not a pong."""
        while not self.heard:
            data = self.socket.recv(65_536)
            assert data, "the follower ended the connection"
            self.protocol.receive_data(data)
            self.heard += list(self.protocol.events())
        return self.heard.pop(0)

    def say(self, event: Any) -> None:
        self.socket.sendall(self.protocol.send(event))

    def tell(self, document: Any) -> None:
        self.say(TextMessage(data=json.dumps(document)))

    def open(self) -> dict[str, Any]:
        """Accept, and return the first request."""
        assert isinstance(self.hear(), Request)
        self.say(AcceptConnection())
        request = json.loads(self.hear().data)
        assert isinstance(request, dict)
        return request


@pytest.fixture
def serve_socket() -> Iterator[Callable[[Script], str]]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    threads = []

    def serve(script: Script) -> str:
        def run() -> None:
            connection, _ = listening.accept()
            with connection:
                script(Talk(connection))

        threads.append(threading.Thread(target=run, daemon=True))
        threads[0].start()
        return f"ws://127.0.0.1:{listening.getsockname()[1]}/ws"

    yield serve
    for thread in threads:
        thread.join()
    listening.close()


def entry(seq: int) -> dict[str, Any]:
    return {"method": "subscription", "params": {"seq": str(seq), "type": "delta", "data": {}}}


def test_follower_asks_for_its_topic_and_yields_what_is_told(
    serve_socket: Callable[[Script], str],
) -> None:
    asked: list[Any] = []

    def script(talk: Talk) -> None:
        asked.append(talk.open())
        talk.tell({"id": 1, "result": {"subscription": "s1", "seq": "6"}})
        talk.say(Ping())
        talk.tell(entry(7))
        talk.say(TextMessage(data=json.dumps(entry(8))[:9], message_finished=False))
        talk.say(TextMessage(data=json.dumps(entry(8))[9:]))
        talk.hear()

    follower = Follower(serve_socket(script))
    told = follower.follow("blocks", 7)

    assert ["7", "8"] == [next(told)["seq"], next(told)["seq"]]
    assert ("subscribe", {"topic": "blocks", "from_seq": 7}) == (
        asked[0]["method"],
        asked[0]["params"],
    )
    follower.close()


def test_close_of_the_node_says_its_code(serve_socket: Callable[[Script], str]) -> None:
    def script(talk: Talk) -> None:
        talk.open()
        talk.say(CloseConnection(code=4008, reason="too slow"))

    follower = Follower(serve_socket(script))

    with pytest.raises(Closed) as closed:
        next(follower.follow("blocks", None))

    assert 4008 == closed.value.code
    follower.close()


def test_refused_topic_is_raised(serve_socket: Callable[[Script], str]) -> None:
    def script(talk: Talk) -> None:
        talk.open()
        data = {"code": 1210, "reason": "lookup.topic_unknown", "facts": {}}
        talk.tell({"id": 1, "error": {"code": 1210, "message": "no topic", "data": data}})
        talk.hear()

    follower = Follower(serve_socket(script))

    with pytest.raises(Failure) as refused:
        next(follower.follow("blockz", None))

    assert 9 == refused.value.exit_code
    follower.close()


def test_connection_that_just_ends_is_closed(serve_socket: Callable[[Script], str]) -> None:
    follower = Follower(serve_socket(lambda talk: None))

    with pytest.raises((Closed, Failure)):
        next(follower.follow("blocks", None))

    follower.close()


def test_absent_node_is_unreachable() -> None:
    with pytest.raises(Failure) as refused:
        Follower("ws://127.0.0.1:9/ws")

    assert 3 == refused.value.exit_code
