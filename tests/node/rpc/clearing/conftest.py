"""The open market of the trading methods, for those of the house."""

from tests.node.rpc.methods.conftest import market

__all__ = ["market"]
