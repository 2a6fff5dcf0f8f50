from collections.abc import Callable
from typing import Any

import pytest

from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import SHORT, FakeChain
from tests.node.client.fake_node import FakeNode, Refuse

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]

TRANSFER = ("account", "transfer", "bob", "2.5", "--asset", "USD", "--from", "alice")


@pytest.fixture
def keys(novation: Run, tmp_path: Any) -> None:
    folder = tmp_path / "home/.novation/keys"
    for name in ("alice", "bob"):
        Keystore([folder]).create(name, None, seed=development_seed(name))


@pytest.mark.usefixtures("keys")
class TestEveryExit:
    def test_final_write_exits_0_and_is_its_receipt(self, novation: Run, serve: Serve) -> None:
        chain = FakeChain()

        said = novation(*TRANSFER, "--rpc", serve(**chain.answers()).url, "--json")

        data = said.document["data"]
        assert 0 == said.code
        assert (True, True, "12", "ledger.transfer") == (
            data["ok"],
            data["final"],
            data["height"],
            data["kind"],
        )
        assert ("130", 0, "3") == (data["valid_until_height"], data["lane"], data["sequence"])
        assert 1 == len(chain.submitted)

    def test_unreachable_node_exits_3(self, novation: Run) -> None:
        assert 3 == novation(*TRANSFER, "--rpc", "http://127.0.0.1:9").code

    def test_foreseen_refusal_exits_4_and_sends_nothing(self, novation: Run, serve: Serve) -> None:
        chain = FakeChain()
        chain.foreseen = SHORT

        said = novation(*TRANSFER, "--rpc", serve(**chain.answers()).url, "--json")

        error = said.document["error"]
        assert (4, "ledger.balance_short") == (said.code, error["reason"])
        assert {"short_by_quantums": "7"} == error["details"]
        assert [] == chain.submitted

    def test_ticks_and_lots_of_a_refusal_are_said_as_prices_and_sizes(
        self, novation: Run, serve: Serve
    ) -> None:
        chain = FakeChain()
        facts: dict[str, Any] = {"price_ticks": "200000", "lowest_ticks": "61912"}
        facts |= {"limit_lots": "1500", "good_till_ms": 1_798_761_599_999, "span_ms": 5_000}
        chain.foreseen = {**SHORT, "reason": "orders.price_too_far", "facts": facts}
        row = {"instrument": "BTC-PERP", "quote": "USD", "tick_size": "0.5", "lot_size": "0.001"}
        answers = {**chain.answers(), "market_list": lambda **_: {"items": [row]}}
        line = ("order", "place", "BTC-PERP", "sell", "1", "--price", "100_000", "--from", "alice")

        said = novation(*line, "--rpc", serve(**answers).url)

        prices = "price 100,000, lowest price 30,956, limit 1.5"
        assert f"  {prices}, good till 2026-12-31 23:59:59\n" in said.err

    def test_forced_refusal_is_sent_and_exits_5(self, novation: Run, serve: Serve) -> None:
        chain = FakeChain(SHORT, status="refused")
        chain.foreseen = SHORT

        said = novation(*TRANSFER, "--force", "--rpc", serve(**chain.answers()).url, "--json")

        assert (5, 203) == (said.code, said.document["error"]["code"])
        assert 1 == len(chain.submitted)

    def test_rejection_at_the_door_exits_4(self, novation: Run, serve: Serve) -> None:
        def stale(**_: object) -> None:
            facts = {"expected": "4", "got": "3"}
            raise Refuse(103, "signers.sequence_stale", "the sequence is used", facts)

        answers = {**FakeChain().answers(), "tx_submit": stale}

        said = novation(*TRANSFER, "--rpc", serve(**answers).url, "--json")

        assert (4, "signers.sequence_stale") == (said.code, said.document["error"]["reason"])

    # CLI-111
    def test_who_is_overtaken_takes_the_next_sequence(self, novation: Run, serve: Serve) -> None:
        chain = FakeChain()

        def overtaken(tx: str) -> Any:
            if chain.sequence < 5:
                chain.sequence += 1
                facts = {"lane": 0, "sequence": str(chain.sequence - 1)}
                raise Refuse(1102, "mempool.slot_taken", "another transaction waits", facts)
            return chain.submit(tx)

        answers = {**chain.answers(), "tx_submit": overtaken}

        said = novation(*TRANSFER, "--rpc", serve(**answers).url, "--json")

        assert (0, "5") == (said.code, said.document["data"]["sequence"])
        assert 1 == len(chain.submitted)

    @pytest.mark.parametrize(
        ("command", "lane"),
        [
            (("order", "cancel", "7"), 1),
            (("order", "cancel-all"), 1),
            (("account", "transfer", "bob", "1", "--asset", "USD"), 0),
        ],
    )
    def test_cancels_have_a_lane_of_their_own(
        self, novation: Run, serve: Serve, command: tuple[str, ...], lane: int
    ) -> None:
        url = serve(**FakeChain().answers()).url

        said = novation(*command, "--from", "alice", "--no-wait", "--rpc", url, "--json")

        assert (0, lane) == (said.code, said.document["data"]["lane"])

    def test_unknown_outcome_exits_6_and_says_until_when(self, novation: Run, serve: Serve) -> None:
        url = serve(**FakeChain(status="waiting").answers()).url

        said = novation(*TRANSFER, "--rpc", url, "--timeout", "50ms", "--json")

        error = said.document["error"]
        assert 6 == said.code
        assert "130" == error["details"]["valid_until_height"]
        assert "safe to resend after height 130" in error["hint"]

    def test_missing_key_exits_7(self, novation: Run, serve: Serve) -> None:
        words = (*TRANSFER[:-1], "mallory")

        assert 7 == novation(*words, "--rpc", serve(**FakeChain().answers()).url).code

    def test_node_that_is_not_ready_exits_8(self, novation: Run, serve: Serve) -> None:
        def waits(**_: object) -> None:
            raise Refuse(1501, "node.not_ready", "the node is catching up", {})

        answers = {**FakeChain().answers(), "tx_submit": waits}

        assert 8 == novation(*TRANSFER, "--rpc", serve(**answers).url).code

    def test_interruption_while_waiting_exits_130_and_names_what_was_sent(
        self, novation: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("node.client.sending.wait", interrupted)

        said = novation(*TRANSFER, "--rpc", serve(**FakeChain().answers()).url)

        assert 130 == said.code
        assert "can be included until height 130" in said.err


@pytest.mark.usefixtures("keys")
def test_refusal_in_quantums_is_said_in_whole_units_too(novation: Run, serve: Serve) -> None:
    chain = FakeChain()
    facts = {"asset": "USD", "short_by_quantums": "2500000"}
    chain.foreseen = {**SHORT, "facts": facts, "message": "The holder is short of USD."}

    said = novation(*TRANSFER, "--rpc", serve(**chain.answers()).url)

    assert "error: the holder is short of USD " in said.err
    assert "short by 2.50 USD" in said.err


@pytest.mark.usefixtures("keys")
def test_dry_run_shows_the_receipt_and_sends_nothing(novation: Run, serve: Serve) -> None:
    chain = FakeChain()

    said = novation(*TRANSFER, "--dry-run", "--rpc", serve(**chain.answers()).url, "--json")

    assert (0, False) == (said.code, said.document["data"]["sent"])
    assert [] == chain.submitted


@pytest.mark.usefixtures("keys")
def test_without_waiting_the_id_is_returned_at_once(novation: Run, serve: Serve) -> None:
    node = serve(**FakeChain(status="waiting").answers())

    said = novation(*TRANSFER, "--no-wait", "--rpc", node.url, "--json")

    data = said.document["data"]
    assert (0, True, False) == (said.code, data["sent"], data["final"])
    assert [] == node.asked("tx_getStatus")


@pytest.mark.usefixtures("keys")
def test_without_waiting_a_lost_answer_is_an_unknown_outcome(
    novation: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.client.sending.submit", lambda *_: False)
    node = serve(**FakeChain().answers())

    assert 6 == novation(*TRANSFER, "--no-wait", "--rpc", node.url).code


@pytest.mark.usefixtures("keys")
def test_people_read_what_happened_where_and_how_fast(novation: Run, serve: Serve) -> None:
    said = novation(*TRANSFER, "--rpc", serve(**FakeChain().answers()).url)

    assert said.out.startswith("alice paid bob 2.50 USD in block 12, final after")
    assert "waiting until it is final" in said.err


def test_nobody_to_sign_exits_7(novation: Run, serve: Serve) -> None:
    words = ("send", "signers.remove_agent", "--public-key", f"0x{'00' * 32}")

    said = novation(*words, "--rpc", serve(**FakeChain().answers()).url)

    assert 7 == said.code
    assert "--from" in said.err


@pytest.mark.usefixtures("keys")
def test_decimals_are_those_of_the_chain(novation: Run, serve: Serve) -> None:
    node = serve(**FakeChain().answers())
    words = ("account", "transfer", "bob", "1", "--asset", "BTC", "--from", "alice")

    novation(*words, "--rpc", node.url)

    assert "100000000" == node.asked("tx_build")[0]["fields"]["amount_quantums"]


@pytest.mark.usefixtures("keys")
def test_asset_that_does_not_exist_exits_9_with_those_that_do(novation: Run, serve: Serve) -> None:
    words = ("account", "transfer", "bob", "1", "--asset", "DOGE", "--from", "alice")

    said = novation(*words, "--rpc", serve(**FakeChain().answers()).url)

    assert 9 == said.code
    assert "there are: USD, BTC" in said.err
