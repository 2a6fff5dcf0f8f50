"""`rpc.discover`: the interface describes itself.

Source: docs/specs/rpc.md, RPC-042.
"""

from typing import Any

from node.rpc.method import Call, NoParameters, method
from node.rpc.openrpc import document


@method("rpc.discover", weight=5)
async def discover(call: Call, _asked: NoParameters) -> dict[str, Any]:
    """Return the OpenRPC document of every method served to you, as `GET /openrpc.json` does."""
    return document(call.methods)


METHODS = (discover,)
