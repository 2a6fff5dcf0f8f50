"""AGT-001 to AGT-004: what an agent is told, and that what cannot be meant is refused."""

from pathlib import Path

import pytest

from node.agents.fault import AgentFault
from node.agents.maker.form import Ladder, MakerSettings
from node.agents.settings import read_settings, text_of


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "maker.toml"
    path.write_text(text)
    return path


def test_nothing_told_is_the_defaults() -> None:
    assert MakerSettings() == read_settings(MakerSettings, None, {}, {})


def test_what_is_printed_reads_back_the_same(tmp_path: Path) -> None:
    settings = MakerSettings(
        nodes=("http://a", "http://b"),
        keys='C:\\keys "mine"',
        every_ms=123_456,
        markets={"ETH-PERP": Ladder(size="2.5", around="mark")},
    )

    path = written(tmp_path, text_of(settings, "A maker."))

    assert settings == read_settings(MakerSettings, path, {}, {})


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path, 'every_ms = 700\nloss_max = "1"\naccount = "a"\n[markets.X]\nsize = "3"\n'
    )

    settings = read_settings(
        MakerSettings,
        path,
        {
            "NOVATION_AGENT__LOSS_MAX": "2",
            "NOVATION_AGENT__ACCOUNT": "b",
            "NOVATION_AGENT__MARKETS__X__STEP_PPM": "7",
            "NOVATION_RPC": "http://elsewhere",
        },
        {"account": "c", "nodes": "http://one,http://two", "markets.Y.size": "4"},
    )

    assert (700, "2", "c") == (settings.every_ms, settings.loss_max, settings.account)
    assert ("http://one", "http://two") == settings.nodes
    assert {"X": Ladder(size="3", step_ppm=7), "Y": Ladder(size="4")} == settings.markets


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("every_ms = ", "Invalid value"),
        ("evry_ms = 700", "unknown key evry_ms (did you mean every_ms?)"),
        ("every_ms = 99", "every_ms is 100 to "),
        ('every_ms = "700"', "every_ms is a whole number, not '700'"),
        ("every_ms = true", "every_ms is a whole number, not True"),
        ("loss_max = 5", "loss_max is a text in quotes, not 5"),
        ("nodes = []", "nodes is a list of texts"),
        ("markets = 1", "markets is a table of tables"),
        ("[markets]\nX = 1", "markets is a table of tables"),
        ("[markets.X]\nlevels_count = 31", "markets.X.levels_count is 1 to 30, not 31"),
        ('[markets.X]\naround = "mid"', "markets.X.around is index or mark, not mid"),
        ("[markets.X]\nsise = 1", "unknown key markets.X.sise (did you mean size?)"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, text: str, why: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(AgentFault) as refused:
        read_settings(MakerSettings, path, {}, {})

    assert ("node.agent_configuration", 1582) == (refused.value.reason, refused.value.code)
    assert str(path) in refused.value.happened
    assert why in refused.value.happened
    assert "Nothing was sent." == refused.value.spared


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("every_ms", "soon", "flag: every_ms: every_ms is a whole number, not 'soon'"),
        ("levels_count", "1", "flag: levels_count: unknown key"),
        ("markets.X", "1", "flag: markets.X: names a table"),
        ("every_ms.x", "1", "flag: every_ms.x: every_ms holds no further keys"),
    ],
)
def test_a_flag_that_cannot_be_meant_is_named(key: str, text: str, why: str) -> None:
    with pytest.raises(AgentFault) as refused:
        read_settings(MakerSettings, None, {}, {key: text})

    assert why in refused.value.happened


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentFault):
        read_settings(MakerSettings, tmp_path / "maker.toml", {}, {})
