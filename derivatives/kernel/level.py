"""Whether the kernel answers in this process, for whoever asks it."""

from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `novation version` asks for the kernel alone, and loads no records for it
    from chain.kit.module import Quick

try:
    from derivatives.kernel import native
except ImportError:  # built without a compiler: the twin answers, slower and alike
    native = None  # type: ignore[assignment]

REVISION = 5
"""Of the kernel that this Python speaks to: one built from other sources is not asked."""

kernel: ModuleType | None = native if getattr(native, "REVISION", 0) == REVISION else None


def learn(*known: Any) -> bool:
    """Tell the kernel what records and tables are, and return whether it is in use from here on.

    It is not where a record has other fields than it knows: then the twin answers everything.
    """
    global kernel  # noqa: PLW0603 - one kernel a process, and whoever asks it asks here
    if kernel is None:
        return False
    try:
        lacking = kernel.learn(*known)
    except (AttributeError, ImportError, ValueError):
        lacking = "a record as it is now"
    if lacking is not None:
        kernel = None
    return kernel is not None


def health(state: Any, account: str) -> Any:
    """Return how an account stands, None where the twin is to say."""
    return None if kernel is None else kernel.health(state, account)


def unsure(state: Any, holders: Iterable[str]) -> Iterable[str]:
    """Return of these holders, in their order, those whose margin the twin is to look at.

    The others are accounts that nothing refuses as they stand, whatever they did before.
    """
    return holders if kernel is None else kernel.unsure(state, holders)


def place(order: Any, context: Any) -> bool:
    """Return whether an order was checked and taken in; where it was not, nothing was changed."""
    return kernel is not None and kernel.place(order, context) is True


def rested(state: Any, instrument: str, side: int, most: int) -> Any:
    """Return the first orders of a side as `marks.looked` does, None where it is to say."""
    return None if kernel is None else kernel.rested(state, instrument, side, most)


def passing(hook: Any) -> "dict[Any, Quick]":
    """Return the kernel's way past a hook of a transaction's end, under its name: none unbuilt.

    It answers nothing, and the hook runs, where the kernel has not learnt what records are.
    """
    return {} if kernel is None else {hook: getattr(kernel, hook.__name__)}
