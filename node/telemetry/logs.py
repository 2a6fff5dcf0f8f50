"""Set up the log of the process: key=value for people, one JSON object a line for the file.

DEBUG is for us; INFO is a fact per block at most; WARNING means somebody can do something;
ERROR means a part is down; CRITICAL is said just before stopping.  Lines of other libraries
pass through the same two outlets, from WARNING on, so that nothing prints beside the log.

Source: docs/specs/telemetry.md, TELE-001 to TELE-004.
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

FIRST_FIELDS = ("height", "view", "peer", "transaction")
"""Always first and in this order, so that the eye finds them in the same place of each line."""

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

OURS = "novation"
"""Our own lines keep the level that was asked for; those of other libraries start at WARNING."""

# Says the same fault many times a second while a peer is away; the observer tells it once.
_SILENT_BELOW_ERROR = ("libp2p", "async_service", "multiaddr", "trio-websocket", "zeroconf")

Log = structlog.stdlib.BoundLogger
_Line = MutableMapping[str, Any]


def log_of(part: str) -> Log:
    """Return the log of one part of the node; may be called before `set_up`."""
    return structlog.stdlib.get_logger(f"{OURS}.{part}")


def set_up(
    file: Path | None = None,
    *,
    level: str = "info",
    console: TextIO | None = None,
    console_format: str = "text",
) -> logging.Handler | None:
    """Send every line of the process to the console and to the end of a file.

    Returns the file's handler, for whoever closes it, or None without a file.  An existing
    file is appended to.  `console_format` is `text` or `json`; the file is always objects.
    May be called again: the outlets are replaced.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    stream = console if console is not None else sys.stderr
    outlets: list[logging.Handler] = [logging.StreamHandler(stream)]
    as_objects = structlog.processors.JSONRenderer()
    outlets[0].setFormatter(_formatter(as_objects if console_format == "json" else _key_values))
    to_file = None
    if file is not None:
        to_file = logging.FileHandler(file, mode="a", encoding="utf-8")
        to_file.setFormatter(_formatter(as_objects))
        outlets.append(to_file)
    root = logging.getLogger()
    for outlet in list(root.handlers):
        root.removeHandler(outlet)
    for outlet in outlets:
        root.addHandler(outlet)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(LEVELS[level])
    for name in _SILENT_BELOW_ERROR:
        logging.getLogger(name).setLevel(logging.ERROR)
    return to_file


def _shared() -> list[Any]:
    """Return what is done to every line, ours or not."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _add_part,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        _in_order,
    ]


def _formatter(renderer: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _add_part(logger: Any, _method: str, line: _Line) -> _Line:
    """Name the part that speaks: `consensus` for `novation.consensus`."""
    record = line.get("_record")
    name = record.name if record is not None else getattr(logger, "name", "")
    line["part"] = (name or "").removeprefix(OURS + ".")
    return line


def _in_order(_logger: Any, _method: str, line: _Line) -> _Line:
    """Put the fields in the order of the house: time, level, part, event, place, the rest."""
    head = ("time", "level", "part", "event", *FIRST_FIELDS)
    ordered = {key: line[key] for key in head if key in line}
    ordered.update((key, _plain(value)) for key, value in line.items() if key not in ordered)
    return ordered


def _plain(value: Any) -> Any:
    """Return bytes as hex: a root or an id is read, never decoded, by an operator."""
    return "0x" + value.hex() if isinstance(value, bytes) else value


def _key_values(_logger: Any, _method: str, line: _Line) -> str:
    """Return one line for people, with a traceback below it if there is one."""
    moment = str(line.pop("time", ""))[11:23]
    level = str(line.pop("level", "")).upper()
    part = str(line.pop("part", ""))
    event = str(line.pop("event", ""))
    trace = line.pop("exception", None)
    fields = " ".join(f"{key}={_quoted(value)}" for key, value in line.items())
    told = f"{moment} {level:<8} {part:<12} {event}  {fields}".rstrip()
    return f"{told}\n{trace}" if trace else told


def _quoted(value: object) -> str:
    """Return the value so that the line can be split at spaces again."""
    text = str(value)
    if text and not any(sign.isspace() or sign in '"=' for sign in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
