"""Proofs: what is there and what is not can be shown, and nothing else can."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import decode, encode
from chain.state.commitment import bucket_of, key_hash_of
from chain.state.overlay import Overlay
from chain.state.proof import Proof, prove, verify_proof
from tests.chain.state.rows import (
    BALANCES,
    GROUND,
    GROUND_BUCKET,
    Balance,
    ground_keys,
    holder,
    tables_with,
)


def test_what_is_there_is_proven_with_its_value_alone() -> None:
    """STATE-030."""
    tables = tables_with(
        (BALANCES, (holder(n), "USD"), Balance(amount_quantums=n)) for n in range(50)
    )
    key = BALANCES.encoded((holder(7), "USD"))

    proof = prove(tables, key)

    assert verify_proof(tables.root, key, encode(Balance(amount_quantums=7)), proof)
    assert not verify_proof(tables.root, key, encode(Balance(amount_quantums=8)), proof)
    assert not verify_proof(tables.root, key, None, proof)
    assert not verify_proof(bytes(32), key, encode(Balance(amount_quantums=7)), proof)


def test_what_is_not_there_is_proven_absent_and_nothing_else() -> None:
    """STATE-031."""
    tables = tables_with(
        (BALANCES, (holder(n), "USD"), Balance(amount_quantums=n)) for n in range(50)
    )
    key = BALANCES.encoded((holder(99), "USD"))

    proof = prove(tables, key)

    assert verify_proof(tables.root, key, None, proof)
    assert not verify_proof(tables.root, key, encode(Balance(amount_quantums=0)), proof)


def test_an_open_chain_of_overlays_proves_its_own_root() -> None:
    parent = Overlay(tables_with([(BALANCES, (holder(1), "USD"), Balance(amount_quantums=1))]))
    parent.put(BALANCES, (holder(2), "USD"), Balance(amount_quantums=2))
    parent.seal()
    child = Overlay(parent)
    child.put(BALANCES, (holder(1), "USD"), Balance(amount_quantums=3))
    child.seal()
    key = BALANCES.encoded((holder(1), "USD"))

    assert verify_proof(child.root, key, b"\x91\x03", prove(child, key))
    assert verify_proof(parent.root, key, b"\x91\x01", prove(parent, key))
    assert not verify_proof(child.root, key, b"\x91\x03", prove(parent, key))


def test_a_ground_bucket_is_proven_by_one_of_its_parts() -> None:
    """STATE-032."""
    places = ground_keys()
    tables = tables_with((GROUND, place, Balance(amount_quantums=place)) for place in places)
    there = GROUND.encoded(places[123])
    assert {GROUND_BUCKET} == {bucket_of(key_hash_of(GROUND.encoded(p))) for p in places}

    proof = prove(tables, there)

    assert 1 == len(proof.splits)
    assert len(proof.entries) < 60 * 64
    assert verify_proof(tables.root, there, encode(Balance(amount_quantums=places[123])), proof)
    assert not verify_proof(tables.root, there, None, proof)
    fewer = tables_with((GROUND, place, Balance(amount_quantums=place)) for place in places[1:])
    gone = GROUND.encoded(places[0])
    assert verify_proof(fewer.root, gone, None, prove(fewer, gone))
    assert not verify_proof(tables.root, gone, None, prove(fewer, gone))


@given(st.data())
def test_a_proof_with_any_bit_changed_proves_nothing(data: st.DataObject) -> None:
    """STATE-033."""
    places = ground_keys()
    tables = tables_with((GROUND, place, Balance(amount_quantums=1)) for place in places)
    key = GROUND.encoded(data.draw(st.sampled_from(places)))
    encoded = bytearray(encode(prove(tables, key)))
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))

    encoded[bit >> 3] ^= 1 << (bit & 7)

    try:
        changed = decode(Proof, bytes(encoded))
    except ValueError:
        return
    assert not verify_proof(tables.root, key, b"\x91\x01", changed)


def test_a_proof_cut_short_or_lengthened_proves_nothing() -> None:
    """STATE-033."""
    tables = tables_with([(BALANCES, (holder(1), "USD"), Balance(amount_quantums=1))])
    key = BALANCES.encoded((holder(1), "USD"))
    proof = prove(tables, key)
    value = b"\x91\x01"
    assert verify_proof(tables.root, key, value, proof)

    mutants = [
        msgspec.structs.replace(proof, siblings=proof.siblings[1:]),
        msgspec.structs.replace(proof, siblings=(*proof.siblings, bytes(32))),
        msgspec.structs.replace(proof, siblings=()),
        msgspec.structs.replace(proof, splits=(bytes(512),)),
        msgspec.structs.replace(proof, splits=(bytes(512),) * 61),
        msgspec.structs.replace(proof, entries=proof.entries[:-1]),
        msgspec.structs.replace(proof, entries=proof.entries * 2),
        msgspec.structs.replace(proof, entries=b""),
    ]

    assert [False] * len(mutants) == [
        verify_proof(tables.root, key, value, mutant) for mutant in mutants
    ]
