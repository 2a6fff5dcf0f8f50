"""Which kernel answers on this machine, for whoever asks what runs here."""

from types import ModuleType

try:
    from chain.kernel import native
except ImportError:  # built without a compiler: the twins answer, slower and alike
    native = None  # type: ignore[assignment]

REVISION = 20
"""Of the kernel that this Python speaks to: one built from other sources is not asked."""

TWIN_NAME = "python"
LEVEL_NAMES = ("c-portable", "c-native")

kernel: ModuleType | None = native if getattr(native, "REVISION", 0) == REVISION else None


def level_name() -> str:
    """Return the name of the kernel that hashes the state in this process."""
    return TWIN_NAME if kernel is None else LEVEL_NAMES[kernel.level_max()]
