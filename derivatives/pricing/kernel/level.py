"""Which kernel prices options in this process, for whoever asks what runs here."""

from types import ModuleType

try:
    from derivatives.pricing.kernel import native
except ImportError:  # built without a compiler: the twin answers, slower and alike
    native = None  # type: ignore[assignment]

kernel: ModuleType | None = native
