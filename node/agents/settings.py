"""What an agent is told: its defaults, then a TOML file, the environment, and flags; the last wins.

    nodes = ["http://127.0.0.1:7600"]
    account = "maker"

    [markets.BTC-PERP]
    size = "1"

A form is a frozen dataclass; each field carries its help and its bounds in its metadata.
In the environment a key is NOVATION_AGENT__KEY, its parts apart by two underscores.

Source: docs/specs/agents.md, AGT-001 to AGT-004.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from node.agents.fault import AgentFault

ENVIRONMENT_PREFIX = "NOVATION_AGENT__"
EVERY_MIN_MS = 100
WHOLE_MAX = 10**15

T = TypeVar("T")


def told(
    default: Any,
    help_text: str,
    least: int = 0,
    most: int = WHOLE_MAX,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return the field of a form: its default, what it means, and what it may be."""
    metadata = {"help": help_text, "least": least, "most": most, "choices": choices}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What every agent is told."""

    nodes: tuple[str, ...] = told(
        ("http://127.0.0.1:7600",), "asked in turn: the next one where one is away"
    )
    account: str = told("", "for which account it trades: NAME, NAME/NUMBER or an address")
    signer: str = told("", "whose key signs: a delegate's; empty: that of the account's owner")
    keys: str = told("", "the folder of keys; empty: where the command line looks")
    every_ms: int = told(500, "how often it looks", EVERY_MIN_MS)
    deposit: str = told("0", "moved from the wallet when the account is not open yet, in USD")


def read_settings(
    form: type[T],
    path: Path | None,
    environment: Mapping[str, str],
    overrides: Mapping[str, str],
) -> T:
    """Return the settings of a form.

    Refuses: AgentFault, for the first thing that cannot be meant.
    """
    found = _read(path) if path is not None else {}
    settings: T = _made(form, found, str(path), "")
    for origin, key, text in (*_from_environment(environment), *_from_flags(overrides)):
        settings = _changed(settings, key, text, f"{origin} {'.'.join(key)}")
    return settings


def text_of(settings: Any, title: str) -> str:
    """Return settings as a TOML file that reads back the same, each key with its help."""
    lines = [f"# {title}", "", *_lines_of(settings)]
    for one in fields(settings):
        value = getattr(settings, one.name)
        if isinstance(value, Mapping):
            for name, part in value.items():
                lines += ["", f"[{one.name}.{name}]", *_lines_of(part)]
    return "\n".join(lines) + "\n"


def _lines_of(settings: Any) -> list[str]:
    return [
        line
        for one in fields(settings)
        if not isinstance(getattr(settings, one.name), Mapping)
        for line in (
            f"# {one.metadata['help']}",
            f"{one.name} = {_toml_of(getattr(settings, one.name))}",
        )
    ]


def _toml_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_of(part) for part in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise _wrong(str(path), str(fault)) from fault


def _made(form: type[T], found: Mapping[str, Any], origin: str, place: str) -> T:
    """Return a form filled with what was found; what was not keeps its default."""
    hints, known = get_type_hints(form), {one.name: one for one in fields(form)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for name, value in found.items():
        if name not in known:
            raise _wrong(origin, f"unknown key {place}{name}{_nearest(name, known)}")
        given[name] = _value(known[name], hints[name], value, origin, f"{place}{name}")
    lacking = [n for n, one in known.items() if n not in given and _is_needed(one)]
    if lacking:
        raise _wrong(origin, f"{place}{lacking[0]} is missing")
    return form(**given)


def _is_needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _value(one: Field[Any], hint: Any, value: Any, origin: str, key: str) -> Any:
    if get_origin(hint) is Mapping:
        inner = get_args(hint)[1]
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise _wrong(origin, f"{key} is a table of tables: [{key}.BTC-PERP]")
        return {name: _made(inner, part, origin, f"{key}.{name}.") for name, part in value.items()}
    if get_origin(hint) is tuple:
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            return tuple(value)
        raise _wrong(origin, f"{key} is a list of texts, not {value!r}")
    if type(value) is not hint:
        names = {int: "a whole number", str: "a text in quotes", bool: "true or false"}
        raise _wrong(origin, f"{key} is {names[hint]}, not {value!r}")
    least, most, choices = (one.metadata[name] for name in ("least", "most", "choices"))
    if hint is int and not least <= value <= most:
        raise _wrong(origin, f"{key} is {least:_} to {most:_}, not {value:_}")
    if choices and value not in choices:
        raise _wrong(origin, f"{key} is {' or '.join(choices)}, not {value}")
    return value


def _changed(settings: T, key: tuple[str, ...], text: str, origin: str) -> T:
    """Return settings with one dotted key set from a text."""
    assert is_dataclass(settings)
    assert not isinstance(settings, type)
    known = {one.name: one for one in fields(settings)}
    name, *rest = key
    if name not in known:
        raise _wrong(origin, f"unknown key{_nearest(name, known)}")
    hint, now = get_type_hints(type(settings))[name], getattr(settings, name)
    kept = {one: getattr(settings, one) for one in known}
    if get_origin(hint) is Mapping:
        if len(rest) < 2:
            raise _wrong(origin, f"names a table: {name}.BTC-PERP.KEY")
        part = now.get(rest[0]) or _made(get_args(hint)[1], {}, origin, "")
        value: Any = {**now, rest[0]: _changed(part, tuple(rest[1:]), text, origin)}
    elif rest:
        raise _wrong(origin, f"{name} holds no further keys")
    else:
        value = _value(known[name], hint, _parsed(hint, text), origin, name)
    return type(settings)(**{**kept, name: value})


def _parsed(hint: Any, text: str) -> Any:
    """Return a text of the environment or a flag as TOML would have it; else as it is."""
    if hint is str:
        return text
    if get_origin(hint) is tuple:
        return [part for part in text.split(",") if part]
    if hint is bool and text in {"true", "false"}:
        return text == "true"
    digits = text.replace("_", "").removeprefix("-")
    return int(text.replace("_", "")) if hint is int and digits.isdecimal() else text


def _from_environment(
    environment: Mapping[str, str],
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for variable, text in sorted(environment.items()):
        if variable.startswith(ENVIRONMENT_PREFIX):
            first, *rest = variable.removeprefix(ENVIRONMENT_PREFIX).split("__")
            inner = [*rest[:1], *(part.lower() for part in rest[1:])]
            yield "environment:", (first.lower(), *inner), text


def _from_flags(overrides: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for key, text in overrides.items():
        yield "flag:", tuple(key.split(".")), text


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f" (did you mean {near[0]}?)" if near else f" (known: {', '.join(known)})"


def _wrong(origin: str, why: str) -> AgentFault:
    return AgentFault(
        "agent_configuration",
        f"{origin}: {why}.",
        spared="Nothing was sent.",
        hint="What an agent may be told: novation agent config NAME, and docs/specs/agents.md.",
    )
