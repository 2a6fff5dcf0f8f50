"""What a signer may change of itself: its keys, and its agents.

Source: docs/specs/signers.md, SIGN-030 to SIGN-042.
"""

from itertools import pairwise
from typing import ClassVar

from chain.kit import (
    CLASS_REST,
    U8,
    U16,
    Context,
    PublicKey,
    record,
    require,
)
from chain.modules.signers import reasons
from chain.modules.signers.authority import AGENT_CLASSES
from chain.modules.signers.events import AgentAdded, AgentRemoved, KeysSet
from chain.modules.signers.state import (
    AGENTS,
    AGENTS_MAX_COUNT,
    KEYS_MAX_COUNT,
    SIGNERS,
    Agent,
    Signer,
)

FIRST_GRANTABLE_KIND = 300
"""Lists, keys and transfers have the kinds below."""
AGENT_KINDS_MAX_COUNT = 64


def _ascend(values: tuple[bytes, ...] | tuple[int, ...]) -> bool:
    return all(left < right for left, right in pairwise(values))  # type: ignore[operator]


@record
class SetKeys:
    """Put these keys and this threshold in place of the signer's; its address stays.

    Every agent goes too: whoever rotates because a key leaked may not know what the
    thief has granted.
    """

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 400

    threshold: int
    keys: tuple[PublicKey, ...]

    def check(self) -> None:
        """Refuse keys or a threshold that no signer can have."""
        count = len(self.keys)
        require(
            1 <= count <= KEYS_MAX_COUNT,
            reasons.KEY_COUNT_WRONG,
            key_count=count,
            limit_count=KEYS_MAX_COUNT,
        )
        require(_ascend(self.keys), reasons.KEYS_OUT_OF_ORDER)
        require(
            1 <= self.threshold <= count,
            reasons.THRESHOLD_WRONG,
            threshold_count=self.threshold,
            key_count=count,
        )

    def apply(self, context: Context) -> None:
        """Replace the keys, and end every agent."""
        for key, _ in tuple(context.state.scan(AGENTS, (context.signer,))):
            context.state.delete(AGENTS, key)
        context.state.put(SIGNERS, context.signer, Signer(threshold=self.threshold, keys=self.keys))
        context.emit(KeysSet(signer=context.signer, threshold=self.threshold, keys=self.keys))


@record
class AddAgent:
    """Let a key send these kinds and these classes for the signer until it expires."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 400

    public_key: PublicKey
    expires_ms: int
    kinds: tuple[U16, ...]
    classes: tuple[U8, ...]

    def check(self) -> None:
        """Refuse a scope that no agent can have."""
        require(self.kinds or self.classes, reasons.AGENT_SCOPE_EMPTY)
        require(
            len(self.kinds) <= AGENT_KINDS_MAX_COUNT,
            reasons.AGENT_SCOPE_TOO_LONG,
            limit_count=AGENT_KINDS_MAX_COUNT,
        )
        require(_ascend(self.kinds) and _ascend(self.classes), reasons.AGENT_SCOPE_OUT_OF_ORDER)
        for number in self.classes:
            require(number in AGENT_CLASSES, reasons.AGENT_CLASS_FORBIDDEN, class_number=number)
        for kind in self.kinds:
            require(kind >= FIRST_GRANTABLE_KIND, reasons.AGENT_KIND_FORBIDDEN, kind=kind)

    def apply(self, context: Context) -> None:
        """Add the agent."""
        state, signer = context.state, context.signer
        require(
            self.expires_ms > context.time_ms,
            reasons.AGENT_EXPIRY_PAST,
            expires_ms=self.expires_ms,
            time_ms=context.time_ms,
        )
        record = state.get(SIGNERS, signer)
        assert record is not None, "only an open signer sends"
        require(self.public_key not in record.keys, reasons.AGENT_IS_KEY)
        require(state.get(AGENTS, (signer, self.public_key)) is None, reasons.AGENT_KNOWN)
        agents_count = sum(1 for _ in state.scan(AGENTS, (signer,)))
        require(
            agents_count < AGENTS_MAX_COUNT, reasons.AGENTS_TOO_MANY, limit_count=AGENTS_MAX_COUNT
        )
        state.put(
            AGENTS,
            (signer, self.public_key),
            Agent(expires_ms=self.expires_ms, kinds=self.kinds, classes=self.classes),
        )
        context.emit(
            AgentAdded(signer=signer, public_key=self.public_key, expires_ms=self.expires_ms)
        )


@record
class RemoveAgent:
    """Let a key no longer send anything for the signer."""

    transaction_class: ClassVar[int] = CLASS_REST
    weight: ClassVar[int] = 200

    public_key: PublicKey

    def check(self) -> None:
        """Refuse nothing: any key may be asked about."""

    def apply(self, context: Context) -> None:
        """Remove the agent."""
        key = (context.signer, self.public_key)
        require(context.state.get(AGENTS, key) is not None, reasons.AGENT_UNKNOWN)
        context.state.delete(AGENTS, key)
        context.emit(AgentRemoved(signer=context.signer, public_key=self.public_key))
