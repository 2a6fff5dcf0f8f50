"""Say what went wrong in a node in three sentences: what happened, what did not, what to do.

A fault is typed, has a permanent number and slug, and never shows a traceback to the person
who started the node.  Numbers are those of area 15, `node` (docs/specs/faults.md).
"""

from typing import ClassVar


class NodeFault(Exception):
    """The base of every fault of the process; `str` of it is fit for an operator's eyes.

    `slug` names the exact kind within the class, `facts` carry the numbers with their units.
    """

    NUMBERS: ClassVar[dict[str, int]] = {}
    """Slug without area -> permanent number."""

    EXIT_CODE: ClassVar[int] = 1
    """With what the command line ends when nobody could cure it (docs/specs/cli.md)."""

    def __init__(
        self,
        slug: str,
        happened: str,
        *,
        spared: str = "",
        hint: str = "",
        **facts: int | str,
    ) -> None:
        super().__init__(happened)
        assert slug in self.NUMBERS, slug
        self.slug = slug
        self.happened = happened
        self.spared = spared
        self.hint = hint
        self.facts = facts

    @property
    def code(self) -> int:
        """The permanent number."""
        return self.NUMBERS[self.slug]

    @property
    def reason(self) -> str:
        """The permanent slug with its area."""
        return f"node.{self.slug}"

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ends with this fault."""
        return self.EXIT_CODE

    def __str__(self) -> str:
        """Return what happened, what did not, and what to do, a sentence each."""
        return "\n  ".join(part for part in (self.happened, self.spared, self.hint) if part)
