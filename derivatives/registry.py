"""Every module of the chain, in registry order, which is the order of a block's hooks.

A module is added by its folder and one line here.
"""

from chain.kit import Module
from chain.modules.registry import BASE_MODULES
from derivatives.oracle.module import MODULE as ORACLE

REGISTRY: tuple[Module, ...] = (*BASE_MODULES, ORACLE)
