"""Who may act."""

from chain.kit import Module
from chain.modules.signers.events import AgentAdded, AgentRemoved, KeysSet, SignerOpened
from chain.modules.signers.invariants import (
    every_signer_can_be_met,
    only_open_signers_have_lanes_and_agents,
)
from chain.modules.signers.queries import QUERIES
from chain.modules.signers.reasons import REASONS
from chain.modules.signers.state import AGENTS, LANES, SIGNER_PARAMETERS, SIGNERS
from chain.modules.signers.transactions import AddAgent, RemoveAgent, SetKeys

MODULE = Module(
    id=1,
    name="signers",
    tables=(SIGNERS, LANES, AGENTS, SIGNER_PARAMETERS),
    genesis=(SIGNERS, SIGNER_PARAMETERS),
    transactions={1: SetKeys, 2: AddAgent, 3: RemoveAgent},
    queries=QUERIES,
    events={1: SignerOpened, 2: KeysSet, 3: AgentAdded, 4: AgentRemoved},
    reasons=REASONS,
    invariants=(every_signer_can_be_met, only_open_signers_have_lanes_and_agents),
)
