"""Sign what an agent plans, hand it in, and learn what came of it.

One plan of a name at a time; one that was refused is left alone for a while, twice as long
each time. Nothing is guessed: what was handed in counts as under way until it is final or
the chain is past its last height.

Source: docs/specs/agents.md, AGT-014 to AGT-019.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain.crypto.signing import SigningKey
from node.agents.seen import Agent, Plan
from node.client import building, sending
from node.client.building import Chain
from node.client.failures import (
    EXIT_REFUSED,
    EXIT_REJECTED,
    EXIT_USAGE,
    Failure,
)
from node.client.transport import Client
from node.clock import Clock
from node.telemetry.logs import log_of

VALID_FOR_BLOCKS = 20
"""Ten seconds at the usual pace: what is not in by then was for another market."""
PAUSE_FIRST_MS = 1_000
PAUSE_LAST_MS = 30_000
FORGOTTEN_AFTER_MS = 300_000
"""A pause that ended so long ago is forgotten: names of other people's accounts come and go."""


@dataclass(frozen=True)
class UnderWay:
    """A transaction that was handed in."""

    plan: Plan
    id_text: str
    valid_until_height: int


@dataclass
class Pause:
    """How long plans of a name are left alone, and why."""

    until_ms: int
    length_ms: int
    reason: str


class Acting:
    """The hands of one agent: its key, and what it has under way."""

    def __init__(self, name: str, key: SigningKey, address: bytes, clock: Clock) -> None:
        self._key = key
        self._address = address
        self._clock = clock
        self._under_way: dict[str, UnderWay] = {}
        self._pauses: dict[str, Pause] = {}
        self._log = log_of(name)

    @property
    def transactions(self) -> list[str]:
        """Return the ids of what is under way, in the order in which it was handed in."""
        return [one.id_text for one in self._under_way.values()]

    @property
    def refused(self) -> dict[str, str]:
        """Return the plans that are left alone now, and the reason of each."""
        now_ms = self._clock.monotonic_ms()
        return {name: one.reason for name, one in self._pauses.items() if now_ms < one.until_ms}

    def learn(self, statuses: Sequence[Mapping[str, Any]], height: int) -> None:
        """Take in where the transactions under way stand, in the order of `transactions`."""
        for one, status in zip(list(self._under_way.values()), statuses, strict=True):
            state = status["status"]
            if state == "applied":
                self._finish(one)
                self._pauses.pop(one.plan.name, None)
                self._log.debug("done", transaction=one.id_text, plan=one.plan.name)
            elif state == "refused":
                self._finish(one)
                receipt = status["receipt"]
                self._leave_alone(
                    one.plan.name,
                    str(receipt["reason"]),
                    int(receipt.get("code") or 0),
                    str(receipt.get("message") or ""),
                )
            elif state in {"expired", "replaced"} or height > one.valid_until_height:
                self._finish(one)
                self._log.warning("not included", transaction=one.id_text, plan=one.plan.name)

    def send(self, client: Client, chain: Chain, agent: Agent, plans: Sequence[Plan]) -> int:
        """Hand in the plans that may be, and return how many were.

        Refuses: Failure, when the node does not answer; what it refuses is kept as a pause.
        """
        refused = self.refused
        count = 0
        for plan in plans:
            if plan.name in self._under_way or plan.name in refused:
                continue
            try:
                count += self._sent(client, chain, agent, plan)
            except Failure as failure:
                if failure.exit_code not in {EXIT_REJECTED, EXIT_REFUSED, EXIT_USAGE}:
                    raise
                kind = failure.kind
                self._leave_alone(plan.name, kind.reason, kind.code, failure.message)
        return count

    def _sent(self, client: Client, chain: Chain, agent: Agent, plan: Plan) -> bool:
        asked = (
            building.one(*plan.actions[0])
            if len(plan.actions) == 1
            else building.several(plan.actions)
        )
        drafted = building.draft_of(
            client,
            chain,
            self._address,
            asked,
            lane=plan.lane,
            valid_for_blocks=VALID_FOR_BLOCKS,
        )
        signed = building.sign(drafted, [self._key])
        if plan.is_tried_first:
            receipt = sending.simulate(client, signed)
            why_not = agent.judge(plan, receipt["events"])
            if why_not:
                self._log.debug("not sent", plan=plan.name, why=why_not)
                return False
        # Also where no answer came: it may be on its way, and is asked after like any other.
        sending.submit(client, signed)
        self._under_way[plan.name] = UnderWay(plan, signed.id_text, signed.valid_until_height)
        self._log.debug(
            "sent", transaction=signed.id_text, plan=plan.name, actions=len(plan.actions)
        )
        return True

    def _finish(self, one: UnderWay) -> None:
        del self._under_way[one.plan.name]

    def _leave_alone(self, name: str, reason: str, code: int, message: str) -> None:
        """Note a refusal; it is told where it is another one than the last of this plan."""
        before = self._pauses.get(name)
        length_ms = min(PAUSE_LAST_MS, 2 * before.length_ms) if before else PAUSE_FIRST_MS
        now_ms = self._clock.monotonic_ms()
        self._pauses = {
            kept: one
            for kept, one in self._pauses.items()
            if now_ms < one.until_ms + FORGOTTEN_AFTER_MS
        }
        self._pauses[name] = Pause(now_ms + length_ms, length_ms, reason)
        if before is None or before.reason != reason:
            self._log.warning(
                "refused", plan=name, reason=reason, code=code, why=message, pause_ms=length_ms
            )
