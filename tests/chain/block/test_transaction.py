"""TX-001 to TX-016, TX-030."""

import msgpack
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.transaction import (
    LIST_KIND,
    Body,
    SignedTransaction,
    Transaction,
    body_of,
    is_genuine_transaction,
    list_of,
    parse_transaction,
    sign_bytes_of,
    signed_transaction,
    transaction_id,
)
from chain.codec.canonical import encode
from chain.codec.record import Raw
from chain.kit import Refusal
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from tests import given

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
WORLD = given.world(modules=given.WITH_PROBE)
PAYMENT = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5_000_000)


def parse(data: bytes) -> Transaction:
    return parse_transaction(WORLD.application, WORLD.chain_id, data)


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        parse(data)
    return caught.value.reason.slug


def raw(body: object, signatures: object = None) -> bytes:
    signed = [[bytes(32), bytes(64)]] if signatures is None else signatures
    return msgpack.packb([body, signed])


def plain_body(**changes: object) -> list[object]:
    fields: dict[str, object] = {
        "version": 1,
        "signer": given.address("alice"),
        "lane": 0,
        "sequence": 0,
        "valid_until_height": 100,
        "kind": 201,
        "payload": [given.address("bob"), "USD", 5],
    }
    return list({**fields, **changes}.values())


def test_worked_example_is_golden() -> None:
    world = given.world(modules=BASE_MODULES)

    transaction = parse_transaction(
        world.application, world.chain_id, world.bytes_of("alice", PAYMENT, valid_until_height=100)
    )

    found = {
        "chain_id": world.chain_id.hex(),
        "signer": transaction.body.signer.hex(),
        "body": encode(transaction.body).hex(),
        "sign_bytes": transaction.sign_bytes.hex(),
        "id": transaction.id.hex(),
        "transaction": transaction.data.hex(),
    }
    assert given.golden("transaction", found) == found


def test_a_transaction_comes_apart_into_what_was_put_together() -> None:
    data = WORLD.bytes_of("alice", PAYMENT, lane=3, sequence=7, valid_until_height=9)

    transaction = parse(data)

    assert PAYMENT == transaction.payload
    assert ((201, PAYMENT),) == transaction.actions
    assert (3, 7, 9) == (
        transaction.body.lane,
        transaction.body.sequence,
        transaction.body.valid_until_height,
    )
    assert data == transaction.data
    assert 4 == transaction.transaction_class
    assert 840 == transaction.weight


def test_id_covers_body_and_chain_and_no_signature() -> None:
    alone = parse(WORLD.bytes_of("alice", PAYMENT))
    together = parse(WORLD.bytes_of("alice", PAYMENT, keys=("alice", "bob")))

    assert alone.id == together.id
    assert alone.digest != together.digest
    assert alone.id != transaction_id(bytes(32), encode(alone.body))


def test_signature_of_the_signer_is_genuine() -> None:
    assert is_genuine_transaction(parse(WORLD.bytes_of("alice", PAYMENT)))


def test_signature_for_another_chain_is_not_genuine() -> None:
    data = WORLD.bytes_of("alice", PAYMENT, chain_id=bytes(32))

    assert not is_genuine_transaction(parse(data))
    assert "transaction.bad_signature" == WORLD.send_bytes(data).reason


def test_malleable_signature_has_the_verdict_of_a_false_one() -> None:
    transaction = parse(WORLD.bytes_of("alice", PAYMENT))
    key, signature = transaction.signatures[0]
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    moved = signature[:32] + scalar.to_bytes(32, "little")

    data = signed_transaction(encode(transaction.body), [(key, moved)])

    assert "transaction.bad_signature" == WORLD.send_bytes(data).reason


def test_one_false_signature_among_genuine_ones_is_enough() -> None:
    transaction = parse(WORLD.bytes_of("alice", PAYMENT))
    stranger = (given.address("bob"), bytes(64))

    data = signed_transaction(encode(transaction.body), [*transaction.signatures, stranger])

    assert not is_genuine_transaction(parse(data))


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "transaction.malformed"),
        (raw(plain_body()) + b"\x00", "transaction.malformed"),
        (raw(plain_body()[:-1]), "transaction.malformed"),
        (raw({"version": 1}), "transaction.malformed"),
        (raw(plain_body(signer=bytes(31))), "transaction.malformed"),
        (raw(plain_body(sequence=-1)), "transaction.malformed"),
        (raw(plain_body(sequence=2**63)), "transaction.malformed"),
        (raw(plain_body(valid_until_height=2**32)), "transaction.malformed"),
        (raw(plain_body(payload=[given.address("bob"), "USD"])), "transaction.malformed"),
        (raw([*plain_body(), 1]), "transaction.field_unknown"),
        (raw(plain_body(payload=[bytes(32), "USD", 5, 6])), "transaction.field_unknown"),
        (msgpack.packb([plain_body(), [], 0]), "transaction.field_unknown"),
        (raw(plain_body(sequence=1.0)), "transaction.float"),
        (raw(plain_body(payload=[bytes(32), "USD", 0.5])), "transaction.float"),
        (raw(plain_body(version=2)), "transaction.version_unknown"),
        (raw(plain_body(lane=64)), "transaction.lane_unknown"),
        (raw(plain_body(kind=299)), "transaction.kind_unknown"),
        (raw(plain_body(), []), "transaction.signature_missing"),
        (raw(plain_body(kind=LIST_KIND, payload=[[]])), "transaction.list_empty"),
    ],
)
def test_each_wrong_form_has_its_own_reason(data: bytes, slug: str) -> None:
    assert slug == refusal_of(data)


def test_longer_header_than_needed_is_not_canonical() -> None:
    data = WORLD.bytes_of("alice", PAYMENT)

    assert "transaction.not_canonical" == refusal_of(data.replace(b"\xa3USD", b"\xd9\x03USD"))
    assert "transaction.not_canonical" == refusal_of(data.replace(b"\xcc\xc9", b"\xcd\x00\xc9"))
    assert "transaction.not_canonical" == refusal_of(b"\xdc\x00\x02" + data[1:])


def test_signatures_ascend_by_key_and_no_key_signs_twice() -> None:
    pairs = sorted([given.address("alice"), given.address("bob")])
    low, high = ([key, bytes(64)] for key in pairs)

    assert "transaction.signatures_out_of_order" == refusal_of(raw(plain_body(), [high, low]))
    assert "transaction.signatures_out_of_order" == refusal_of(raw(plain_body(), [low, low]))


def test_sixteen_signatures_are_read_and_seventeen_are_too_many() -> None:
    signatures = [[bytes([i]) * 32, bytes(64)] for i in range(17)]

    assert 16 == len(parse(raw(plain_body(), signatures[:16])).signatures)
    assert "transaction.signatures_too_many" == refusal_of(raw(plain_body(), signatures))


def test_size_is_bounded_by_class_before_anything_is_decoded() -> None:
    long_text = "x" * 16_384
    probe = [long_text, 0]

    assert 0 == parse(raw(plain_body(kind=9901, payload=probe))).transaction_class
    assert "transaction.too_large" == refusal_of(raw(plain_body(kind=9901, payload=[long_text, 4])))
    assert "transaction.too_large" == refusal_of(bytes(131_073))


def test_list_holds_up_to_64_actions_none_of_them_a_list() -> None:
    action = (201, PAYMENT)

    def listed(actions: list[tuple[int, object]]) -> bytes:
        body = body_of(
            signer=given.address("alice"),
            lane=0,
            sequence=0,
            valid_until_height=100,
            kind=LIST_KIND,
            payload=list_of(actions),
        )
        return signed_transaction(body, [(bytes(32), bytes(64))])

    assert 64 == len(parse(listed([action] * 64)).actions)
    assert "transaction.list_too_long" == refusal_of(listed([action] * 65))
    assert "transaction.list_nested" == refusal_of(listed([(LIST_KIND, list_of([action]))]))
    assert "transaction.kind_unknown" == refusal_of(listed([(299, PAYMENT)]))


def test_list_has_the_highest_class_and_the_weight_of_its_actions() -> None:
    relief = given.Probe(does="", place_number=1)

    transaction = parse(WORLD.bytes_of("alice", relief, PAYMENT, relief))

    assert 4 == transaction.transaction_class
    assert 20 + 10 + 300 + 10 + 540 == transaction.weight


def test_class_follows_from_the_payload() -> None:
    transaction = parse(WORLD.bytes_of("alice", given.Probe(does="", place_number=2)))

    assert 2 == transaction.transaction_class


def test_sign_bytes_are_tag_chain_and_body() -> None:
    assert b"NOVATION/tx/1" + bytes(32) + b"body" == sign_bytes_of(bytes(32), b"body")


@examples(st.binary(max_size=300))
def test_any_bytes_are_taken_apart_or_refused(data: bytes) -> None:
    try:
        transaction = parse(data)
    except Refusal as refusal:
        slug = refusal.reason.slug
        assert slug.startswith("transaction.")
    else:
        assert data == transaction.data


@examples(st.integers(0, 187), st.integers(0, 255))
def test_any_changed_byte_is_refused_or_not_genuine(place: int, value: int) -> None:
    data = bytearray(WORLD.bytes_of("alice", PAYMENT, sequence=0, valid_until_height=100))
    changed = data[place] != value
    data[place] = value

    try:
        transaction = parse(bytes(data))
    except Refusal:
        assert changed
    else:
        assert is_genuine_transaction(transaction) is not changed


def test_body_and_signatures_stand_in_place_not_as_byte_strings() -> None:
    data = WORLD.bytes_of("alice", PAYMENT, sequence=0, valid_until_height=100)
    transaction = parse(data)
    body: Body = transaction.body

    again = encode(SignedTransaction(Raw(encode(body)), transaction.signatures))

    assert data == again
    assert [1, given.address("alice"), 0, 0, 100, 201] == msgpack.unpackb(data)[0][:6]
