"""Make the OpenRPC document from the declarations of the methods.

Source: docs/specs/rpc.md, RPC-042 to RPC-044.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from node.rpc.errors import ENVELOPE_ERRORS
from node.rpc.method import Method

OPENRPC_VERSION = "1.3.2"
_REFERENCE = "#/components/schemas/{name}"


@cache
def version_of_program() -> str:
    """Return the version of this program, `0` in a tree that was never installed.

    Read once: the package's metadata is a file, and every status names the version.
    """
    try:
        return version("novation")
    except PackageNotFoundError:
        return "0"


def document(methods: Sequence[Method]) -> dict[str, Any]:
    """Return the OpenRPC document of these methods, in the order of their names."""
    ordered = sorted(methods, key=lambda method: method.name)
    types = [part for method in ordered for part in (method.parameters, method.answer)]
    shapes, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    pairs = zip(ordered, shapes[::2], shapes[1::2], strict=True)
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {
            "title": "Novation",
            "version": version_of_program(),
            "description": "A node of a proof-of-authority chain that is a clearing house.",
        },
        "methods": [
            _method_shape(method, components[_named(parameters)], answer)
            for method, parameters, answer in pairs
        ],
        "components": {
            "schemas": dict(sorted(components.items())),
            "errors": {error.REASON: _envelope_error(error) for error in ENVELOPE_ERRORS},
        },
    }


def _named(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _method_shape(method: Method, own: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    required = set(own.get("required", ()))
    return {
        "name": method.name,
        "summary": method.sentence,
        "description": method.explanation,
        "paramStructure": "either",
        "params": [
            {
                "name": name,
                "required": name in required,
                "schema": {key: part for key, part in schema.items() if key != "default"},
                **({"x-default": schema["default"]} if schema.get("default") is not None else {}),
            }
            for name, schema in own["properties"].items()
        ],
        "result": {"name": "result", "schema": answer},
        "errors": [{"$ref": f"#/components/errors/{error.REASON}"} for error in ENVELOPE_ERRORS],
        "x-refusals": list(method.refusals),
        "x-limits": {"weight": method.weight, "loopback_only": method.loopback_only},
    }


def _envelope_error(error: Any) -> dict[str, Any]:
    return {
        "code": error.CODE,
        "message": (error.__doc__ or "").strip().partition("\n")[0],
        "data": {"code": error.CODE, "reason": error.REASON, "facts": {}, "hint": error.HINT},
    }
