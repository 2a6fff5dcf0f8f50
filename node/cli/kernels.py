"""Which of the kernels in C this machine runs, and where their Python twins answer instead.

Source: docs/specs/margin.md, MARG-016; state.md, STATE-051; orders.md, ORDR-090.
"""

from importlib import import_module

TWIN_NAME = "python"
BUILT_NAME = "c"


def kernels_built() -> dict[str, str]:
    """Return each kernel as built here: its name in C, or `python` where its twin answers.

    `chain` hashes the state, `orders` takes orders in, `margin` margins accounts.  Loads nothing
    of the chain but these.
    """
    from chain.kernel.level import level_name as chain_name
    from derivatives.kernel import level as orders
    from derivatives.margin.kernel.level import level_name as margin_name

    orders_name = TWIN_NAME if orders.kernel is None else BUILT_NAME
    return {"chain": chain_name(), "orders": orders_name, "margin": margin_name()}


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
