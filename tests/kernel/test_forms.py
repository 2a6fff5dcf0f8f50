"""CODEC-018: a record of any kind is written in C as Python does, or refused as Python does."""

from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from chain.codec.canonical import OutOfBounds, _bounded_plainly
from chain.codec.forms import Form, form_of
from chain.codec.record import Record, Wide
from derivatives.registry import REGISTRY
from tests.chain.codec.samples import SAMPLES, Nested, Plain, Wides

native = pytest.importorskip("chain.kernel.native")

DECLARED = {
    kind
    for module in REGISTRY
    for kind in (
        *(table.value for table in module.tables),
        *module.transactions.values(),
        *module.events.values(),
    )
}
KINDS = sorted({*DECLARED, Plain, Nested, Wides}, key=lambda kind: (kind.__module__, kind.__name__))
EDGES = (-(2**63), -(2**31), -32_768, -128, -33, -32, -1, 0, 1, 31, 32, 127, 128, 255, 256)
numbers = st.sampled_from((*EDGES, 65_535, 65_536, 2**32 - 1, 2**32, 2**60, 2**63 - 1))
lengths = st.sampled_from((0, 1, 15, 16, 31, 32, 33, 64, 255, 256, 65_536))
others = st.sampled_from(
    (None, True, 1, "a", "\u00e9", "\ud800", b"a", (), 2**63, 2**64, -(2**63) - 1)
)


def values(form: Form) -> st.SearchStrategy[Any]:
    """Values of a form, at its edges, and now and then one of another."""
    name, low, high, _, _, parts = form
    if name == "integer":
        return st.integers(low, high) | numbers | others
    if name == "boolean":
        return st.booleans() | others
    if name == "text":
        return st.text(max_size=9) | lengths.map("x".__mul__) | others
    if name == "blob":
        size = low if low == high else 5
        return st.just(b"\xc1" * size) | lengths.map(b"y".__mul__) | others
    if name == "wide":
        return st.integers(-(2**127) - 1, 2**127).map(Wide)
    if name == "optional":
        return st.none() | values(parts[0])
    if name == "repeated":
        most = min(18, high)
        return st.lists(values(parts[0]), min_size=low, max_size=most).map(tuple) | others
    return records(form) | others


def records(form: Form) -> st.SearchStrategy[Record]:
    """Records of a form; what cannot even be made is none."""
    kind = form[3]
    assert kind is not None
    made: st.SearchStrategy[Record] = st.tuples(*map(values, form[5])).map(lambda each: kind(*each))
    return made


FORMS = [form for kind in KINDS if (form := form_of(kind)) is not None]


def _said(write: Any, record: Record) -> bytes | str:
    try:
        return write(record)  # type: ignore[no-any-return]
    except OutOfBounds as refused:
        return str(refused)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[3].__qualname__)
def test_record_is_written_or_refused_as_python_does(form: Form) -> None:
    @settings(max_examples=20)
    @examples(records(form))
    def agree(record: Record) -> None:
        assert _said(_bounded_plainly, record) == _said(native.encode_bounded, record)

    agree()


def test_every_declared_kind_has_a_form_but_one_of_raw_bytes_and_one_of_pairs() -> None:
    assert {"History", "SignedList"} == {kind.__name__ for kind in KINDS if form_of(kind) is None}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_sample_is_written_alike(sample: Any) -> None:
    assert _said(_bounded_plainly, sample) == _said(native.encode_bounded, sample)


def test_long_record_moves_to_memory_of_its_own() -> None:
    long = Plain(lots_quantums=1, started_ms=2, is_open=True, note="n" * 70_000, blob=b"b" * 300)
    many = Nested(first=long, second=None, many=(long,) * 20, hashes=())

    assert _bounded_plainly(many) == native.encode_bounded(many)
