from pathlib import Path

import pytest

from node.keystore.encryption import Cost
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import KeyFile
from node.keystore.store import Keystore

CHEAP = Cost(n=2**14)


def slug_of(act: object, *told: object) -> str:
    with pytest.raises(KeystoreFault) as caught:
        act(*told)  # type: ignore[operator]
    return caught.value.slug


def test_first_folder_wins_and_is_written_to(tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    Keystore([far]).create("alice", None, seed=bytes(32))
    Keystore([far]).create("bob", None)
    store = Keystore([near, far])

    made = store.create("alice", None)

    assert near == made.path.parent
    assert made.public_key == store.find("alice").public_key
    assert ["alice", "bob"] == [key.name for key in store.listed()]


def test_missing_key_names_the_nearest(tmp_path: Path) -> None:
    store = Keystore([tmp_path])
    store.create("alice", None)

    with pytest.raises(KeystoreFault) as caught:
        store.find("alcie")

    assert "Did you mean alice?" == caught.value.hint


def test_missing_folder_is_an_empty_store(tmp_path: Path) -> None:
    store = Keystore([tmp_path / "none"])

    assert [] == store.listed()
    assert "key_not_found" == slug_of(store.find, "alice")


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", "a.next", "é", "a" * 65])
def test_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    store = Keystore([tmp_path])

    assert "key_name_wrong" == slug_of(store.create, name, None)
    assert "key_name_wrong" == slug_of(store.find, name)


def test_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    store = Keystore([tmp_path])
    store.create("alice", None)
    (tmp_path / "bob.json").write_text("{")

    assert ["alice"] == [key.name for key in store.listed()]
    assert "key_malformed" == slug_of(store.find, "bob")


# KEY-010  Rotation keeps the address, changes the key, and loses neither.
def test_rotation_keeps_address_and_old_key(tmp_path: Path) -> None:
    store = Keystore([tmp_path], CHEAP)
    old = store.create("alice", b"x")

    staged = store.stage("alice", b"x")
    new = store.complete("alice")

    assert old.address == new.address
    assert staged.public_key == new.public_key != old.public_key
    assert new.public_key == store.find("alice").open(b"x").public_key
    kept = Keystore([tmp_path / "retired"]).listed()
    assert [old.public_key] == [key.public_key for key in kept]
    assert [new.public_key] == [key.public_key for key in store.listed()]


def test_staging_again_returns_the_same_key(tmp_path: Path) -> None:
    store = Keystore([tmp_path])
    store.create("alice", None)

    keys = {store.stage("alice", None).public_key for _ in range(2)}

    assert 1 == len(keys)


# KEY-011  A crash between the steps of a rotation is finished by doing it again.
def test_rotation_cut_short_is_completed_by_repeating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Keystore([tmp_path])
    old = store.create("alice", None)
    staged = store.stage("alice", None)

    def power_cut(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", power_cut)
        with pytest.raises(KeyboardInterrupt):
            store.complete("alice")
    between = store.find("alice")
    after = store.complete("alice")

    assert (old.public_key, staged.public_key) == (between.public_key, after.public_key)


def test_abandoned_rotation_changes_nothing(tmp_path: Path) -> None:
    store = Keystore([tmp_path])
    old = store.create("alice", None)
    store.stage("alice", None)

    store.abandon("alice")

    assert old.public_key == store.find("alice").public_key
    assert "key_not_found" == slug_of(store.complete, "alice")


def test_encrypted_key_is_not_followed_by_a_plain_one(tmp_path: Path) -> None:
    store = Keystore([tmp_path], CHEAP)
    store.create("alice", b"x")

    assert "passphrase_missing" == slug_of(store.stage, "alice", None)


def test_key_is_found_by_address(tmp_path: Path) -> None:
    store = Keystore([tmp_path])
    alice: KeyFile = store.create("alice", None)

    assert alice == store.find_address(alice.address)
    assert store.find_address(bytes(32)) is None
