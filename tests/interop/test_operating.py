"""NODE-108 and NODE-109: four processes halt as ordered, and their numbers say what was done."""

import json
import urllib.request

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio_websocket import ConnectionClosed, WebSocketConnection, open_websocket_url

from node.devnet import processes
from tests.interop.conftest import WITHIN_S, Processes, RefusedCall

pytestmark = pytest.mark.interop

AMOUNT = 5_000_000
POSITIVE = (
    "chain_height",
    "chain_time_seconds",
    "consensus_view",
    "consensus_signing",
    "finality_seconds_count",
    "apply_seconds_count",
    "commit_seconds_count",
    "vote_log_seconds_count",
    "build_seconds_count",
    "sync_best_height",
    "link_frames_total",
    "storage_free_bytes",
    "event_loop_delay_seconds_count",
    "process_open_fds",
    "process_resident_memory_bytes",
    "rpc_connections",
)


def numbers_of(four: Processes, name: str) -> dict[str, float]:
    """Return every sample of a node's page, the labels' values behind the name."""
    with urllib.request.urlopen(four.network.place(name).rpc + "/metrics", timeout=10) as page:
        text = page.read().decode()
    return {
        " ".join([sample.name.removeprefix("novation_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


def test_the_numbers_of_four_nodes_say_what_was_done(four: Processes) -> None:
    tx = four.transfer("alice", "bob", lane=0, sequence=0, amount=AMOUNT)
    receipt = four.call("auth0", "tx_submitAndWait", tx=tx, timeout_ms=30_000)
    with pytest.raises(RefusedCall):
        four.call("auth0", "tx_submit", tx="0x00")
    # Each leads once in four views.
    four.grow(6)
    found = {
        name: four.until(
            lambda n=name: (
                numbers
                if (numbers := numbers_of(four, n))["chain_height"] >= int(receipt["height"])
                else None
            )
        )
        for name in four.names
    }

    for name, numbers in found.items():
        assert [] == [number for number in POSITIVE if numbers[number] <= 0], name
        assert 3 == numbers["peers_linked"], name
        assert 1 <= numbers["chain_transactions_total applied"], name
        assert 6 <= numbers["consensus_votes_total notarize"], name
        assert 6 <= numbers["consensus_votes_total finalize"], name
        assert 0 == numbers["mempool_transactions 3"] == numbers["sync_catching_up"], name
    assert 1 <= found["auth0"]["gossip_frames_total out transactions"]
    assert 1 <= found["auth1"]["gossip_frames_total in transactions"]


def test_four_halt_where_they_were_told_to_and_go_on_when_started(four: Processes) -> None:
    height = four.grow(2) + 6
    for name in four.names:
        four.call(name, "node_haltAt", height=str(height))
    shown = four.call("auth1", "chain_getStatus")["halt_height"]

    ended = processes.wait_until(
        lambda: all(processes.running_pid(four.folder(name)) is None for name in four.names),
        WITHIN_S * 1_000,
    )
    told = [json.loads(line) for line in (four.folder("auth1") / "node.log").open()]
    four.start()
    after = four.grow(2)

    assert (str(height), True) == (shown, ended)
    assert {"halt ordered", "halted as ordered", "node ended"} <= {line["event"] for line in told}
    assert not [line for line in told if line["level"] in {"error", "critical"}]
    assert after > height
    four.must_be_safe()


async def test_a_subscriber_of_a_node_that_stops_is_told_with_4503(four: Processes) -> None:
    url = four.network.place("auth3").rpc.replace("http", "ws", 1) + "/ws"
    four.until(lambda: four.height("auth3") + 1)
    async with open_websocket_url(url) as socket:
        four.call("auth3", "node_haltAt", height=str(four.height("auth3") + 3))
        with pytest.raises(ConnectionClosed), trio.fail_after(WITHIN_S):
            await read_on(socket)

        assert socket.closed is not None
        assert 4503 == socket.closed.code


async def read_on(socket: WebSocketConnection) -> None:
    while True:
        await socket.get_message()
