"""A loop of coroutines whose time is a heap and whose dice is a seed.

The code of a node awaits trio's words; `words.py` gives them this meaning. Runnable tasks run in
batches, shuffled by the seed, as trio shuffles them by dice of its own; everything else that
happens is an entry of one heap. A process can end between any two steps of its tasks, or inside
a call to its disk, and then nothing of it runs any more, not even its handlers.
"""

import heapq
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Self

SECOND_US = 1_000_000


class Cancelled(BaseException):
    """A scope around the task that waits was cancelled."""


class PowerCut(BaseException):
    """The machine lost power inside this call."""


class Wait:
    """What a task yields: how to take its waiting back, None where it cannot be."""

    __slots__ = ("abort",)

    def __init__(self, abort: Callable[[], None] | None) -> None:
        self.abort = abort

    def __await__(self) -> Any:
        return (yield self)


class Scope:
    """A cancel scope of one task and of all tasks begun inside it."""

    def __init__(
        self, loop: "Loop", *, deadline_us: int | None = None, shield: bool = False
    ) -> None:
        self.loop = loop
        self.deadline_us = deadline_us
        self.shield = shield
        self.cancel_called = False
        self.parent: Scope | None = None
        self.process: Process | None = None
        self.closed = False

    def __enter__(self) -> Self:
        task = self.loop.task
        self.parent, task.scope, self.process = task.scope, self, task.process
        if self.deadline_us is not None:
            self.loop.at(max(self.deadline_us, self.loop.time_us), self.cancel)
        return self

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> bool:
        self.closed = True
        if not isinstance(fault, GeneratorExit | PowerCut):
            self.loop.task.scope = self.parent
        return self.cancel_called and isinstance(fault, Cancelled) and not is_cancelled(self.parent)

    def cancel(self) -> None:
        """Wake everybody who waits inside, with `Cancelled`."""
        if self.closed or self.cancel_called:
            return
        self.cancel_called = True
        assert self.process is not None
        for task in list(self.process.tasks):
            task.hear_cancel()


def is_cancelled(scope: Scope | None) -> bool:
    """Return whether a scope, or one around it as far as none shields it, was cancelled."""
    while scope is not None:
        if scope.cancel_called:
            return True
        if scope.shield:
            return False
        scope = scope.parent
    return False


class Task:
    """One coroutine of one process."""

    __slots__ = ("abort", "coroutine", "ended", "next", "on_end", "process", "scope", "token")

    def __init__(
        self,
        process: "Process",
        coroutine: Coroutine[Wait, Any, Any],
        scope: Scope | None,
        on_end: Callable[["Task", BaseException | None], None],
    ) -> None:
        self.process = process
        self.coroutine = coroutine
        self.scope = scope
        self.on_end = on_end
        self.next: tuple[Any, BaseException | None] = (None, None)
        self.abort: Callable[[], None] | None = None
        self.token = 0
        """Grows with every wait, so that a late waking is known for what it is."""
        self.ended = False

    def hear_cancel(self) -> None:
        """Take the waiting back, if a scope around it is cancelled and it can be."""
        if self.abort is not None and is_cancelled(self.scope):
            abort, self.abort = self.abort, None
            abort()
            self.process.loop.resume(self, None, Cancelled())


class Process:
    """All tasks of one machine from one start to its end."""

    def __init__(self, loop: "Loop", name: str) -> None:
        self.loop = loop
        self.name = name
        self.tasks: dict[Task, None] = {}
        self.alive = True
        self.on_cut: Callable[[], None] = lambda: None
        """Told when the power went inside a call to the disk."""

    def begin(
        self,
        coroutine: Coroutine[Wait, Any, Any],
        scope: Scope | None,
        on_end: Callable[[Task, BaseException | None], None],
    ) -> Task:
        """Begin a task; it runs with the next batch."""
        task = Task(self, coroutine, scope, on_end)
        self.tasks[task] = None
        self.loop.resume(task)
        return task

    def kill(self) -> None:
        """End all tasks where they stand: nothing of them runs any more."""
        if not self.alive:
            return
        self.alive = False
        for task in list(self.tasks):
            task.ended = True
            if task is not self.loop.running:
                # Handlers that would wait are ended where they would, and what they say is lost.
                with self.loop.as_running(task):
                    task.coroutine.close()
        self.tasks.clear()


class Loop:
    """Time, the heap, and the tasks that can run now."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.time_us = 0
        self.heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.count = 0
        self.steps_count = 0
        self.ready: list[Task] = []
        self.running: Task | None = None

    @property
    def task(self) -> Task:
        """The task that runs now."""
        assert self.running is not None, "asked outside a task"
        return self.running

    def as_running(self, task: Task) -> "_Running":
        """Return a context in which this task is the one that runs."""
        return _Running(self, task)

    # --- time -------------------------------------------------------------------------------

    def at(self, time_us: int, act: Callable[..., None], *given: Any) -> None:
        """Have something happen at a time, after all that was asked for the same moment."""
        assert time_us >= self.time_us
        self.count += 1
        heapq.heappush(self.heap, (time_us, self.count, act, given))

    def after(self, delay_us: int, act: Callable[..., None], *given: Any) -> None:
        """Have something happen later."""
        self.at(self.time_us + delay_us, act, *given)

    def pause(self, us: int) -> None:
        """Let time pass in which nothing runs: what fell due meanwhile happens at its end."""
        self.time_us += us

    def run(self, until_us: int, done: Callable[[], bool] | None = None) -> bool:
        """Let things happen up to a time, or until something holds; return whether it does."""
        self._run_ready()
        while self.heap and self.heap[0][0] <= until_us:
            due_us, _, act, given = heapq.heappop(self.heap)
            self.time_us = max(self.time_us, due_us)
            act(*given)
            self._run_ready()
            if done is not None and done():
                return True
        self.time_us = max(self.time_us, until_us)
        return done is not None and done()

    # --- tasks ------------------------------------------------------------------------------

    def resume(self, task: Task, value: Any = None, fault: BaseException | None = None) -> None:
        """Let a task go on with the next batch, with a value or a fault."""
        task.next = (value, fault)
        task.abort = None
        self.ready.append(task)

    def wake(self, task: Task, token: int, value: Any = None) -> None:
        """Let a task go on if it still waits for what this is about."""
        if not task.ended and task.token == token:
            task.token += 1
            self.resume(task, value)

    def _run_ready(self) -> None:
        while self.ready:
            batch, self.ready = self.ready, []
            if len(batch) > 1:
                self.rng.shuffle(batch)
            for task in batch:
                if not task.ended:
                    self._step(task)

    def _step(self, task: Task) -> None:
        self.steps_count += 1
        value, fault = task.next
        process = task.process
        self.running = task
        try:
            wait = task.coroutine.send(value) if fault is None else task.coroutine.throw(fault)
        except StopIteration:
            self._end(task, None)
        except PowerCut:
            process.on_cut()
        except Cancelled as cancelled:
            self._end(task, cancelled)
        except Exception as failed:  # noqa: BLE001 - whoever began the task is told
            self._end(task, failed)
        else:
            if task.ended:  # the process was killed by what it did itself
                task.coroutine.close()
                return
            task.abort = wait.abort
            task.hear_cancel()
        finally:
            self.running = None

    def _end(self, task: Task, fault: BaseException | None) -> None:
        task.ended = True
        task.process.tasks.pop(task, None)
        if task.process.alive:
            task.on_end(task, fault)


class _Running:
    def __init__(self, loop: Loop, task: Task) -> None:
        self._loop = loop
        self._task = task
        self._before: Task | None = None

    def __enter__(self) -> None:
        self._before, self._loop.running = self._loop.running, self._task

    def __exit__(self, *given: object) -> None:
        self._loop.running = self._before
