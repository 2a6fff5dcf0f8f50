"""NODE-010 to NODE-013: form, state, signatures, place; and nobody hears of what was refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from chain.block.transaction import Transaction, parse_transaction
from chain.kit import wallet
from chain.kit.reason import Refusal
from chain.machine.admit import Admissions
from chain.modules.ledger.state import BALANCES
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.lanes import next_sequence
from chain.state.overlay import Overlay
from node.admission import Admission, Gossiped
from node.clock import Clock
from node.config import Mempool as Limits
from node.mempool.pool import Mempool
from node.signatures import Signatures
from node.state_store import StateStore
from node.storage.leveldb import Storage, Tuning
from node.telemetry.metrics import MEMPOOL_REFUSED
from tests import given


class Door:
    """An admission on a new chain, and what it told others."""

    def __init__(self, path: Path) -> None:
        self.world = given.world()
        self.storage = Storage.open(path, self.world.chain_id, Tuning(flush=False))
        self.state_store = StateStore.recover(
            self.storage, self.world.application, self.world.genesis
        )
        self.pool = Mempool(
            Limits(), lambda signer, lane: next_sequence(self.state_store.tables, signer, lane)
        )
        self.signatures = Signatures()
        self.admission = Admission(
            application=self.world.application,
            chain_id=self.world.chain_id,
            state_store=self.state_store,
            mempool=self.pool,
            signatures=self.signatures,
            clock=Clock(),
        )
        self.told: list[tuple[list[Transaction], bool]] = []
        self.admission.tell(lambda admitted, local: self.told.append((admitted, local)))

    def transfer(self, signer: str = "alice", **how: object) -> Transaction:
        payload = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5_000_000)
        return self.world.transaction(signer, payload, **how)

    def close(self) -> None:
        self.signatures.close()
        self.storage.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door(tmp_path / "chain")
    yield opened
    opened.close()


def forged(transaction: Transaction) -> bytes:
    data = bytearray(transaction.data)
    data[-1] ^= 1
    return bytes(data)


async def test_what_is_admitted_waits_and_is_told(door: Door) -> None:
    transaction = door.transfer()

    answer = await door.admission.submit(transaction.data)

    assert transaction.id == answer
    assert "waiting" == door.pool.status(transaction.id)
    assert [([transaction], True)] == door.told


@pytest.mark.parametrize(
    ("how", "slug"),
    [
        ({"sequence": 99}, "signers.sequence_ahead"),
        ({"valid_until_height": 0}, "transaction.expired"),
        ({"keys": ["carol"]}, "signers.key_not_authorised"),
        ({"chain_id": bytes(32)}, "transaction.bad_signature"),
    ],
)
async def test_what_is_refused_is_told_to_nobody(
    door: Door, how: dict[str, object], slug: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await door.admission.submit(door.transfer(**how).data)

    assert slug == refused.value.reason.slug
    assert ([], 0) == (door.told, door.pool.waiting_count)


async def test_bytes_that_are_no_transaction_are_refused(door: Door) -> None:
    with pytest.raises(Refusal) as refused:
        await door.admission.submit(b"\xff")

    assert refused.value.reason.slug.startswith("transaction.")


async def test_a_false_signature_does_not_wait(door: Door) -> None:
    with pytest.raises(Refusal) as refused:
        await door.admission.submit(forged(door.transfer()))

    assert "transaction.bad_signature" == refused.value.reason.slug


async def test_a_refusal_is_counted_once_however_it_was_handed_in(door: Door) -> None:
    transaction = door.transfer(sequence=99)
    counted = MEMPOOL_REFUSED.labels("signers")._value
    before = counted.get()

    for hand_in in (
        lambda: door.admission.submit(transaction.data),
        lambda: door.admission.submit_parsed(transaction),
    ):
        with pytest.raises(Refusal):
            await hand_in()
    await door.admission.submit_list([transaction])

    assert before + 3 == counted.get()


async def test_the_same_transaction_is_admitted_once(door: Door) -> None:
    transaction = door.transfer()
    await door.admission.submit(transaction.data)

    with pytest.raises(Refusal) as refused:
        await door.admission.submit(transaction.data)

    assert "mempool.duplicate" == refused.value.reason.slug
    assert 1 == len(door.told)


async def test_a_gossiped_batch_is_sorted_into_new_known_and_forbidden(door: Door) -> None:
    known, fresh = door.transfer("alice"), door.transfer("carol")
    await door.admission.submit(known.data)
    batch = [known.data, fresh.data, b"junk", forged(door.transfer("dave"))]

    gossiped = await door.admission.submit_many(batch)

    assert Gossiped(admitted_count=1, known_count=1, offence_count=2) == gossiped
    assert ([fresh], False) == door.told[-1]


async def test_what_an_honest_peer_may_be_late_with_is_no_offence(door: Door) -> None:
    stale = door.transfer(valid_until_height=0)

    gossiped = await door.admission.submit_many([stale.data])

    assert Gossiped(admitted_count=0, known_count=1, offence_count=0) == gossiped
    assert [] == door.told


async def test_a_large_batch_is_checked_in_threads(door: Door) -> None:
    batch = [door.transfer("alice", lane=lane).data for lane in range(40)]

    gossiped = await door.admission.submit_many(batch)

    assert 40 == gossiped.admitted_count == door.pool.waiting_count


async def test_what_lost_all_hope_goes_when_it_is_looked_at_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    hopeless, good = door.transfer("alice"), door.transfer("carol")
    await door.admission.submit_many([hopeless.data, good.data])
    hopeless_id = hopeless.id

    refusal = Refusal(given.PROBE_REFUSED)
    monkeypatch.setattr(
        Admissions,
        "refusals",
        lambda _, some: [refusal if one.id == hopeless_id else None for one in some],
    )
    await looked_at(door, [hopeless.body.signer, good.body.signer])

    assert ["refused", "waiting"] == [door.pool.status(one.id) for one in (hopeless, good)]


async def looked_at(door: Door, signers: list[bytes]) -> None:
    """Have what waits of these held against the state of now."""
    async with trio.open_nursery() as nursery:
        await nursery.start(door.admission.run)
        door.admission.look_again(signers)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()


class Asked:
    """Counts the transactions that are held against a state, and lets the rest be as it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ids: list[bytes] = []
        refusals = Admissions.refusals

        def noted(admissions: Admissions, some: list[Transaction]) -> list[Refusal | None]:
            self.ids += [one.id for one in some]
            return refusals(admissions, some)

        monkeypatch.setattr(Admissions, "refusals", noted)


async def test_what_a_signer_signed_itself_is_asked_again_only_when_its_standing_moved(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NODE-013
    first, second = door.transfer("alice"), door.transfer("alice", sequence=1)
    alice = first.body.signer
    await door.admission.submit_many([first.data])
    await looked_at(door, [alice])
    asked = Asked(monkeypatch)

    await looked_at(door, [alice])
    assert [] == asked.ids
    await door.admission.submit_many([second.data])
    asked.ids.clear()
    await looked_at(door, [alice])
    assert [] == asked.ids
    monkeypatch.setattr(Admissions, "standing_of", lambda _, __: ("other keys",))
    await looked_at(door, [alice])

    assert [first.id, second.id] == asked.ids


async def test_a_signer_of_several_blocks_of_a_second_is_looked_at_once(
    door: Door, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    # NODE-013
    del autojump_clock
    looks: list[float] = []

    def standing_of(_: Admissions, __: bytes) -> None:
        looks.append(trio.current_time() - began_s)

    monkeypatch.setattr(Admissions, "standing_of", standing_of)
    began_s = trio.current_time()
    async with trio.open_nursery() as nursery:
        await nursery.start(door.admission.run)
        for _ in range(4):
            door.admission.look_again([given.address("alice")])
            await trio.sleep(0.3)
        await trio.sleep(10)
        nursery.cancel_scope.cancel()

    assert [0.0, 1.0] == [round(look_s, 6) for look_s in looks]


async def test_who_can_no_longer_pay_loses_all_that_waits(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NODE-013
    first, second = door.transfer("alice"), door.transfer("carol")
    await door.admission.submit_many([first.data, second.data])
    signers = [first.body.signer, second.body.signer]
    await looked_at(door, signers)
    rows = door.state_store.tables
    wallet_key = (wallet(signers[0]), "USD")
    before = rows.get(BALANCES, wallet_key)
    assert before is not None
    overlay = Overlay(rows)
    overlay.delete(BALANCES, wallet_key)
    monkeypatch.setattr(door.admission, "_admissions", Admissions(overlay, 0))

    await looked_at(door, signers)

    assert ["refused", "waiting"] == [door.pool.status(one.id) for one in (first, second)]


async def test_batches_of_several_peers_are_checked_together_and_judged_apart(door: Door) -> None:
    # NODE-012
    good, other = door.transfer("alice"), door.transfer("carol")
    batches = [[good.data], [forged(door.transfer("dave")), b"junk"], [good.data, other.data], []]

    gossiped = await door.admission.submit_batches(batches)

    assert [(1, 0, 0), (0, 0, 2), (1, 1, 0), (0, 0, 0)] == [
        (each.admitted_count, each.known_count, each.offence_count) for each in gossiped
    ]
    assert [([good, other], False)] == door.told


async def test_a_list_is_admitted_but_for_what_is_refused_and_told_of_once(door: Door) -> None:
    # NODE-010
    good = [door.transfer(sequence=number) for number in range(3)]
    data = bytearray(door.transfer(sequence=3).data)
    data[-1] ^= 1
    forged = parse_transaction(door.world.application, door.world.chain_id, bytes(data))

    answers = await door.admission.submit_list([good[0], forged, good[1], good[1], good[2]])

    reasons = [answer and answer.reason.slug for answer in answers]
    assert [None, "transaction.bad_signature", None, "mempool.duplicate", None] == reasons
    assert [(good, True)] == door.told
    assert 3 == door.pool.waiting_count
