"""Read what a node was told: file, then environment, then flags; the later word wins.

A file is TOML with a table for each section.  `NOVATION_RPC__PORT=7601` in the environment is
`port` of `[rpc]`; a flag comes as `rpc.port`.  A key nobody knows, a wrong kind or a number out
of its range is a `ConfigurationFault` that names key, file and line, and the nearest valid key:
a typing error must never become a default in silence.

Source: docs/specs/configuration.md.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from chain import limits
from node.faults import NodeFault
from node.folder import DataFolder, write_atomically

ENVIRONMENT_PREFIX = "NOVATION_"
MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE

Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=0, le=2**31)]
Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000)]
Size = Annotated[int, Meta(ge=0, le=2**53)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class ConfigurationFault(NodeFault):
    """What the node was told cannot be meant."""

    NUMBERS: ClassVar[dict[str, int]] = {"configuration": 1510}
    EXIT_CODE: ClassVar[int] = 2


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the file."""


class Node(_Section, frozen=True):
    """Who this node is."""

    name: Annotated[Name, Meta(description="how people call this node")] = "node"
    kind: Annotated[
        Literal["authority", "follower"],
        Meta(description="an authority signs votes with signer/key.json; a follower only follows"),
    ] = "follower"
    data_folder: Annotated[
        str, Meta(description="empty: the folder of this file; relative to it otherwise")
    ] = ""


class Rpc(_Section, frozen=True):
    """Who may ask, and how much."""

    enabled: Annotated[bool, Meta(description="serve JSON-RPC and WebSocket")] = True
    host: Annotated[str, Meta(description="loopback unless told otherwise")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="0: any free port")] = 7600
    origins: Annotated[
        tuple[str, ...], Meta(description="web origins that browsers may call from; never *")
    ] = ()
    body_max_bytes: Size = MEBIBYTE
    head_max_bytes: Size = 16 * 1024
    batch_max_count: Count = 50
    connections_max_count: Count = 200
    subscriptions_max_count: Annotated[Count, Meta(description="for each connection")] = 32
    queue_max_count: Annotated[Count, Meta(description="messages that wait for a slow reader")] = (
        256
    )
    head_deadline_ms: Milliseconds = 10_000
    idle_deadline_ms: Milliseconds = 60_000


class Peer(_Section, frozen=True):
    """One node to stay connected with."""

    name: Name
    address: Annotated[str, Meta(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):[0-9]{1,5}$")]
    peer_id: Annotated[str, Meta(pattern=r"^[1-9A-HJ-NP-Za-km-z]{40,64}$")]
    authority: bool = False

    @property
    def host(self) -> str:
        """The part of the address before the port."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of the address."""
        return int(self.address.rpartition(":")[2])


class P2p(_Section, frozen=True):
    """Where peers find this node, and whom it looks for."""

    host: Annotated[str, Meta(description="loopback unless told otherwise")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="0: any free port")] = 7700
    followers_max_count: Count = 50
    peers: Annotated[
        tuple[Peer, ...], Meta(description="name, address, peer_id and authority of each")
    ] = ()


class Consensus(_Section, frozen=True):
    """Local timers. The chain's own pace stands in its genesis."""

    view_timeout_ms: Annotated[
        Milliseconds, Meta(description="wait for a proposal before voting to go on without it")
    ] = 1_200
    retry_every_ms: Milliseconds = 1_000
    retry_spread_ms: Milliseconds = 200
    certificate_push_ms: Milliseconds = 50
    status_every_ms: Milliseconds = 1_000
    build_max_ms: Annotated[Milliseconds, Meta(description="stop filling a block after this")] = 100
    clock_alarm_ms: Annotated[
        Milliseconds, Meta(description="alarm when this far from the median of the authorities")
    ] = 300


class Mempool(_Section, frozen=True):
    """How much may wait."""

    transactions_max_count: Count = limits.MEMPOOL_TRANSACTIONS_MAX_COUNT
    pool_max_bytes: Size = limits.MEMPOOL_BYTES_MAX
    pending_per_signer_max_count: Count = limits.MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT
    future_per_lane_max_count: Count = limits.MEMPOOL_FUTURE_PER_LANE_MAX_COUNT
    parked_max_ms: Milliseconds = limits.MEMPOOL_PARKED_MAX_MS


class StorageSection(_Section, frozen=True):
    """The disk."""

    free_floor_bytes: Annotated[
        Size, Meta(description="below this the node stops voting and goes on serving")
    ] = 2 * GIBIBYTE
    flush: Annotated[
        bool,
        Meta(description="false only on dev chains: a power cut then costs an authority its key"),
    ] = True
    write_buffer_bytes: Annotated[
        Size, Meta(description="of rows in memory until they are sorted into a file")
    ] = 8 * MEBIBYTE
    cache_bytes: Size = 32 * MEBIBYTE
    segment_max_bytes: Annotated[Size, Meta(description="of the vote log")] = 64 * MEBIBYTE
    history_events_max_count: Annotated[
        int,
        Meta(
            ge=1_000,
            le=2**31,
            description="how far back trades, liquidations and accounts are listed",
        ),
    ] = 5_000_000


class Log(_Section, frozen=True):
    """What operators read."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    file: Annotated[
        str, Meta(description="empty: standard error; relative to the data folder otherwise")
    ] = ""


class Development(_Section, frozen=True):
    """Only under `novation dev`."""

    manual: Annotated[bool, Meta(description="make blocks on dev_mine alone")] = False


class Configuration(_Section, frozen=True):
    """Everything a node was told, complete and in range."""

    node: Node = Node()
    rpc: Rpc = Rpc()
    p2p: P2p = P2p()
    consensus: Consensus = Consensus()
    mempool: Mempool = Mempool()
    storage: StorageSection = StorageSection()
    log: Log = Log()
    development: Development = Development()

    @property
    def folder(self) -> DataFolder:
        """The data folder and the places in it."""
        return DataFolder(Path(self.node.data_folder))


SECTIONS: dict[str, type[Struct]] = get_type_hints(Configuration)


def load_configuration(
    path: Path | None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Configuration:
    """Return the configuration; its data folder is absolute.

    `overrides` has dotted keys, `{"rpc.port": 7601}`; None among them means not given.

    Refuses: ConfigurationFault, for the first thing that cannot be meant.
    """
    text, told = _read(path) if path else ("", {})
    origins = {
        f"{section}.{key}": str(path)
        for section, keys in told.items()
        if isinstance(keys, dict)
        for key in keys
    }
    for key, variable, value in _from_environment(environment or {}):
        _put(told, key, value, origins, f"environment variable {variable}")
    for key, value in (overrides or {}).items():
        if value is not None:
            _put(told, key, value, origins, f"flag for {key}")
    try:
        configuration = msgspec.convert(told, Configuration, strict=True)
    except msgspec.ValidationError as fault:
        raise _explained(str(fault), origins, path, text, told) from fault
    home = path.parent if path else Path()
    folder = (home / configuration.node.data_folder).absolute()
    node = msgspec.structs.replace(configuration.node, data_folder=str(folder))
    return msgspec.structs.replace(configuration, node=node)


def refuse_unsafe(configuration: Configuration, chain_kind: str) -> None:
    """Refuse what only a development chain may be told, on any other chain."""
    if chain_kind in {"dev", "devnet"}:
        return
    for key, unsafe in (
        ("storage.flush", not configuration.storage.flush),
        ("development.manual", configuration.development.manual),
    ):
        if unsafe:
            raise ConfigurationFault(
                "configuration",
                f"{key} is for development chains; the kind of this chain is {chain_kind}",
                spared="Nothing was started.",
                hint=f"Remove {key} from the configuration.",
                key=key,
            )


def write_configuration(path: Path, configuration: Configuration) -> None:
    """Write a file, with a comment for each key that needs one, that reads back the same."""
    write_atomically(path, text_of(configuration).encode(), mode=0o644)


def text_of(configuration: Configuration) -> str:
    """Return the TOML text of a configuration.

    A value that is the default is written too, as a comment: what holds can be read off, and
    what was chosen stands out.
    """
    lines = ["# Configuration of a Novation node. Lines that begin with '#' show defaults."]
    for section_name in SECTIONS:
        section: Struct = getattr(configuration, section_name)
        lines += ["", f"# {(type(section).__doc__ or '').splitlines()[0]}", f"[{section_name}]"]
        for field in msgspec.structs.fields(section):
            value = getattr(section, field.name)
            comment = _description_of(field.type)
            lines += [f"# {comment}"] if comment else []
            if field.name == "peers":
                lines += _peer_lines(value)
            else:
                mark = "# " if value == field.default else ""
                lines.append(f"{mark}{field.name} = {_toml_of(value)}")
    return "\n".join(lines) + "\n"


def _peer_lines(peers: tuple[Peer, ...]) -> list[str]:
    if not peers:
        return ["# peers = []"]
    rows = [
        "    { "
        + ", ".join(
            f"{key} = {_toml_of(value)}" for key, value in msgspec.structs.asdict(p).items()
        )
        + " },"
        for p in peers
    ]
    return ["peers = [", *rows, "]"]


def _toml_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 100_000 else str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_of(part) for part in value) + "]"
    assert isinstance(value, str)
    escaped = msgspec.json.encode(value).decode()  # a JSON string is a basic TOML string
    return escaped.replace("\x7f", "\\u007f")


def _description_of(annotation: object) -> str:
    if get_origin(annotation) is Annotated:
        for part in get_args(annotation)[1:]:
            if isinstance(part, Meta) and part.description:
                return part.description
    return ""


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not UTF-8"
        raise ConfigurationFault(
            "configuration",
            f"{path} cannot be read: {why}",
            spared="Nothing was started.",
            hint="Make one with: novation node init",
            file=str(path),
        ) from fault
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"line (\d+)", str(fault))
        raise ConfigurationFault(
            "configuration",
            f"{path}: not TOML: {fault}",
            spared="Nothing was started.",
            file=str(path),
            line=int(line[1]) if line else 0,
        ) from fault


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, object]]:
    """Yield key, variable and value of each variable that means a key."""
    for variable, text in sorted(environment.items()):
        if not variable.startswith(ENVIRONMENT_PREFIX) or "__" not in variable:
            continue
        key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".", 1)
        yield key, variable, _value_of(key, variable, text)


def _value_of(key: str, variable: str, text: str) -> object:
    """Return the value a variable's text means: as it is where text is wanted, else as TOML."""
    section, _, name = key.partition(".")
    fields = (
        {f.name: f for f in msgspec.structs.fields(SECTIONS[section])}
        if (section in SECTIONS)
        else {}
    )
    wanted = fields[name].type if name in fields else str
    if isinstance(getattr(fields.get(name), "default", ""), str):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as fault:
        raise ConfigurationFault(
            "configuration",
            f"environment variable {variable}: {text!r} is no value for {key}",
            spared="Nothing was started.",
            hint=f"Wanted: {getattr(wanted, '__name__', 'a TOML value')}, written as in TOML.",
            key=key,
        ) from fault


def _put(
    told: dict[str, Any], key: str, value: object, origins: dict[str, str], origin: str
) -> None:
    """Set a dotted key; an unknown one is refused here, where its origin is still known."""
    section, _, name = key.partition(".")
    names = (
        [f.name for f in msgspec.structs.fields(SECTIONS[section])] if (section in SECTIONS) else []
    )
    if name not in names:
        raise ConfigurationFault(
            "configuration",
            f"{origin}: unknown key {key}{_nearest(key)}",
            spared="Nothing was started.",
            key=key,
        )
    table = told.setdefault(section, {})
    if isinstance(table, dict):  # else the decoder says what it is instead
        table[name] = value
    origins[key] = origin


def _nearest(key: str, within: str = "") -> str:
    """Return the nearest valid key, in brackets and ready to be read, or all keys beside it."""
    if within.startswith("p2p.peers"):
        keys = [f.name for f in msgspec.structs.fields(Peer)]
        near = difflib.get_close_matches(key.rpartition(".")[2], keys, 1, 0.5)
    else:
        keys = [
            f"{section}.{field.name}"
            for section, kind in SECTIONS.items()
            for field in msgspec.structs.fields(kind)
        ] + list(SECTIONS)
        near = difflib.get_close_matches(key, keys, 1, 0.6)
    if near:
        section, _, name = near[0].rpartition(".")
        return f" (did you mean {name if key.startswith(f'{section}.') else near[0]}?)"
    section = key.partition(".")[0]
    beside = [k.partition(".")[2] for k in keys if k.startswith(f"{section}.")] or list(SECTIONS)
    return f" (known: {', '.join(beside)})"


NO_NAME = '""'
"""How an empty key is written."""


def _explained(
    problem: str, origins: dict[str, str], path: Path | None, text: str, told: dict[str, Any]
) -> ConfigurationFault:
    """Return the fault for what msgspec found, with key, origin, line and the nearest key."""
    what, _, place = problem.partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    unknown = re.search(r"unknown field `(.*?)`", what)
    key = f"{place}.{unknown[1] or NO_NAME}".lstrip(".") if unknown else place
    origin = origins.get(".".join(key.split(".")[:2]).partition("[")[0], str(path or "flags"))
    line = _line_of(text, key) if origin == str(path) else 0
    where = f"{origin}:{line}" if line else origin
    said = f"unknown key {key}{_nearest(key, place)}" if unknown else f"{key}: {_plain(what)}"
    value = _at(told, key)
    if not unknown and isinstance(value, str | int | float | bool):
        said += f", not {value!r}"
    return ConfigurationFault(
        "configuration",
        f"{where}: {said}",
        spared="Nothing was started.",
        key=key,
        file=origin,
        line=line,
    )


def _plain(what: str) -> str:
    """Return a complaint of the decoder in words an operator uses."""
    what = what.replace("`", "").replace("Object missing", "it lacks the").replace("Object", "it")
    what = re.sub(r"Expected (\w+), got \w+", r"Expected \1", what)
    what = re.sub(r"^Invalid enum value.*", "Expected another word", what)
    return what[:1].lower() + what[1:]


def _at(told: object, key: str) -> object:
    for part in re.findall(r"[^.\[\]]+", key):
        if isinstance(told, dict):
            told = told.get(part)
        elif isinstance(told, list | tuple) and part.isdigit() and int(part) < len(told):
            told = told[int(part)]
        else:
            return None
    return told


def _line_of(text: str, key: str) -> int:
    """Return the line on which a key is set, as far as line beginnings tell; 0 for none."""
    parts = re.findall(r"[^.\[\]]+", key)
    wanted, home, table, last = parts[-1], parts[0] if len(parts) > 1 else "", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line)
        if head:
            table = head[1]
            last = number if table in {parts[0], wanted} else last
        elif re.match(rf"\s*[\"']?{re.escape(wanted)}[\"']?\s*=", line) and (
            table == home or (home and table.startswith(f"{home}."))
        ):
            return number
    return last
