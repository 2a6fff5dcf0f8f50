"""FEEDER-001 to FEEDER-003: what a feeder is told, and what cannot be meant."""

from pathlib import Path

import pytest

from node.agents.feeder.fault import FeederFault
from node.agents.feeder.market import Market
from node.agents.feeder.recorded import Recorded
from node.agents.feeder.settings import read_settings, source_of, write_synthetic
from node.agents.feeder.web import Web
from node.clock import Clock

HEAD = 'node = "http://127.0.0.1:7600"\nname = "auth0"\n'
PLACE = '{ feed = "BTC", url = "http://x/", path = "p" }'


def told(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "feeder.toml"
    path.write_text(text)
    return path


def test_what_is_written_for_a_devnet_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "feeder.toml"
    write_synthetic(path, node="http://127.0.0.1:7600", name="auth0", seed=7)

    settings = read_settings(path)

    assert ("http://127.0.0.1:7600", "auth0", 7) == (settings.node, settings.name, settings.seed)
    assert tmp_path / "signer/oracle.json" == settings.folder / settings.key
    assert isinstance(source_of(settings, Clock()), Market)


def test_a_recording_lies_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("time_ms,feed,price\n0,BTC,1\n")
    text = f'{HEAD}source = "recorded"\n[recorded]\nfile = "prices.csv"\nrepeat = true\n'

    settings = read_settings(told(tmp_path, text))

    assert isinstance(source_of(settings, Clock()), Recorded)


def test_places_of_the_web_are_read(tmp_path: Path) -> None:
    text = f'{HEAD}source = "web"\n[web]\nevery_ms = 500\nplaces = [{PLACE}]\n'

    settings = read_settings(told(tmp_path, text))
    source = source_of(settings, Clock())

    assert (500, "BTC") == (settings.every_ms, settings.places[0].feed)
    assert isinstance(source, Web)
    source.close()


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        HEAD,
        f'{HEAD}source = "tea leaves"',
        f'{HEAD}source = "synthetic"\ncolour = 1',
        f'{HEAD}source = "synthetic"\n[synthetic]\nseed = "x"',
        f'{HEAD}source = "synthetic"\n[synthetic]\nseed = true',
        f'{HEAD}source = "synthetic"\n[other]\nseed = 1',
        f'{HEAD}source = "web"',
        f'{HEAD}source = "web"\n[web]\nevery_ms = 5\nplaces = [{PLACE}]',
        f'{HEAD}source = "web"\n[web]\nplaces = [{{ feed = "BTC" }}]',
        f'{HEAD}source = "web"\n[web]\nplaces = [{PLACE.replace("http://x/", "file:///etc")}]',
        f'{HEAD}source = "web"\n[web]\nplaces = [{PLACE.replace(chr(34) + "p" + chr(34), "5")}]',
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeederFault) as refused:
        read_settings(told(tmp_path, text))

    assert "feeder_configuration" == refused.value.slug


def test_settings_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FeederFault):
        read_settings(tmp_path / "feeder.toml")
