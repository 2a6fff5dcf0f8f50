"""What a feeder is told: `feeder.toml` in its node's folder.

    node = "http://127.0.0.1:7600"     the node it reports to
    name = "auth0"                     how it calls itself
    key = "signer/oracle.json"         the oracle key, below the folder
    source = "synthetic"               or "recorded", or "web"

    [synthetic]
    seed = 1                           the same for all feeders of a network

    [recorded]
    file = "prices.csv"                below the folder, or absolute
    start_ms = 0                       when it began; 0: when the feeder starts
    repeat = false

    [web]
    every_ms = 2000
    places = [{ feed = "BTC", url = "https://...", path = "data.price" }]

Source: docs/specs/feeder.md, FEEDER-001 to FEEDER-003.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from node.agents.feeder.fault import FeederFault
from node.agents.feeder.market import Market
from node.agents.feeder.recorded import Recorded, rows_of
from node.agents.feeder.source import Source
from node.agents.feeder.web import Place, Web
from node.clock import Clock
from node.folder import write_atomically

SYNTHETIC, RECORDED, WEB = "synthetic", "recorded", "web"
EVERY_MIN_MS = 100

_FORM: dict[str, dict[str, type]] = {
    "": {"node": str, "name": str, "key": str, "source": str},
    SYNTHETIC: {"seed": int},
    RECORDED: {"file": str, "start_ms": int, "repeat": bool},
    WEB: {"every_ms": int, "places": list},
}


@dataclass(frozen=True)
class Settings:
    """The settings of one feeder, with the folder that its paths are below."""

    folder: Path
    node: str
    name: str
    source: str
    key: str = "signer/oracle.json"
    seed: int = 1
    file: str = ""
    start_ms: int = 0
    repeat: bool = False
    every_ms: int = 2_000
    places: tuple[Place, ...] = field(default=())


def read_settings(path: Path) -> Settings:
    """Return the settings of a file.

    Refuses: FeederFault, for the first thing that cannot be meant.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise _wrong(path, str(fault)) from fault
    flat: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            flat |= _checked(path, name, value)
        else:
            flat |= _checked(path, "", {name: value})
    missing = [name for name in ("node", "name", "source") if name not in flat]
    if missing:
        raise _wrong(path, f"{missing[0]} is missing")
    if flat["source"] not in {SYNTHETIC, RECORDED, WEB}:
        raise _wrong(path, f"no source {flat['source']!r}; there are synthetic, recorded and web")
    flat["places"] = tuple(_place_of(path, place) for place in flat.get("places", ()))
    settings = Settings(folder=path.parent, **flat)
    if settings.source == WEB and not settings.places:
        raise _wrong(path, "web without places")
    if settings.every_ms < EVERY_MIN_MS:
        raise _wrong(path, f"every_ms is at least {EVERY_MIN_MS}")
    return settings


def source_of(settings: Settings, clock: Clock) -> Source:
    """Return what the feeder looks at. Refuses: FeederFault, for a wrong recording."""
    if settings.source == SYNTHETIC:
        return Market(settings.seed, settings.name)
    if settings.source == RECORDED:
        rows = rows_of(settings.folder / settings.file)
        return Recorded(rows, settings.start_ms or clock.wall_ms(), repeat=settings.repeat)
    return Web(settings.places, settings.every_ms, clock)


def write_synthetic(path: Path, *, node: str, name: str, seed: int) -> None:
    """Write the settings of a feeder of the made-up market."""
    text = (
        "# What the price feeder of this authority was told: docs/specs/feeder.md.\n"
        f'node = "{node}"\nname = "{name}"\nkey = "signer/oracle.json"\n'
        f'source = "{SYNTHETIC}"\n\n[{SYNTHETIC}]\nseed = {seed}\n'
    )
    write_atomically(path, text.encode(), mode=0o644)


def _checked(path: Path, section: str, told: Mapping[str, Any]) -> dict[str, Any]:
    form = _FORM.get(section)
    if form is None:
        raise _wrong(path, f"unknown section [{section}]")
    for name, value in told.items():
        if type(value) is not form.get(name):
            what = "unknown" if name not in form else f"not of type {form[name].__name__}"
            raise _wrong(path, f"{section}.{name}".lstrip(".") + f" is {what}")
    return dict(told)


def _place_of(path: Path, told: Any) -> Place:
    names = {"feed", "url", "path"}
    if not isinstance(told, dict) or set(told) != names:
        raise _wrong(path, "a place has feed, url and path")
    if not all(isinstance(text, str) for text in told.values()):
        raise _wrong(path, "feed, url and path of a place are texts")
    if not told["url"].startswith(("http://", "https://")):
        raise _wrong(path, f"{told['url']} is no address of HTTP")
    return Place(**told)


def _wrong(path: Path, why: str) -> FeederFault:
    return FeederFault(
        "feeder_configuration",
        f"{path}: {why}.",
        spared="Nothing was reported.",
        hint="Its form is in docs/specs/feeder.md.",
    )
