"""Declare a method once: its name, what it takes, what it gives, and the sentence that says so.

A method is a typed function of a call and one struct.  Validation, `rpc.discover` and
`docs/reference/rpc.md` are read from that declaration; nothing is written twice.

Source: docs/specs/rpc.md, RPC-040 to RPC-044.
"""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec import Struct

from node.rpc.errors import ParametersInvalid

if TYPE_CHECKING:
    from node.services import Services


PLACE = re.compile(r"(.*) - at `\$\.([a-z0-9_]+)`", re.DOTALL)
"""How a parameter of the wrong form is told: what is wrong with it, and which one it is."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a method, by name or in this order; unknown ones are refused."""


class NoParameters(Parameters, frozen=True):
    """A method that takes nothing."""


class Answer(Struct, frozen=True):
    """What a method gives. More fields may come; none of these goes."""


class Session(Protocol):
    """The WebSocket that a call came over: where subscriptions live."""

    async def subscribe(self, topic: str, from_seq: int | None) -> tuple[str, int]:
        """Return the name of a new subscription, and the last sequence number before it."""
        ...

    def unsubscribe(self, subscription: str) -> bool:
        """End a subscription and return whether there was one."""
        ...


@dataclass(frozen=True)
class Caller:
    """Who asks, as far as the door knows."""

    address: str
    loopback: bool
    session: Session | None = None
    """None for a POST."""


@dataclass(frozen=True)
class Call:
    """What every method is given beside its parameters."""

    services: "Services"
    caller: Caller
    methods: "Sequence[Method]"
    """Every method that this node serves to this caller."""


Handler = Callable[[Call, Any], Awaitable[Any]]


@dataclass(frozen=True)
class Method:
    """One method: declared by the decorator below, served by `node.rpc.dispatch`."""

    name: str
    handler: Handler
    parameters: type[Parameters]
    answer: Any
    sentence: str
    explanation: str
    weight: int
    loopback_only: bool
    refusals: tuple[str, ...]
    is_prompt: bool = False
    """It waits for nothing that happens later, so a batch runs it in its place without a task."""

    def read(self, given: dict[str, Any] | list[Any]) -> Parameters:
        """Return the parameters as their struct.

        Refuses: ParametersInvalid, with the place, for anything unknown, missing or of another
        form; and for more positions than there are parameters.
        """
        names = self.parameters.__struct_fields__
        if isinstance(given, list):
            if len(given) > len(names):
                raise ParametersInvalid(
                    f"{self.name} takes {len(names)} parameters, {len(given)} were given",
                    expected_count=len(names),
                    got_count=len(given),
                )
            given = dict(zip(names, given, strict=False))
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ParametersInvalid(
                f"{self.name} has no parameter {unknown[0][:64]!r}",
                unknown=unknown[0][:64],
                known=list(names),
            )
        try:
            return msgspec.convert(given, self.parameters)
        except msgspec.ValidationError as fault:
            raise self._misread(str(fault)) from fault

    def _misread(self, said: str) -> ParametersInvalid:
        """Return the refusal of a parameter: which one, and what it is in words."""
        found = PLACE.fullmatch(said)
        if found is None:
            return ParametersInvalid(f"{self.name}: {said}"[:400])
        what, place = found.groups()
        schema = msgspec.json.schema(self.parameters)
        properties = schema["$defs"][self.parameters.__name__]["properties"]
        meant = meant_by(properties.get(place, {}))
        if meant and what.startswith(("Expected `str` matching", "Invalid enum value")):
            what = f"not {meant}"
        return ParametersInvalid(f"{self.name}: {place}: {what}"[:400], field=place)


def meant_by(schema: Mapping[str, Any]) -> str:
    """Return in words what a parameter may be, as far as its declaration says.

    >>> meant_by({"anyOf": [{"enum": ["1m", "1h"]}, {"type": "null"}]}), meant_by({})
    ('one of 1m, 1h', '')
    """
    for form in (schema, *schema.get("anyOf", ())):
        if "enum" in form:
            return f"one of {', '.join(str(value) for value in form['enum'])}"
        if "description" in form:
            return str(form["description"])
    return ""


def method(
    name: str,
    *,
    weight: int = 1,
    loopback_only: bool = False,
    refusals: Sequence[str] = (),
    is_prompt: bool = False,
) -> Callable[[Handler], Method]:
    """Return the decorator that makes a typed function a method.

    The function is `async def (call: Call, asked: SomeParameters) -> SomeAnswer`; its docstring
    is the documentation.  `weight` is what a call costs of the caller's rate; `refusals` are
    reasons of this method beside those that any state question has; `is_prompt` is said of one
    that waits for nothing that happens later.
    """

    def declare(function: Handler) -> Method:
        hints = typing.get_type_hints(function, include_extras=True, localns={"Services": Any})
        text = inspect.getdoc(function)
        assert text, f"{name}: a method says what it gives"
        sentence, _, rest = text.partition("\n")
        asked = hints[list(inspect.signature(function).parameters)[1]]
        assert isinstance(asked, type), f"{name}: the second argument has a type"
        assert issubclass(asked, Parameters), f"{name}: it is a struct of Parameters"
        assert "return" in hints, f"{name}: the answer has a type"
        return Method(
            name=name,
            handler=function,
            parameters=asked,
            answer=hints["return"],
            sentence=sentence.strip(),
            explanation=rest.strip(),
            weight=weight,
            loopback_only=loopback_only,
            refusals=tuple(refusals),
            is_prompt=is_prompt,
        )

    return declare
