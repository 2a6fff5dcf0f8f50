import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.crypto.signing import SigningKey
from node.keystore.encryption import Cost
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import fresh_seed, read_key_file, write_key_file

CHEAP = Cost(n=2**14)
SEED = bytes(range(32))


def fault_of(slug: str, act: object, *told: object) -> KeystoreFault:
    with pytest.raises(KeystoreFault) as caught:
        act(*told)  # type: ignore[operator]
    assert slug == caught.value.slug
    assert 7 == caught.value.exit_code
    return caught.value


# KEY-001  What is written opens again with its passphrase alone.
def test_encrypted_key_opens_with_its_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "alice.json"
    write_key_file(path, SEED, "account", b"correct horse", cost=CHEAP)

    key = read_key_file(path)

    assert SigningKey.from_seed(SEED).public_key == key.open(b"correct horse").public_key
    assert ("alice", "account", False) == (key.name, key.purpose, key.development)
    assert SEED.hex() not in path.read_text()


# KEY-002  Only its owner may read it.
def test_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "alice.json"

    write_key_file(path, SEED, "account", None)

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


# KEY-003  A guess costs scrypt of 2^17.
def test_default_cost_is_that_of_the_specification(tmp_path: Path) -> None:
    path = tmp_path / "alice.json"

    write_key_file(path, SEED, "account", b"x")

    kdf = json.loads(path.read_text())["kdf"]
    assert ("scrypt", 2**17, 8, 1) == (kdf["name"], kdf["n"], kdf["r"], kdf["p"])
    assert SEED == read_key_file(path).seed(b"x")


def test_two_files_of_one_seed_share_nothing_secret(tmp_path: Path) -> None:
    for name in "ab":
        write_key_file(tmp_path / name, SEED, "account", b"x", cost=CHEAP)

    one, other = (json.loads((tmp_path / name).read_text()) for name in "ab")

    assert one["kdf"]["salt"] != other["kdf"]["salt"]
    assert one["cipher"]["text"] != other["cipher"]["text"]


def test_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    key = write_key_file(tmp_path / "a", SEED, "account", b"right", cost=CHEAP)

    fault_of("passphrase_wrong", key.seed, b"wrong")
    fault_of("passphrase_missing", key.seed, None)


# KEY-004  Address, public key, purpose and description cannot be changed.
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "consensus"),
        ("description", "cold storage!"),
        ("address", SigningKey.from_seed(bytes(32)).public_key),
        ("public_key", SigningKey.from_seed(bytes(32)).public_key),
    ],
)
def test_changed_clear_text_does_not_open(tmp_path: Path, field: str, value: object) -> None:
    from chain.crypto.addresses import text_of

    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", b"x", description="cold storage", cost=CHEAP)
    told = json.loads(path.read_text())
    if isinstance(value, bytes):
        value = text_of(value) if field == "address" else "0x" + value.hex()
    told[field] = value
    path.write_text(json.dumps(told))

    fault_of("passphrase_wrong", read_key_file(path).seed, b"x")


@given(st.data())
def test_no_flipped_bit_opens_or_ends_in_anything_but_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("keys") / "a.json"
    write_key_file(path, SEED, "account", b"x", cost=Cost(n=2**14))
    whole = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    path.write_bytes(whole)

    try:
        seed = read_key_file(path).seed(b"x")
    except KeystoreFault:
        seed = SEED

    assert SEED == seed


@given(st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("keys") / "a.json"
    path.write_bytes(data)

    fault_of("key_malformed", read_key_file, path)


# KEY-005  A file may not ask for all memory, and may not be weaker than the least cost.
@pytest.mark.parametrize("n", [2**13, 2**17 + 1, 2**21, 2**60, True, "131072", 0, -1])
def test_unreasonable_cost_is_malformed(tmp_path: Path, n: object) -> None:
    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", b"x", cost=CHEAP)
    told = json.loads(path.read_text())
    told["kdf"]["n"] = n
    path.write_text(json.dumps(told))

    fault_of("key_malformed", read_key_file, path)


def test_other_version_names_both(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", None)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))

    fault = fault_of("key_version_unknown", read_key_file, path)

    assert "version 2; this program reads 1" in str(fault)


def test_field_named_twice_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", None)
    path.write_text(path.read_text().replace('"purpose"', '"purpose": "oracle",\n  "purpose"'))

    fault_of("key_malformed", read_key_file, path)


# KEY-006  An existing key is never overwritten by a new one.
def test_existing_key_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", None)

    fault_of("key_exists", write_key_file, path, bytes(32), "account", None)

    assert SEED == read_key_file(path).seed()


# KEY-007  A development key is plain, says so, and works on development chains alone.
def test_development_key_is_refused_by_a_live_chain(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    key = write_key_file(path, SEED, "account", None)

    key.refuse_on("devnet")
    fault_of("development_key_refused", key.refuse_on, "live")

    assert json.loads(path.read_text())["development"] is True
    assert SEED == read_key_file(path).seed()


def test_encrypted_key_works_on_every_chain(tmp_path: Path) -> None:
    key = write_key_file(tmp_path / "a", SEED, "account", b"x", cost=CHEAP)

    key.refuse_on("live")


def test_development_key_with_another_seed_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_key_file(path, SEED, "account", None)
    path.write_text(path.read_text().replace(SEED.hex(), bytes(32).hex()))

    fault_of("key_malformed", read_key_file, path)


# KEY-008  One key, one use.
def test_key_of_another_purpose_is_refused(tmp_path: Path) -> None:
    key = write_key_file(tmp_path / "a", SEED, "account", None)

    fault = fault_of("key_purpose_wrong", key.require_purpose, "consensus")

    assert "novation keys new --purpose consensus" in fault.hint


def test_key_never_shows_its_seed_when_printed(tmp_path: Path) -> None:
    key = write_key_file(tmp_path / "a", SEED, "account", None)

    shown = f"{key!r} {key}"

    assert SEED.hex() not in shown
    assert repr(SEED) not in shown


def test_missing_file_and_folder_in_its_place_are_faults(tmp_path: Path) -> None:
    fault_of("key_not_found", read_key_file, tmp_path / "none")
    fault_of("key_not_found", read_key_file, tmp_path)


def test_unwritable_place_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    fault_of("key_unwritable", write_key_file, tmp_path / "file" / "a", SEED, "account", None)


def test_fresh_seeds_differ() -> None:
    assert 100 == len({fresh_seed() for _ in range(100)})
