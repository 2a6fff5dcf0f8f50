"""Trio's words over the heap: what the code of a node means by `trio` while it is simulated."""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self

import trio

from tests.simulation.nodes.loop import (
    SECOND_US,
    Cancelled,
    Loop,
    PowerCut,
    Scope,
    Task,
    Wait,
    is_cancelled,
)

Thread = Callable[[Task, Callable[..., Any]], int]
"""How long a call in a thread takes, in microseconds."""


class Words:
    """The part of trio that a node uses, for one loop."""

    TASK_STATUS_IGNORED = trio.TASK_STATUS_IGNORED
    WouldBlock = trio.WouldBlock
    BrokenResourceError = trio.BrokenResourceError
    EndOfChannel = trio.EndOfChannel
    ClosedResourceError = trio.ClosedResourceError
    Cancelled = Cancelled

    def __init__(self, loop: Loop, thread_us: Thread) -> None:
        self._loop = loop
        self._thread_us = thread_us
        self.Event = partial(Event, loop)
        self.Lock = partial(Lock, loop)
        self.Semaphore = partial(Semaphore, loop)
        self.CancelScope = partial(Scope, loop)
        self.open_nursery = partial(Nursery, loop)
        self.open_memory_channel = _Opening(loop)
        self.lowlevel = self
        self.to_thread = self

    class CapacityLimiter:
        """Threads of the simulation need no number."""

        def __init__(self, count: int) -> None:
            self.count = count

    def current_time(self) -> float:
        """Return seconds since the world began."""
        return self._loop.time_us / SECOND_US

    def move_on_after(self, seconds: float) -> Scope:
        """Return a scope that is cancelled then."""
        return Scope(self._loop, deadline_us=self._loop.time_us + round(seconds * SECOND_US))

    async def checkpoint(self) -> None:
        """Let others run once."""
        await checkpoint(self._loop)

    async def sleep(self, seconds: float) -> None:
        """Wait for a time."""
        loop, task = self._loop, self._loop.task
        loop.after(round(seconds * SECOND_US), loop.wake, task, task.token)
        await Wait(partial(_give_up, task))

    async def sleep_forever(self) -> None:
        """Wait for the end."""
        await Wait(partial(_give_up, self._loop.task))

    async def run_sync(self, call: Callable[..., Any], *given: Any, limiter: Any = None) -> Any:
        """Call something after as long as its thread takes; the wait is not to be cancelled."""
        del limiter
        loop, task = self._loop, self._loop.task
        loop.after(self._thread_us(task, call), self._called, task, call, given)
        return await Wait(None)

    def _called(self, task: Task, call: Callable[..., Any], given: tuple[Any, ...]) -> None:
        if task.ended:
            return
        try:
            answer = call(*given)
        except PowerCut:
            task.process.on_cut()
        except Exception as fault:  # noqa: BLE001 - the caller's, as from a thread
            self._loop.resume(task, None, fault)
        else:
            if not task.ended:
                self._loop.resume(task, answer)


def _give_up(task: Task) -> None:
    task.token += 1


async def checkpoint(loop: Loop) -> None:
    """Let others run once; raises `Cancelled` where a scope is."""
    task = loop.task
    if is_cancelled(task.scope):
        raise Cancelled
    loop.resume(task)
    await Wait(None)


class Event:
    """Something that happens once."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._is_set = False
        self._waiting: dict[Task, int] = {}

    def is_set(self) -> bool:
        """Return whether it has happened."""
        return self._is_set

    def set(self) -> None:
        """Wake all who wait."""
        self._is_set = True
        waiting, self._waiting = self._waiting, {}
        for task, token in waiting.items():
            self._loop.wake(task, token)

    async def wait(self) -> None:
        """Return when it has happened."""
        if self._is_set:
            await checkpoint(self._loop)
            return
        task = self._loop.task
        self._waiting[task] = task.token
        await Wait(partial(self._forget, task))

    def _forget(self, task: Task) -> None:
        self._waiting.pop(task, None)
        task.token += 1


class Semaphore:
    """So many at a time, in the order in which they came."""

    def __init__(self, loop: Loop, count: int) -> None:
        self._loop = loop
        self._free_count = count
        self._waiting: deque[Task] = deque()

    async def __aenter__(self) -> None:
        if self._free_count:
            self._free_count -= 1
            try:
                await checkpoint(self._loop)
            except Cancelled:
                self._release()
                raise
            return
        task = self._loop.task
        self._waiting.append(task)
        await Wait(partial(self._forget, task))

    async def __aexit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        self._release()

    def _release(self) -> None:
        while self._waiting:
            task = self._waiting.popleft()
            if not task.ended:
                self._loop.wake(task, task.token)
                return
        self._free_count += 1

    def _forget(self, task: Task) -> None:
        self._waiting.remove(task)
        task.token += 1


class Lock(Semaphore):
    """One at a time."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop, 1)


class Nursery:
    """Tasks that end before their parent goes on."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.cancel_scope = Scope(loop)
        self._children: dict[Task, None] = {}
        self._faults: list[BaseException] = []
        self._parent: Task | None = None

    async def __aenter__(self) -> Self:
        self.cancel_scope.__enter__()
        return self

    async def __aexit__(self, kind: object, fault: BaseException | None, trace: object) -> bool:
        if isinstance(fault, GeneratorExit | PowerCut):
            return False
        if fault is not None:
            self._failed(fault)
        while self._children:
            self._parent = self._loop.task
            await Wait(None)
        self.cancel_scope.__exit__(None, None, None)
        if self._faults:
            raise self._faults[0]
        return isinstance(fault, Cancelled) and not is_cancelled(self.cancel_scope.parent)

    def start_soon(self, call: Callable[..., Awaitable[Any]], *given: Any) -> None:
        """Begin a task."""
        self._begin(call(*given), self._ended)

    async def start(self, call: Callable[..., Awaitable[Any]], *given: Any) -> Any:
        """Begin a task and wait until it says that it has started."""
        status = _Status(self._loop)

        def ended(task: Task, fault: BaseException | None) -> None:
            if status.has_started:
                self._ended(task, fault)
                return
            self._gone(task)
            status.failed(fault or RuntimeError("a task ended without having started"))

        self._begin(call(*given, task_status=status), ended)
        return await status.wait()

    def _begin(self, coroutine: Any, ended: Callable[[Task, BaseException | None], None]) -> None:
        process = self.cancel_scope.process
        assert process is not None
        task = process.begin(coroutine, self.cancel_scope, ended)
        self._children[task] = None

    def _ended(self, task: Task, fault: BaseException | None) -> None:
        if fault is not None:
            self._failed(fault)
        self._gone(task)

    def _failed(self, fault: BaseException) -> None:
        if not isinstance(fault, Cancelled):
            self._faults.append(fault)
        self.cancel_scope.cancel()

    def _gone(self, task: Task) -> None:
        del self._children[task]
        if not self._children and self._parent is not None:
            parent, self._parent = self._parent, None
            self._loop.resume(parent)


class _Status:
    def __init__(self, loop: Loop) -> None:
        self._event = Event(loop)
        self._value: Any = None
        self._fault: BaseException | None = None
        self.has_started = False

    def started(self, value: Any = None) -> None:
        self.has_started, self._value = True, value
        self._event.set()

    def failed(self, fault: BaseException) -> None:
        self._fault = fault
        self._event.set()

    async def wait(self) -> Any:
        await self._event.wait()
        if self._fault is not None:
            raise self._fault
        return self._value


class _Opening:
    """`open_memory_channel`, with or without the type of what it carries."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def __getitem__(self, kind: object) -> "_Opening":
        return self

    def __call__(self, max_count: float) -> tuple["Channel", "Channel"]:
        channel = Channel(self._loop, max_count)
        return channel, channel


class Channel:
    """Both ends of a channel of one process."""

    def __init__(self, loop: Loop, max_count: float) -> None:
        self._loop = loop
        self._max_count = max_count
        self._held: deque[Any] = deque()
        self._more = Event(loop)
        self._closed = False

    def send_nowait(self, value: Any) -> None:
        """Put something in. Raises `WouldBlock` when it is full."""
        if len(self._held) >= self._max_count:
            raise trio.WouldBlock
        self._held.append(value)
        self._more.set()

    def close(self) -> None:
        """End it: who reads what is held is told after."""
        self._closed = True
        self._more.set()

    def receive_nowait(self) -> Any:
        """Return the next. Raises `WouldBlock` for none yet, `EndOfChannel` for none any more."""
        if self._held:
            return self._held.popleft()
        raise trio.EndOfChannel if self._closed else trio.WouldBlock

    async def receive(self) -> Any:
        """Return the next, when there is one. Raises `EndOfChannel`."""
        if self._held or self._closed:
            await checkpoint(self._loop)
        while not self._held:
            if self._closed:
                raise trio.EndOfChannel
            self._more = Event(self._loop)
            await self._more.wait()
        return self._held.popleft()

    def __aiter__(self) -> "Channel":
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.receive()
        except trio.EndOfChannel:
            raise StopAsyncIteration from None
