"""Which of the kernels in C this machine runs, and where their Python twins answer instead.

Source: docs/specs/margin.md, MARG-016; state.md, STATE-051; orders.md, ORDR-090;
pricing.md, PRIC-020.
"""

from importlib import import_module
from types import ModuleType

TWIN_NAME = "python"
BUILT_NAME = "c"


def kernels_built() -> dict[str, str]:
    """Return each kernel as built here: its name in C, or `python` where its twin answers.

    `chain` hashes the state, `orders` takes orders in, `margin` margins accounts, `pricing` prices
    options.  Loads nothing of the chain but these.
    """
    from chain.kernel.level import level_name as chain_name
    from derivatives.kernel import level as orders
    from derivatives.margin.kernel.level import level_name as margin_name
    from derivatives.pricing.kernel import level as pricing

    def name_of(kernel: ModuleType | None) -> str:
        return TWIN_NAME if kernel is None else BUILT_NAME

    return {
        "chain": chain_name(),
        "orders": name_of(orders.kernel),
        "margin": margin_name(),
        "pricing": name_of(pricing.kernel),
    }


def kernels_in_use() -> dict[str, str]:
    """Return each kernel as it runs in a node: told of records and tables, as at its start.

    One that is built here and knows other records than these is not in use.
    """
    import_module("derivatives.registry")  # tells the kernel of orders what it must know
    return kernels_built()


def spoken(kernels: dict[str, str]) -> str:
    """Return them in a line.

    >>> spoken({"chain": "c-native", "margin": "python"})
    'chain c-native · margin python'
    """
    return " · ".join(f"{subject} {name}" for subject, name in kernels.items())
