"""From the bytes of a request to the bytes of its answer: JSON-RPC 2.0, single or batch.

Source: docs/specs/rpc.md, RPC-020 to RPC-026.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trio

from node.clock import Clock
from node.naming.near import near_name
from node.rpc import limits, strict_json
from node.rpc.errors import InternalFault, MethodUnknown, RequestInvalid, RpcError
from node.rpc.guard import Defect, run_guarded
from node.rpc.method import Call, Caller, Method
from node.rpc.rate import Rate
from node.rpc.reasons import RATE_EXCEEDED
from node.rpc.refusals import REFUSING, refused, translated
from node.telemetry.logs import Log, log_of
from node.telemetry.metrics import RPC_CALLS, RPC_SECONDS

if TYPE_CHECKING:
    from node.services import Services

_NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Reply:
    """The bytes to send back, or None when nobody waits for any."""

    data: bytes | None
    retry_after_ms: int = 0
    """More than 0: every call was refused for its rate, and may be repeated after this."""


@dataclass(frozen=True)
class _Request:
    id: str | int | None
    is_notification: bool
    method: str
    parameters: dict[str, Any] | list[Any]


class Dispatcher:
    """Finds the method, reads its parameters, runs it, and shapes what came of it."""

    def __init__(
        self,
        services: "Services",
        methods: Iterable[Method],
        clock: Clock,
        *,
        batch_max_count: int,
        rate: Rate | None = None,
        log: Log | None = None,
    ) -> None:
        self._services = services
        self._methods = {method.name: method for method in methods}
        ordered = [method for _, method in sorted(self._methods.items())]
        self._methods_here = tuple(ordered)
        self._methods_away = tuple(one for one in ordered if not one.loopback_only)
        self._clock = clock
        self._batch_max_count = batch_max_count
        self._rate = rate if rate is not None else Rate()
        self._log = log if log is not None else log_of("rpc")

    def methods_for(self, caller: Caller) -> Sequence[Method]:
        """Return what this caller may call, by name."""
        return self._methods_here if caller.loopback else self._methods_away

    async def reply(self, body: bytes, caller: Caller) -> Reply:
        """Return the answer to one request or one batch. Never raises but for cancellation."""
        try:
            if len(body) > limits.PARSE_INLINE_BYTES_MAX:
                asked = await trio.to_thread.run_sync(strict_json.read, body)
            else:
                asked = strict_json.read(body)
            if isinstance(asked, list):
                return await self._reply_to_batch(asked, caller)
        except RpcError as fault:
            RPC_CALLS.labels("none", str(fault.code)).inc()
            return Reply(strict_json.write(_failed(None, fault)))
        shape, wait_ms = await self._reply_to_one(asked, caller)
        return Reply(None if shape is None else self._written(shape), wait_ms)

    async def _reply_to_batch(self, asked: list[Any], caller: Caller) -> Reply:
        """Return the answers in the order of the requests, notifications left out."""
        if not asked:
            raise RequestInvalid("an empty batch asks nothing")
        if len(asked) > self._batch_max_count:
            raise RequestInvalid(
                f"a batch has at most {self._batch_max_count} calls, not {len(asked)}",
                batch_max_count=self._batch_max_count,
                got_count=len(asked),
            )
        shapes: list[dict[str, Any] | None] = [None] * len(asked)
        waits_ms = [0] * len(asked)

        async def run(place: int) -> None:
            shapes[place], waits_ms[place] = await self._reply_to_one(asked[place], caller)

        are_prompt = [len(asked) == 1 or self._is_prompt(one) for one in asked]
        if all(are_prompt):
            for place in range(len(asked)):
                await run(place)
        else:
            async with trio.open_nursery() as nursery:
                for place, is_prompt in enumerate(are_prompt):
                    if not is_prompt:
                        nursery.start_soon(run, place)
                for place, is_prompt in enumerate(are_prompt):
                    if is_prompt:
                        await run(place)
        answered = [shape for shape in shapes if shape is not None]
        wait_ms = min(waits_ms)
        return Reply(self._written(answered) if answered else None, wait_ms)

    async def _reply_to_one(self, asked: Any, caller: Caller) -> tuple[dict[str, Any] | None, int]:
        """Return the response object, None for a notification, and how long to wait if refused."""
        started_ns = self._clock.stopwatch_ns()
        try:
            request = _request_of(asked)
        except RpcError as fault:
            RPC_CALLS.labels("none", str(fault.code)).inc()
            return _failed(_id_of(asked), fault), 0
        method, wait_ms, code = None, 0, 0
        shape: dict[str, Any]
        try:
            method = self._method(request.method, caller)
            wait_ms = self._pay(method, caller)
            result = await self._run(method, request.parameters, caller)
            shape = {"jsonrpc": "2.0", "id": request.id, "result": result}
        except RpcError as fault:
            code = fault.code
            shape = _failed(request.id, fault)
            if code == RATE_EXCEEDED.code:
                wait_ms = int(str(fault.facts["retry_after_ms"]))
        name = method.name if method is not None else "unknown"
        RPC_CALLS.labels(name, str(code)).inc()
        seconds = (self._clock.stopwatch_ns() - started_ns) / _NS_PER_SECOND
        RPC_SECONDS.labels(name).observe(seconds)
        return (None if request.is_notification else shape), wait_ms

    def _is_prompt(self, asked: Any) -> bool:
        """Whether a call of a batch needs no task of its own, since it waits for nothing."""
        name = asked.get("method") if isinstance(asked, dict) else None
        method = self._methods.get(name) if isinstance(name, str) else None
        return method is not None and method.is_prompt

    def _method(self, name: str, caller: Caller) -> Method:
        """Return the method of this name, or refuse and say which one was meant."""
        method = self._methods.get(name)
        if method is not None and (caller.loopback or not method.loopback_only):
            return method
        known = [known.name for known in self.methods_for(caller)]
        meant = near_name(name, known) or None
        raise MethodUnknown(
            f"no method {name[:64]!r}" + (f"; did you mean {meant!r}?" if meant else ""),
            did_you_mean=meant,
        )

    def _pay(self, method: Method, caller: Caller) -> int:
        """Take the call's weight from its caller; loopback is exempt."""
        if not caller.loopback:
            wait_ms = self._rate.take(caller.address, method.weight, self._clock.monotonic_ms())
            if wait_ms:
                raise refused(RATE_EXCEEDED, retry_after_ms=wait_ms)
        return 0

    async def _run(self, method: Method, given: dict[str, Any] | list[Any], caller: Caller) -> Any:
        """Return the method's result; whatever else it raises is a refusal or our defect."""
        asked = method.read(given)
        call = Call(self._services, caller, self.methods_for(caller))

        async def work() -> object:
            try:
                return await method.handler(call, asked)
            except RpcError as fault:
                return fault
            except REFUSING as fault:
                return translated(fault)

        outcome = await run_guarded(self._log, method.name, work)
        if isinstance(outcome, RpcError):
            raise outcome
        if isinstance(outcome, Defect):
            raise InternalFault("a defect of this node; nothing is known of the call's effect")
        return outcome

    def _written(self, shape: object) -> bytes:
        return strict_json.write(shape)


def _request_of(asked: Any) -> _Request:
    """Return the parts of a request object.

    Refuses: RequestInvalid, saying which part.
    """
    if not isinstance(asked, dict):
        raise RequestInvalid("a request is an object")
    if asked.get("jsonrpc") != "2.0":
        raise RequestInvalid('a request says "jsonrpc": "2.0"')
    name = asked.get("method")
    if not isinstance(name, str):
        raise RequestInvalid('a request names its "method"')
    if "id" in asked and not _is_id(asked["id"]):
        raise RequestInvalid('an "id" is a string, an integer or null')
    parameters = asked.get("params", {})
    if not isinstance(parameters, dict | list):
        raise RequestInvalid('"params" are an object by name or an array in order')
    return _Request(asked.get("id"), "id" not in asked, name, parameters)


def _is_id(value: Any) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _id_of(asked: Any) -> str | int | None:
    """Return the id to answer a broken request with: its own if it has one that can be used."""
    if isinstance(asked, dict) and _is_id(asked.get("id")):
        return asked.get("id")
    return None


def _failed(identity: str | int | None, fault: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identity, "error": fault.shape()}
