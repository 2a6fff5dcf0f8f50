"""Answer what is computed rather than stored; every table is queryable already.

Source: docs/specs/machine.md, MACH-060.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chain.codec.order import KeyPart


@dataclass(frozen=True)
class Query:
    """A named function of a view, with the form of each of its fields.

    `fields` says how each argument is written, exactly as a key's parts are; the answer is
    a record.  The function's first line is the query's sentence.
    """

    name: str
    function: Callable[..., Any]
    fields: Mapping[str, KeyPart]

    @property
    def sentence(self) -> str:
        """Return what the answer is, for people."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]
