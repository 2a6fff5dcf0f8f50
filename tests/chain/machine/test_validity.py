"""MACH-040 to MACH-047."""

from dataclasses import replace

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.block import Block, body_roots
from chain.block.certificate import AuthoritySet
from chain.block.transaction import is_genuine_transaction, parse_transaction
from chain.crypto.signing import SigningKey
from chain.kit import InvalidBlock
from chain.machine.validity import apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from tests import given
from tests.given import Probe

MILLION = 1_000_000


def to(name: str, amount_quantums: int) -> Transfer:
    return Transfer(to=given.address(name), asset="USD", amount_quantums=amount_quantums)


class Judged:
    """A world with one block built on its head and not yet taken in."""

    def __init__(self) -> None:
        holdings = {"alice": {"USD": 10 * MILLION}, "bob": {"USD": 10 * MILLION}}
        self.world = given.world(holdings, modules=given.WITH_PROBE)
        builder = given.world(holdings, modules=given.WITH_PROBE)
        self.builder = builder
        builder.send("alice", Probe(does="note", place_number=1))
        builder.send("alice", to("bob", 5))
        builder.send("bob", to("alice", 20 * MILLION))
        self.block = builder.close_block()

    def fault_of(self, block: Block) -> str:
        with pytest.raises(InvalidBlock) as caught:
            self.world.judge(block)
        return caught.value.what

    def with_body(self, *transactions: bytes, **changes: object) -> Block:
        body = {"oracle": b"", "evidence": (), **changes}
        roots = body_roots(transactions, body["oracle"], body["evidence"])  # type: ignore[arg-type]
        header = replace(
            self.block.header,
            tx_root=roots.tx_root,
            tx_count=roots.tx_count,
            body_bytes=roots.body_bytes,
            oracle_root=roots.oracle_root,
            evidence_root=roots.evidence_root,
        )
        return Block(header, transactions, body["oracle"], body["evidence"])  # type: ignore[arg-type]


JUDGED = Judged()


def test_what_was_built_is_valid_on_the_same_parent() -> None:
    outcome = JUDGED.world.judge(JUDGED.block)

    assert JUDGED.block.header.state_root == outcome.state_root
    assert [0, 0, 203] == [receipt.code for receipt in outcome.receipts]


@pytest.mark.parametrize(
    "name",
    [
        "state_root",
        "receipts_root",
        "history_root",
        "authorities_hash",
        "next_authorities_hash",
        "params_hash",
    ],
)
def test_any_other_root_is_named(name: str) -> None:
    block = replace(JUDGED.block, header=replace(JUDGED.block.header, **{name: b"\x01" * 32}))

    assert f"{name} is not what executing the block gives" == JUDGED.fault_of(block)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"height": 2}, "height 2 does not follow 0"),
        ({"epoch": 1}, "does not lead"),
        ({"view": 0, "proposer": 0}, "view 0 does not follow"),
        ({"proposer": 3}, "proposer 3 does not lead view 1"),
        ({"time_ms": 1_767_225_600_099}, "is before 1767225600100 ms"),
        ({"chain_id": bytes(32)}, "another chain"),
        ({"flags": 1}, "epoch_end"),
        ({"tx_count": 9}, "tx_count does not match"),
        ({"body_bytes": 9}, "body_bytes does not match"),
        ({"parent_id": bytes(32)}, "state_root"),
    ],
)
def test_header_that_does_not_follow_is_invalid(change: dict[str, object], said: str) -> None:
    block = replace(JUDGED.block, header=replace(JUDGED.block.header, **change))

    assert said in JUDGED.fault_of(block)


def test_transaction_of_a_lower_class_after_a_higher_one_is_invalid() -> None:
    first, second, third = JUDGED.block.transactions

    assert "class 1 after 4" in JUDGED.fault_of(JUDGED.with_body(third, first, second))


def test_lane_out_of_order_is_invalid() -> None:
    world = JUDGED.world
    later = world.bytes_of("alice", to("bob", 5), sequence=1)
    sooner = world.bytes_of("alice", to("bob", 5), sequence=0)

    said = JUDGED.fault_of(JUDGED.with_body(later, sooner))

    assert "transaction 0: signers.sequence_ahead" in said


def test_same_transaction_twice_is_invalid() -> None:
    data = JUDGED.block.transactions[0]

    assert "signers.sequence_stale" in JUDGED.fault_of(JUDGED.with_body(data, data))


def test_false_signature_is_invalid() -> None:
    data = bytearray(JUDGED.block.transactions[0])
    data[-1] ^= 1

    assert "transaction 0: transaction.bad_signature" == JUDGED.fault_of(
        JUDGED.with_body(bytes(data))
    )


def test_bytes_that_are_no_transaction_are_invalid() -> None:
    assert "transaction 0: transaction.malformed" in JUDGED.fault_of(JUDGED.with_body(b"junk"))


def test_defect_in_a_transaction_makes_the_block_invalid() -> None:
    data = JUDGED.world.bytes_of("alice", Probe(does="break", place_number=4))

    assert "a fault of our own" in JUDGED.fault_of(JUDGED.with_body(data))


def test_oracle_section_without_a_module_for_it_is_invalid() -> None:
    assert "oracle section" in JUDGED.fault_of(JUDGED.with_body(oracle=b"prices"))


def test_evidence_that_proves_nothing_is_invalid() -> None:
    assert "evidence" in JUDGED.fault_of(JUDGED.with_body(evidence=(b"junk",)))


@pytest.mark.parametrize(
    "change",
    [
        {"oracle": bytes(1024 * 1024 + 1)},
        {"evidence": (bytes(1024),) * 65},
    ],
)
def test_extras_beyond_their_limits_are_invalid(change: dict[str, object]) -> None:
    assert "oracle section and evidence" in JUDGED.fault_of(JUDGED.with_body(**change))


def test_too_many_or_too_large_transactions_are_invalid() -> None:
    assert "5001 transactions" == JUDGED.fault_of(JUDGED.with_body(*([b""] * 5_001)))
    assert "transactions of" in JUDGED.fault_of(JUDGED.with_body(*([bytes(1_000)] * 1_044)))


def test_signatures_are_asked_before_anything_is_executed() -> None:
    asked = []

    def verdict(transaction: object) -> bool:
        asked.append(transaction)
        return True

    checked = check_block(JUDGED.world.application, JUDGED.world.chain_id, JUDGED.block, verdict)

    assert 3 == len(asked) == len(checked.transactions)


def test_parsing_may_be_answered_from_a_cache() -> None:
    world = JUDGED.world
    known = {
        data: parse_transaction(world.application, world.chain_id, data)
        for data in JUDGED.block.transactions
    }

    checked = check_block(
        world.application,
        world.chain_id,
        JUDGED.block,
        is_genuine_transaction,
        parse=known.__getitem__,
    )

    assert tuple(known.values()) == checked.transactions


def test_proposer_is_judged_by_the_set_that_is_handed_in() -> None:
    world = JUDGED.world
    checked = check_block(world.application, world.chain_id, JUDGED.block, is_genuine_transaction)
    one = AuthoritySet(0, (SigningKey.from_seed(bytes(32)).public_key,))

    with pytest.raises(InvalidBlock, match="proposer"):
        apply_block(world.application, world.tables, checked, one)
    assert authority_set_of(world.tables, 0) is not None


NAMES = ("alice", "bob", "carol", "zoe")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(-5, 12 * MILLION),
        st.integers(0, 2),
        st.sampled_from(["transfer", "list", "probe", "refuse", "close", "gap"]),
    ),
    max_size=25,
)


@examples(STEPS)
def test_building_and_judging_agree_and_money_is_conserved(
    steps: list[tuple[str, str, int, int, str]],
) -> None:
    world = given.world(
        {name: {"USD": 10 * MILLION} for name in NAMES[:3]}, modules=given.WITH_PROBE
    )

    for sender, receiver, amount_quantums, lane, what in steps:
        if what == "close":
            world.close_block(100 + lane)
        elif what == "probe":
            world.send(sender, Probe(does="note", place_number=lane), lane=lane)
        elif what == "refuse":
            world.send(sender, to(receiver, 2**62), lane=lane)
        elif what == "gap":
            world.send(sender, to(receiver, 1), lane=lane, sequence=lane)
        elif what == "list":
            world.send(sender, to(receiver, amount_quantums), to(sender, 1), lane=lane)
        else:
            world.send(sender, to(receiver, amount_quantums), lane=lane)
    world.close_block()

    # close_block judges what was built and looks at every invariant.
    held = sum(world.holds(name) for name in (*NAMES, "fees"))
    assert 30 * MILLION == held == world.supply()


@examples(STEPS)
def test_empty_block_is_valid_on_every_reachable_state(
    steps: list[tuple[str, str, int, int, str]],
) -> None:
    world = given.world({name: {"USD": 10 * MILLION} for name in NAMES[:3]})
    for sender, receiver, amount_quantums, lane, _ in steps:
        world.send(sender, to(receiver, amount_quantums), lane=lane)
    world.close_block()

    block = world.close_block(100)

    assert 0 == block.header.tx_count
    assert () == world.outcomes[-1].receipts
