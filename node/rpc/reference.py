"""Write the reference page of the interface from its declarations.

`python -m node.rpc.reference` writes docs/reference/rpc.md; a test compares.

Source: docs/specs/rpc.md, RPC-044.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chain.kit.reason import Reason
from chain.machine.application import Application
from derivatives.registry import REGISTRY
from node.mempool.reasons import MEMPOOL
from node.rpc.hints import hint_for
from node.rpc.method import Method
from node.rpc.methods.every import ALWAYS, ON_DEVELOPMENT_CHAINS
from node.rpc.openrpc import document
from node.rpc.reasons import LIMITS, LOOKUP

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "rpc.md"

HEAD = """# JSON-RPC

Written by `python -m node.rpc.reference` from the declarations in `node/rpc/methods`; do not edit.
How calls, errors and subscriptions work is in `docs/specs/rpc.md`; the same as a document for
programs is `rpc.discover`, or `GET /openrpc.json`.

Parameters are given by name or in this order; unknown ones are refused. A parameter with `=` may
be left out.
"""


def page() -> str:
    """Return the text of docs/reference/rpc.md."""
    methods = sorted((*ALWAYS, *ON_DEVELOPMENT_CHAINS), key=lambda method: method.name)
    described = document(methods)
    parts = [HEAD, _contents(methods), "## Methods\n"]
    parts += [
        _method_text(method, shape)
        for method, shape in zip(methods, described["methods"], strict=True)
    ]
    schemas = described["components"]["schemas"]
    parts += ["## Objects\n", *(_object_text(name, schemas[name]) for name in _shown(schemas))]
    parts += ["## Errors\n", _errors_text(described["components"]["errors"])]
    return "\n".join(parts)


def _contents(methods: Iterable[Method]) -> str:
    rows = [f"| `{method.name}` | {method.sentence} |" for method in methods]
    return "\n".join(["| method | gives |", "|---|---|", *rows, ""])


def _method_text(method: Method, shape: dict[str, Any]) -> str:
    parameters = ", ".join(_parameter(one) for one in shape["params"]) or "nothing"
    lines = [f"### `{method.name}`\n", method.sentence]
    if method.explanation:
        lines += ["", method.explanation]
    lines += ["", f"Takes: {parameters}  ", f"Gives: {_type_text(shape['result']['schema'])}"]
    if method.refusals:
        lines[-1] += "  "
        lines.append("Refuses: " + ", ".join(f"`{slug}`" for slug in method.refusals))
    if method.loopback_only:
        lines[-1] += "  "
        lines.append("Served to this machine alone.")
    return "\n".join([*lines, ""])


def _parameter(parameter: dict[str, Any]) -> str:
    name, schema = parameter["name"], parameter["schema"]
    default = parameter.get("x-default")
    if parameter["required"]:
        return f"`{name}` ({_type_text(schema)})"
    return f"`{name}` = {'nothing' if default is None else f'`{default}`'} ({_type_text(schema)})"


def _type_text(schema: dict[str, Any]) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type_text(part) for part in schema["anyOf"]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type_text(schema.get('items', {}))}"
    return str(schema.get("description", kind))


def _shown(schemas: dict[str, Any]) -> list[str]:
    """Return the objects that answers are made of; parameters stand with their methods."""
    parameters = {method.parameters.__name__ for method in (*ALWAYS, *ON_DEVELOPMENT_CHAINS)}
    return sorted(name for name in schemas if name not in parameters)


def _object_text(name: str, schema: dict[str, Any]) -> str:
    rows = [f"| `{field}` | {_type_text(part)} |" for field, part in schema["properties"].items()]
    sentence = str(schema.get("description", "")).partition("\n")[0]
    return "\n".join([f"### {name}\n", sentence, "", "| field | is |", "|---|---|", *rows, ""])


def _errors_text(envelope: dict[str, Any]) -> str:
    rows = ["| code | reason | says | facts | what to do |", "|---|---|---|---|---|"]
    rows += [
        f"| {error['code']} | `{reason}` | {error['message']} | | {error['data']['hint']} |"
        for reason, error in envelope.items()
    ]
    rows += [_reason_row(reason) for reason in sorted(every_reason(), key=lambda one: one.code)]
    return "\n".join([*rows, ""])


def every_reason() -> list[Reason]:
    """Return every reason that a call can be refused for, but for the node's own faults."""
    own = [reason for area in (MEMPOOL, LOOKUP, LIMITS) for reason in area.reasons]
    return [*Application(REGISTRY).reasons, *own]


def _reason_row(reason: Reason) -> str:
    facts = ", ".join(f"`{fact}`" for fact in reason.facts)
    return (
        f"| {reason.code} | `{reason.slug}` | {reason.sentence} | {facts} "
        f"| {hint_for(reason.slug)} |"
    )


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
