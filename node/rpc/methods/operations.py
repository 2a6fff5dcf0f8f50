"""For whoever runs a node: its peers, why the chain stands still, whether all holds.

Source: docs/specs/rpc.md, RPC-100 to RPC-102.
"""

from msgspec import Struct

from node.rpc.errors import ParametersInvalid
from node.rpc.forms import hex_form
from node.rpc.method import Answer, Call, NoParameters, Parameters, method
from node.rpc.methods.values import GivenNumber, HashText, NumberText, number_from
from node.services import Tally


class Peer(Struct, frozen=True):
    """One configured or connected peer."""

    peer_id: str
    name: str
    standing: str | None
    address: str
    connected: bool
    linked: bool
    rtt_ms: int | None
    score: int
    queued_bytes: int
    last_error: str


class Peers(Answer, frozen=True):
    """Everybody this node knows of, and itself."""

    peer_id: str | None
    name: str
    peers: list[Peer]


@method("node_getPeers")
async def get_peers(call: Call, _asked: NoParameters) -> Peers:
    """Return every configured and every connected peer; null and empty for a node alone."""
    network = call.services.network
    if network is None:
        return Peers(None, call.services.own_name, [])
    return Peers(
        peer_id=network.me,
        name=call.services.own_name,
        peers=[
            Peer(
                peer_id=peer.peer,
                name=peer.name,
                standing=peer.standing.value if peer.standing is not None else None,
                address=peer.address,
                connected=peer.connected,
                linked=peer.linked,
                rtt_ms=peer.rtt_ms,
                score=peer.score,
                queued_bytes=peer.queued_bytes,
                last_error=peer.last_error,
            )
            for peer in network.peers()
        ],
    )


class VoteTally(Struct, frozen=True):
    """Who voted for one block in one view, and who has not."""

    view: NumberText
    kind: str
    block_id: HashText
    voted: list[str]
    missing: list[str]
    needed_count: int


class StallAnswer(Answer, frozen=True):
    """Everything that says why the chain moves or does not."""

    why: str
    epoch: NumberText
    view: NumberText
    leader: str
    height: NumberText
    best_height: NumberText
    syncing: bool
    ready: bool
    signing: bool
    not_signing_why: str
    since_final_ms: int
    votes: list[VoteTally]
    certificate_missing_views: list[NumberText]
    silent: list[str]
    needed_count: int
    authority_count: int
    clock_offset_ms: int | None
    free_bytes: int
    free_floor_bytes: int
    waiting_count: int
    alarms: list[str]


def _tally(tally: Tally) -> VoteTally:
    return VoteTally(
        view=str(tally.view),
        kind=tally.kind,
        block_id=hex_form(tally.block_id),
        voted=list(tally.voted),
        missing=list(tally.missing),
        needed_count=tally.needed_count,
    )


@method("node_explainStall")
async def explain_stall(call: Call, _asked: NoParameters) -> StallAnswer:
    """Return why the chain moves or does not: votes and certificates missing, who is silent.

    `why` is one sentence; the rest is what it was concluded from.
    """
    stall = call.services.consensus.explain_stall()
    standing = stall.standing
    return StallAnswer(
        why=stall.why,
        epoch=str(standing.epoch),
        view=str(standing.view),
        leader=standing.leader,
        height=str(standing.height),
        best_height=str(standing.best_height),
        syncing=standing.syncing,
        ready=standing.ready,
        signing=standing.signing,
        not_signing_why=standing.not_signing_why,
        since_final_ms=stall.since_final_ms,
        votes=[_tally(tally) for tally in stall.tallies],
        certificate_missing_views=[str(view) for view in stall.certificate_missing_views],
        silent=list(stall.silent),
        needed_count=stall.needed_count,
        authority_count=stall.authority_count,
        clock_offset_ms=stall.clock_offset_ms,
        free_bytes=stall.free_bytes,
        free_floor_bytes=stall.free_floor_bytes,
        waiting_count=stall.mempool_count,
        alarms=list(stall.alarms),
    )


class BreachForm(Struct, frozen=True):
    """An invariant that does not hold."""

    module: str
    invariant: str
    what: str


class AuditAnswer(Answer, frozen=True):
    """How much was looked at, and what does not hold: nothing, if all is well."""

    invariants_count: int
    breaches: list[BreachForm]
    height: NumberText
    time_ms: int
    finalized: bool


@method("node_audit", weight=100, loopback_only=True)
async def audit(call: Call, _asked: NoParameters) -> AuditAnswer:
    """Run every invariant of every module on the final state, and return what does not hold.

    The state is that of `height` or of a block right after it; blocks go on meanwhile.
    """
    services = call.services
    head = services.finality.head
    breaches = await services.simulator.audit()
    return AuditAnswer(
        invariants_count=sum(len(one.invariants) for one in services.application.modules),
        breaches=[BreachForm(one.module, one.invariant, one.what) for one in breaches],
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


class WhereToHalt(Parameters, frozen=True):
    """The last height of this node, or null to go on."""

    height: GivenNumber | None


class HaltAnswer(Answer, frozen=True):
    """After which block this node ends: null when it goes on."""

    halt_height: NumberText | None
    height: NumberText


@method("node_haltAt", loopback_only=True)
async def halt_at(call: Call, asked: WhereToHalt) -> HaltAnswer:
    """Have this node end after a block: it signs nothing more once that is durable, and exits 0.

    The last block may be a little above `height`, since some become final together. Null takes
    the order back. The order is not kept: a node that is started again goes on.
    """
    services = call.services
    head_height = services.finality.head.height
    height = number_from(asked.height) if asked.height is not None else None
    if height is not None and height <= head_height:
        raise ParametersInvalid(
            f"block {head_height} is final already; name a higher one", field="height"
        )
    services.halt.order(height)
    return HaltAnswer(
        halt_height=str(services.halt.height) if services.halt.height is not None else None,
        height=str(head_height),
    )


METHODS = (get_peers, explain_stall, audit, halt_at)
