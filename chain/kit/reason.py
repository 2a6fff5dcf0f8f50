"""Say why something is refused: a numbered reason, one sentence, and the numbers.

A reason is declared once, bound to its area, and permanent: code and slug never change,
the sentence may improve.  `code = area id x 100 + number`, `slug = area.name`.

Source: docs/specs/machine.md, MACH-010 to MACH-013.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chain.codec.record import BadDeclaration

Fact: TypeAlias = int | str
NUMBERS_PER_AREA = 100
ANY_ACTION_FACT = "action_index"
"""A fact that a refusal may carry undeclared: which action of a list was refused."""
ANY_LEG_FACT = "leg_index"
"""A fact that whoever takes several legs adds to a refusal: which of them was refused."""


class Reason:
    """Why something may be refused.

    `facts` are the names of the numbers that come with it; the sentence may quote them in
    braces.  Code and slug exist once the reason is bound to its area.
    """

    __slots__ = ("_area", "_code", "facts", "name", "number", "sentence")

    def __init__(self, number: int, slug: str, sentence: str, facts: tuple[str, ...] = ()) -> None:
        if not 0 < number < NUMBERS_PER_AREA:
            raise BadDeclaration(f"reason {slug}: number {number} is not in 1..99")
        if not slug.isidentifier() or slug != slug.lower():
            raise BadDeclaration(f"reason {slug!r}: a slug is lower-case words joined by _")
        quoted = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        if not quoted <= set(facts):
            raise BadDeclaration(
                f"reason {slug}: the sentence quotes {sorted(quoted - set(facts))}"
            )
        self.number = number
        self.name = slug
        self.sentence = sentence
        self.facts = facts
        self._area = ""
        self._code = 0

    def bind(self, area_id: int, area: str) -> None:
        """Make this a reason of one area, for ever; again of the same area is nothing."""
        code = area_id * NUMBERS_PER_AREA + self.number
        if self._area and (self._area, self._code) != (area, code):
            raise BadDeclaration(f"reason {self.name} already belongs to {self._area}")
        self._area = area
        self._code = code

    @property
    def code(self) -> int:
        """Return the permanent number, which receipts and JSON-RPC carry."""
        assert self._area, f"reason {self.name} belongs to no area"
        return self._code

    @property
    def slug(self) -> str:
        """Return the permanent name, `area.words`."""
        assert self._area, f"reason {self.name} belongs to no area"
        return f"{self._area}.{self.name}"

    def message(self, facts: Mapping[str, Fact]) -> str:
        """Return the sentence with its facts filled in."""
        return self.sentence.format_map(facts) if facts else self.sentence

    def __repr__(self) -> str:
        """Return what a failing test shows."""
        return f"Reason({self._area}.{self.name})"


@dataclass(frozen=True)
class Area:
    """Reasons that belong to no module of the state machine: form, mempool, node.

    Declaring the area binds its reasons.
    """

    id: int
    name: str
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        """Bind the reasons. Refuses: BadDeclaration, for a number or slug used twice."""
        bind_reasons(self.id, self.name, self.reasons)


def bind_reasons(area_id: int, area: str, reasons: tuple[Reason, ...]) -> None:
    """Bind reasons to their area. Refuses: BadDeclaration, for a number or slug used twice."""
    numbers = [reason.number for reason in reasons]
    names = [reason.name for reason in reasons]
    for what, seen in (("numbers", numbers), ("slugs", names)):
        if len(set(seen)) != len(seen):
            raise BadDeclaration(f"{area}: two reasons share one of their {what}")
    for reason in reasons:
        reason.bind(area_id, area)


class Refusal(Exception):
    """A declared no: what was asked changes nothing, and this is why."""

    def __init__(self, reason: Reason, **facts: Fact) -> None:
        super().__init__(reason)
        declared = reason.facts
        assert [n for n in facts if n != ANY_ACTION_FACT] == list(declared) or {
            n for n in facts if n != ANY_ACTION_FACT
        } == set(declared), f"{reason.name} states {declared}, not {tuple(facts)}"
        self.reason = reason
        self.facts: dict[str, Fact] = facts

    @property
    def message(self) -> str:
        """Return the sentence with the numbers of this refusal."""
        return self.reason.message(self.facts)

    def __str__(self) -> str:
        """Return slug and sentence."""
        return f"{self.reason.slug}: {self.message}"


class InvalidBlock(Exception):
    """A block is not Valid, whoever executes it and whenever; says what is wrong."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def require(condition: object, reason: Reason, **facts: Fact) -> None:
    """Refuse for this reason unless the condition holds."""
    if not condition:
        raise Refusal(reason, **facts)
