"""Start a node's RPC server: connections, methods, subscriptions and pages together.

Source: docs/specs/rpc.md, RPC-002.
"""

import platform

import trio

from derivatives.margin.kernel.level import level_name
from node.rpc import limits
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Caller
from node.rpc.methods.every import methods_for
from node.rpc.methods.feed import ServicesFeed
from node.rpc.openrpc import document, version_of_program
from node.rpc.subscriptions import Desk
from node.rpc.web.access import Access
from node.rpc.web.connection import House
from node.rpc.web.pages import Check, Pages
from node.rpc.web.server import Server
from node.services import Services
from node.telemetry.gauges import Gauges

# Within so many blocks of the best proven height a node answers as well as any other.
BEHIND_MAX_BLOCKS = 2


async def serve(nursery: trio.Nursery, services: Services) -> int:
    """Open the door of a node in this nursery and return its port, 0 when it is told not to.

    Refuses: CannotServe, when the port is taken or the address is not ours.
    """
    settings = services.configuration.rpc
    if not settings.enabled:
        return 0
    desk = Desk(ServicesFeed(services))
    methods = methods_for(services.genesis.kind, has_controls=services.dev is not None)
    dispatcher = Dispatcher(
        services, methods, services.clock, batch_max_count=settings.batch_max_count
    )
    gauges = Gauges(services)
    pages = Pages(
        checks=lambda: checks_of(services),
        version=version_shape(services),
        # What only this machine may call is not advertised.
        document=lambda: document(dispatcher.methods_for(Caller("", loopback=False))),
        clock=services.clock,
        measure=gauges.measure,
    )
    access = Access(settings.host, settings.origins)
    server = Server(House(settings, dispatcher, desk, pages, access))
    port: int = await nursery.start(server.run)
    nursery.start_soon(follow, desk, services)
    nursery.start_soon(gauges.watch_loop)
    return port


async def follow(desk: Desk, services: Services) -> None:
    """Tell subscribers each time a block is final, and twice a second how things stand."""
    height = services.finality.head.height
    look_at_s = trio.current_time()
    while True:
        with trio.move_on_at(look_at_s):
            await services.finality.wait_head_above(height)
        now_s = trio.current_time()
        if now_s >= look_at_s:
            look_at_s = now_s + limits.CONSENSUS_LOOK_EVERY_MS / 1000
        head = services.finality.head
        if head.height != height:
            height = head.height
            desk.tell_news()
        else:
            desk.tell_looks()


def version_shape(services: Services) -> dict[str, object]:
    """Return what `/version` says."""
    return {
        "version": version_of_program(),
        "python": platform.python_version(),
        "chain_id": "0x" + services.genesis.chain_id.hex(),
        "chain_name": services.genesis.chain_name,
        "kind": services.genesis.kind,
        "name": services.own_name,
        "kernel": level_name(),
    }


def checks_of(services: Services) -> list[Check]:
    """Return what must hold before this node should be asked."""
    stall = services.consensus.explain_stall()
    standing = stall.standing
    behind_blocks = max(0, standing.best_height - standing.height)
    heard_count = stall.authority_count - len(stall.silent)
    return [
        Check(
            "synced",
            not standing.syncing and behind_blocks <= BEHIND_MAX_BLOCKS,
            f"height {standing.height} of {standing.best_height}",
        ),
        Check(
            "peers",
            heard_count >= stall.needed_count,
            f"{heard_count} of {stall.authority_count} authorities heard, "
            f"{stall.needed_count} needed",
        ),
        Check(
            "disk",
            stall.free_bytes >= stall.free_floor_bytes,
            f"{stall.free_bytes} bytes free, floor {stall.free_floor_bytes}",
        ),
        Check("node", standing.ready, stall.why),
    ]
