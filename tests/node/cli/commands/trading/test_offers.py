"""Block trades. Criterion: CLI-110 of docs/specs/cli.md."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.signing import SigningKey
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.cli.commands.trading.conftest import ALICE
from tests.node.client.fake_chain import CHAIN_ID

Run = Callable[..., Any]
LEG = ("--leg", "BTC-PERP:-2@64_000")


@pytest.fixture(autouse=True)
def other_keys(keys: None, tmp_path: Path) -> None:
    store = Keystore([tmp_path / "home/.novation/keys"])
    store.create("bob", None, seed=development_seed("bob"))


@pytest.fixture
def offered(novation: Run, traded: Run, tmp_path: Path) -> Callable[..., Path]:
    """Write an offer of alice to bob, and return the file."""

    def make(*words: str) -> Path:
        file = tmp_path / "offer"
        said = novation(
            *("block", "offer", "bob", *(words or LEG), "--out", str(file)),
            *("--from", "alice", "--rpc", traded().url),
        )
        assert 0 == said.code, said.err
        return file

    return make


def test_an_offer_is_signed_into_a_file_and_nothing_is_sent(offered: Callable[..., Path]) -> None:
    told = json.loads(offered(*LEG, "--good-for", "1h").read_text())

    assert f"0x{CHAIN_ID.hex()}" == told["chain_id"]
    assert ALICE == told["offer"]["signer"]
    assert ALICE + "/0" == told["offer"]["account_holder"]
    assert [
        {"instrument": "BTC-PERP", "side": 2, "size_lots": "2000", "price_ticks": "128000"}
    ] == told["offer"]["legs"]
    assert 3_601_000 == told["offer"]["expires_ms"]
    assert 1 == len(told["signatures"])


def test_two_offers_of_one_moment_have_their_own_numbers(offered: Callable[..., Path]) -> None:
    numbers = {json.loads(offered().read_text())["offer"]["offer_sequence"] for _ in range(2)}

    assert 2 == len(numbers)


@pytest.mark.parametrize("words", [("--good-for", "1h"), ("--leg", "BTC-PERP:-2")])
def test_an_offer_has_legs_and_each_its_price(
    novation: Run, traded: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = novation(
        *("block", "offer", "bob", *words, "--out", str(tmp_path / "o")),
        *("--from", "alice", "--rpc", traded().url),
    )

    assert 2 == said.code
    assert not (tmp_path / "o").exists()


def test_accepting_sends_offer_and_signatures_and_tells_the_own_side(
    novation: Run, traded: Run, offered: Callable[..., Path]
) -> None:
    file = offered()
    fill = {"instrument": "BTC-PERP", "size_lots": "2000", "price_ticks": "128000"}
    told = [
        {"name": "trades.traded", **fill},
        {"name": "block_trades.block_traded", "fee_quantums": "38400000"},
    ]
    node = traded(told)

    said = novation("block", "accept", str(file), "--from", "bob", "--rpc", node.url)

    assert 0 == said.code, said.err
    written = json.loads(file.read_text())
    fields = node.asked("tx_build")[0]["fields"]
    assert (written["offer"], written["signatures"]) == (fields["offer"], fields["signatures"])
    assert "block of 1 leg traded" in said.out
    assert "bought 2 BTC-PERP: 2 at 64,000" in said.out
    assert "fee 38.40 USD" in said.out


def test_who_it_is_not_for_is_refused_before_anything_is_signed(
    novation: Run, traded: Run, offered: Callable[..., Path]
) -> None:
    node = traded()

    said = novation(
        "block", "accept", str(offered()), "--from", "alice", "--rpc", node.url, "--json"
    )

    assert 4 == said.code
    assert "block_trades.not_counterparty" == said.document["error"]["reason"]
    assert [] == node.asked("tx_build")


def test_a_second_key_adds_its_signature(
    novation: Run, traded: Run, offered: Callable[..., Path]
) -> None:
    keys = [f"0x{SigningKey.from_seed(development_seed('bob')).public_key.hex()}"]
    record = {"value": {"threshold": 1, "keys": keys}}
    file, node = offered(), traded(state_get=lambda table, key, at="finalized": record)
    rpc = ("--rpc", node.url)

    shown = novation("block", "sign", str(file), "--from", "bob", "--dry-run", *rpc)
    kept = json.loads(file.read_text())["signatures"]
    said = novation("block", "sign", str(file), "--from", "bob", *rpc)

    assert "bob would sign" in shown.out
    assert 1 == len(kept)
    assert "2 signatures" in said.out
    assert "sell 2 BTC-PERP at 64,000" in said.out
    assert 2 == len(json.loads(file.read_text())["signatures"])


def test_a_key_that_is_none_of_the_signers_leaves_an_offer_as_it_was(
    novation: Run, traded: Run, offered: Callable[..., Path]
) -> None:
    """CLI-094: one signature too many would make the offer worthless."""
    record = {"value": {"threshold": 1, "keys": ["0x" + "07" * 32]}}
    file, node = offered(), traded(state_get=lambda table, key, at="finalized": record)
    before = file.read_bytes()

    said = novation("block", "sign", str(file), "--from", "bob", "--rpc", node.url, "--json")

    assert (7, "client.key_refused") == (said.code, said.document["error"]["reason"])
    assert before == file.read_bytes()


@pytest.mark.parametrize(
    ("counterparty", "good_for"), [("alice", "1h"), ("alice/3", "1h"), ("bob", "25h")]
)
def test_an_offer_that_nobody_could_accept_is_not_signed(
    novation: Run, traded: Run, tmp_path: Path, counterparty: str, good_for: str
) -> None:
    said = novation(
        *("block", "offer", counterparty, *LEG, "--good-for", good_for),
        *("--out", str(tmp_path / "o"), "--from", "alice", "--rpc", traded().url),
    )

    assert 2 == said.code
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("told", "text"), [("it has no 'format'", "{}"), ("it is put together otherwise", "[]")]
)
def test_a_file_that_is_no_offer_says_what_is_wrong(
    novation: Run, traded: Run, tmp_path: Path, told: str, text: str
) -> None:
    (tmp_path / "o").write_text(text)

    said = novation("block", "accept", str(tmp_path / "o"), "--from", "bob", "--rpc", traded().url)

    assert 2 == said.code
    assert told in said.err


def test_revoking_voids_the_offer_and_those_before_it(
    novation: Run, traded: Run, offered: Callable[..., Path]
) -> None:
    file, node = offered(), traded()

    said = novation("block", "revoke", str(file), "--from", "alice", "--rpc", node.url)

    assert 0 == said.code, said.err
    number = int(json.loads(file.read_text())["offer"]["offer_sequence"])
    assert {"account_holder": ALICE + "/0", "lowest_sequence": str(number + 1)} == node.asked(
        "tx_build"
    )[0]["fields"]
