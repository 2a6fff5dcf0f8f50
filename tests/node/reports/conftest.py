"""A chain's state, a clock that stands still, and reports of its published oracle keys."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from chain.codec.canonical import encode
from chain.modules.authorities.sets import authorities_of
from chain.state.view import View
from derivatives.oracle.section import FeedQuote, Report, SignedReport, report_bytes, round_of
from node.reports.own import OwnReports
from node.reports.room import Reports
from tests import given

UNIT_E8 = 10**8


@dataclass
class Store:
    tables: View


@dataclass
class Still:
    now_ms: int

    def wall_ms(self) -> int:
        return self.now_ms


@dataclass
class Desk:
    """Reports of a world, `wait_ms` after its head."""

    world: given.World = field(default_factory=given.world)

    def __post_init__(self) -> None:
        self.clock = Still(self.world.head.header.time_ms)

    def room(self, own: OwnReports | None = None) -> Reports:
        return Reports(
            chain_id=self.world.chain_id,
            state_store=Store(self.world.tables),  # type: ignore[arg-type]
            clock=self.clock,  # type: ignore[arg-type]
            own=own,
        )

    @property
    def names(self) -> list[str]:
        listed = authorities_of(self.world.tables, 0)
        assert listed is not None
        return [member.name for member in listed.members]

    def report(self, index: int, price: int = 64_000, after_ms: int = 0, **how: Any) -> bytes:
        """Return the signed report of an authority; `how` says what is wrong with it."""
        at_ms = self.world.head.header.time_ms + after_ms
        quotes = (FeedQuote("BTC", price * UNIT_E8, price * UNIT_E8 // 1_000, 1),)
        report = Report(
            how.get("chain_id", self.world.chain_id),
            how.get("epoch", 0),
            how.get("round", round_of(at_ms)),
            at_ms,
            quotes,
        )
        key = given.key(f"{how.get('signer', self.names[index % len(self.names)])}/oracle")
        return encode(SignedReport(index, report, key.sign(report_bytes(report))))


@pytest.fixture
def desk() -> Desk:
    return Desk()
