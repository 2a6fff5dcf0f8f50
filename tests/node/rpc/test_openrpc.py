"""The interface as a document. Criteria: RPC-042 to RPC-044 of docs/specs/rpc.md.

That real answers fit it is proven by every test that uses the fixture `call`.
"""

from typing import Any

import pytest

from node.rpc.methods.every import ALWAYS, ON_DEVELOPMENT_CHAINS
from node.rpc.openrpc import OPENRPC_VERSION, document, version_of_program
from tests.node.rpc.conftest import KNOWN_WORDS, METHODS, faults_of

METHODS_OF_A_NODE = (*ALWAYS, *ON_DEVELOPMENT_CHAINS)


def references_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references_in(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references_in(part) for part in value))
    return set()


def test_every_method_is_described_once_in_order() -> None:
    described = document(METHODS_OF_A_NODE)

    names = [method["name"] for method in described["methods"]]
    assert sorted(method.name for method in METHODS_OF_A_NODE) == names
    assert OPENRPC_VERSION == described["openrpc"]
    assert all(
        method["summary"].endswith((".", ":")) or method["summary"]
        for method in described["methods"]
    )


def test_every_reference_leads_somewhere() -> None:
    described = document(METHODS_OF_A_NODE)

    for reference in references_in(described):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_a_parameter_is_required_or_has_a_default() -> None:
    (shape,) = document(METHODS[:1])["methods"]

    assert [("text", True), ("times", False)] == [
        (one["name"], one["required"]) for one in shape["params"]
    ]
    assert 1 == shape["params"][1]["x-default"]
    assert {"type": "string"} == shape["result"]["schema"]


def test_schemas_use_only_words_that_readers_of_draft_7_know() -> None:
    def words(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*(words(part) for part in schema))
        if not isinstance(schema, dict):
            return set()
        found = set(schema)
        for key in ("properties", "$defs"):
            found = found.union(*(words(part) for part in schema.get(key, {}).values()))
        return found.union(*(words(schema[key]) for key in ("items", "anyOf") if key in schema))

    schemas = document(METHODS_OF_A_NODE)["components"]["schemas"]

    assert set().union(*(words(schema) for schema in schemas.values())) <= KNOWN_WORDS | {
        "$ref",
        "anyOf",
    }


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (7, {"type": "string"}),
        (True, {"type": "integer"}),
        ("x", {"type": "string", "pattern": "^y$"}),
        ({}, {"type": "object", "required": ["a"]}),
        ([7], {"type": "array", "items": {"type": "string"}}),
        (None, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"a": 7}, {"type": "object", "properties": {"a": {"type": "null"}}}),
    ],
)
def test_the_validator_of_these_tests_finds_what_is_wrong(value: Any, schema: Any) -> None:
    assert faults_of(value, schema, {})


def test_the_program_knows_its_version() -> None:
    assert version_of_program()


TEXT_UNITS = ("quantums", "lots", "ticks", "e8", "e9", "e18", "height", "epoch", "view", "sequence")
NUMBER_UNITS = ("ms", "ppm", "count", "bytes", "index", "lane", "code", "port")


def kinds_of(schema: dict[str, Any]) -> set[str]:
    kind = schema.get("type", "any")
    either = set().union(*(kinds_of(part) for part in schema.get("anyOf", ())))
    return (either or {kind} if isinstance(kind, str) else set(kind)) - {"null"}


def test_the_unit_of_a_number_says_whether_an_answer_writes_it_as_text() -> None:
    """RPC-060: what a double cannot hold is a string, everything else a number."""
    schemas = document(METHODS_OF_A_NODE)["components"]["schemas"]
    blobs = {"sign_bytes"}  # the bytes themselves, not how many
    wrong = [
        (owner, name)
        for owner, schema in schemas.items()
        for name, field in schema.get("properties", {}).items()
        if name not in blobs
        for unit in [name.rpartition("_")[2]]
        if (unit in TEXT_UNITS and "integer" in kinds_of(field) and "string" not in kinds_of(field))
        or (unit in NUMBER_UNITS and kinds_of(field) == {"string"})
    ]

    assert [] == wrong
