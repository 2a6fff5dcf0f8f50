"""The modules that any chain has, in the order in which their hooks run."""

from chain.kit import Module
from chain.modules.authorities.module import MODULE as AUTHORITIES
from chain.modules.ledger.module import MODULE as LEDGER
from chain.modules.signers.module import MODULE as SIGNERS
from chain.modules.system.module import MODULE as SYSTEM

BASE_MODULES: tuple[Module, ...] = (SYSTEM, SIGNERS, LEDGER, AUTHORITIES)
