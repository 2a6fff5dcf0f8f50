"""The open market of the trading methods, for those about risk."""

from tests.node.rpc.methods.conftest import market

__all__ = ["market"]
