"""STATE-050: hashes and trees in C are those of their twins, byte for byte."""

import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.crypto import digest, merkle
from chain.state import commitment
from chain.state.commitment import BucketTree, bucket_hash, derive_layer

native = pytest.importorskip("chain.kernel.native")

T = TypeVar("T")
HERE = Path(__file__).parent
KERNEL = HERE.parents[1] / "chain" / "kernel"
SOURCES = [str(HERE / "trees.c"), str(KERNEL / "sha256.c"), str(KERNEL / "tree.c")]
LEVELS = range(native.level_max() + 1)
RUNS = 3_000

hashes = st.integers(0, 2**64).map(lambda number: sha256(str(number).encode()).digest())
crowded = hashes.map(lambda one: b"\x12\x34\xab\xcd" + one[4:])
"""Key hashes that share eight nibbles, so that buckets split."""
changes = st.dictionaries(hashes | crowded, st.none() | hashes, min_size=1, max_size=40)


@pytest.fixture(autouse=True)
def _best_again() -> Iterator[None]:
    yield
    native.use_level(native.level_max())


def _by_both(made: Callable[[], T]) -> tuple[T, T]:
    """Return what the kernel makes, and what the twins make."""
    by_kernel = made()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commitment, "kernel", None)
        patch.setattr(merkle, "kernel", None)
        return by_kernel, made()


@pytest.mark.parametrize("level", LEVELS)
def test_hash_of_any_length_is_the_one_of_the_standard(level: int) -> None:
    native.use_level(level)
    data = bytes(range(251)) * 2

    for length in range(300):
        expected = sha256(data[:length]).digest()
        assert expected == native.sha256(data[:length])
        assert expected == native.sha256(
            data[: length // 3], memoryview(data[length // 3 : length])
        )


def test_level_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="level 2"):
        native.use_level(2)


def test_digest_speaks_to_the_kernel() -> None:
    assert digest.sha256 is digest.tagged is native.sha256


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_list_has_one_root(leaves: list[bytes]) -> None:
    by_kernel, by_twin = _by_both(lambda: merkle.merkle_root(leaves))

    assert by_twin == by_kernel


@given(st.lists(changes, min_size=1, max_size=3))
def test_layers_over_layers_are_the_same(blocks: list[dict[bytes, bytes | None]]) -> None:
    tree = BucketTree()
    layers: tuple[commitment.Layer, ...] = ()
    for block in blocks:
        below, listed = layers, sorted(block.items())
        by_kernel, by_twin = _by_both(
            lambda below=below, listed=listed: derive_layer(tree, below, listed)
        )
        layers = (*layers, by_kernel)

        assert by_twin.root == by_kernel.root
        assert by_twin.changes == by_kernel.changes
        assert by_twin.nodes == dict(by_kernel.nodes.items())
        for place, node in by_twin.nodes.items():
            assert (node, node) == (by_kernel.nodes[place], by_kernel.nodes.get(place))


def test_nodes_are_found_by_their_place_and_by_nothing_else() -> None:
    listed = sorted((sha256(b"%d" % number).digest(), bytes(32)) for number in range(700))
    nodes = derive_layer(BucketTree(), (), listed).nodes
    held = dict(nodes.items())

    for place in range(2 * 65_536 + 2):
        assert held.get(place) == nodes.get(place)
    assert len(held) == len(nodes)  # type: ignore[arg-type]
    for place in (0, -1, 2**70, "1", None):
        assert place not in nodes
        with pytest.raises(KeyError):
            nodes[place]  # type: ignore[index]


def _filled(entries: list[tuple[bytes, bytes]]) -> BucketTree:
    tree = BucketTree()
    tree.fill(b"".join(key_hash + value_hash for key_hash, value_hash in entries))
    return tree


@given(changes)
def test_layer_is_folded_into_the_same_tree(listed: dict[bytes, bytes | None]) -> None:
    layer = derive_layer(BucketTree(), (), sorted(listed.items()))

    by_kernel, by_twin = _by_both(lambda: _folded(layer))

    assert by_twin.buckets == by_kernel.buckets
    assert by_twin.nodes == by_kernel.nodes
    assert layer.root == by_kernel.root


def _folded(*layers: commitment.Layer) -> BucketTree:
    tree = BucketTree()
    for layer in layers:
        tree.fold(layer)
    return tree


@given(st.lists(changes, min_size=2, max_size=4))
def test_layers_folded_one_by_one_leave_the_tree_of_the_last(
    blocks: list[dict[bytes, bytes | None]],
) -> None:
    layers: list[commitment.Layer] = []
    for block in blocks:
        layers.append(derive_layer(BucketTree(), layers, sorted(block.items())))

    by_kernel, by_twin = _by_both(lambda: _folded(*layers))

    assert layers[-1].root == by_kernel.root
    assert by_twin.buckets == by_kernel.buckets
    assert by_twin.nodes == by_kernel.nodes


def test_entries_that_somebody_has_stay_what_they_were() -> None:
    """STATE-016."""
    key_hash = sha256(b"key").digest()
    tree = _filled([(key_hash, bytes([1]) * 32)])
    held = tree.buckets[commitment.bucket_of(key_hash)]

    tree.fold(derive_layer(tree, (), [(key_hash, bytes([2]) * 32)]))

    assert key_hash + bytes([1]) * 32 == held
    assert key_hash + bytes([2]) * 32 == tree.buckets[commitment.bucket_of(key_hash)]


def test_tree_that_is_filled_is_the_same_with_split_buckets() -> None:
    spread = [sha256(b"%d" % number).digest() for number in range(3_000)]
    crowd = [b"\x12\x34\xab" + key_hash[3:] for key_hash in spread[:700]]
    entries = sorted((key_hash, sha256(key_hash).digest()) for key_hash in (*spread, *crowd))

    by_kernel, by_twin = _by_both(lambda: _filled(entries))

    assert by_twin.nodes == by_kernel.nodes
    assert by_twin.buckets == by_kernel.buckets
    run = by_twin.buckets[0x1234]
    assert by_twin.nodes[(65_536 + 0x1234) * 32 :][:32] == bucket_hash(run)


def _of_changes(listed: object, *layers: object) -> object:
    tree = BucketTree()
    return native.derive_layer(tree.buckets, tree.nodes, layers, listed)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: native.bucket_hash(bytes(63)),
        lambda: native.bucket_hash(bytes(64 * 257)),  # all nibbles agree
        lambda: native.bucket_hash(b"", -1),
        native.bucket_hash,
        lambda: native.filled(b"\xff" * 64 + bytes(64)),
        lambda: native.filled([]),
        lambda: native.merkle_root(["text"]),
        lambda: native.merkle_root(1),
        lambda: native.sha256("text"),
        lambda: native.derive_layer([], bytearray(), (), bytes(64)),
        lambda: native.fold(BucketTree().buckets, bytearray(), b"", {}),
        lambda: native.fold(BucketTree().buckets, BucketTree().nodes, {}, {}),
        lambda: native.fold(BucketTree().buckets, BucketTree().nodes, bytes(128), {}),
        lambda: native.fold(BucketTree().buckets, BucketTree().nodes, b"", {-1: bytes(32)}),
        lambda: native.fold(BucketTree().buckets, BucketTree().nodes, b"", {1: bytes(31)}),
        lambda: native.fold([b"odd"] * 65_536, BucketTree().nodes, bytes(64), {}),
        lambda: _of_changes([bytes(64)]),
        lambda: _of_changes(b""),
        lambda: _of_changes(bytes(63)),
        lambda: _of_changes(bytes(128)),  # the same key twice
        lambda: _of_changes(bytes(64), ({}, {})),
        lambda: _of_changes(bytes(64), (bytes(63), {})),
        lambda: _of_changes(bytes(64), (b"", [])),
    ],
)
def test_input_of_another_form_is_refused(refused: Callable[[], object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        refused()


def _struck(folder: Path, runs: int, *flags: str) -> subprocess.CompletedProcess[str]:
    """Return what the strike said, or skip where nothing compiles it so."""
    program = str(folder / "trees")
    command = ["cc", "-O1", "-std=gnu11", *flags, f"-I{KERNEL}", *SOURCES, "-o", program]
    try:
        built = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no compiler")
    if "cannot find -l" in built.stderr:
        pytest.skip("this compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    return subprocess.run([program, str(runs)], capture_output=True, text=True, check=False)


def test_no_input_reads_beyond_or_makes_levels_differ(tmp_path: Path) -> None:
    flags = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    found = _struck(tmp_path, RUNS, *flags)

    assert (0, "", f"struck {RUNS}\n") == (found.returncode, found.stderr, found.stdout)
