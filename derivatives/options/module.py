"""The options module's table of contents."""

from chain.kit import Module
from derivatives.options.invariants import INVARIANTS
from derivatives.options.queries import QUERIES

MODULE = Module(id=27, name="options", queries=QUERIES, invariants=INVARIANTS)
