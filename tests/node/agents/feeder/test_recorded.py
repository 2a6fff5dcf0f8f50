"""FEEDER-020 to FEEDER-023: a recording plays row by row, then says nothing more."""

from pathlib import Path

import pytest

from node.agents.feeder.fault import FeederFault
from node.agents.feeder.recorded import Recorded, rows_of

UNIT_E8 = 10**8
TEXT = "time_ms,feed,price\n0,BTC,64000\n0,ETH,3200.5\n500,BTC,64012.5\n"
START_MS = 10_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text(TEXT)
    return path


def price(recorded: Recorded, at_ms: int, feed: str = "BTC") -> int | None:
    seen = recorded.observe([feed], START_MS + at_ms).get(feed)
    return None if seen is None else seen.price_e8


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [(-1, None), (0, 64_000), (499, 64_000), (500, 64_012.5), (999, 64_012.5), (1_000, None)],
)
def test_a_row_holds_until_the_next(path: Path, at_ms: int, expected: float | None) -> None:
    recorded = Recorded(rows_of(path), START_MS, repeat=False)

    assert (None if expected is None else int(expected * UNIT_E8)) == price(recorded, at_ms)


def test_a_recording_that_repeats_begins_again(path: Path) -> None:
    recorded = Recorded(rows_of(path), START_MS, repeat=True)

    assert 64_000 * UNIT_E8 == price(recorded, 1_000)
    assert 320_050_000_000 == price(recorded, 1_999, "ETH")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("feed,price\n", 1),
        ("time_ms,feed,price\n", 1),
        ("time_ms,feed,price\n0,BTC\n", 2),
        ("time_ms,feed,price\n0,BTC,x\n", 2),
        ("time_ms,feed,price\n0,BTC,-5\n", 2),
        ("time_ms,feed,price\n0,BTC,NaN\n", 2),
        ("time_ms,feed,price\n0,BTC,1e99\n", 2),
        ("time_ms,feed,price\n5,BTC,1\n4,BTC,1\n", 3),
    ],
)
def test_a_wrong_recording_is_refused_with_its_line(path: Path, text: str, line: int) -> None:
    path.write_text(text)

    with pytest.raises(FeederFault) as refused:
        rows_of(path)

    assert ("feeder_recording", line) == (refused.value.slug, refused.value.facts["line"])


def test_a_recording_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeederFault):
        rows_of(tmp_path / "nothing.csv")


def test_a_recording_knows_no_volatility(path: Path) -> None:
    assert Recorded(rows_of(path), START_MS, repeat=False).volatility_ppm("BTC", START_MS) is None
