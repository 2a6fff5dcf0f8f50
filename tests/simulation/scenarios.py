"""Situations that broke the protocol once, by name; each raises when it breaks again.

A scenario is a function, so that it can be run against the real rules and against a mutant.
"""

from collections.abc import Callable
from dataclasses import replace

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote
from chain.consensus.effects import BehindBy, Finalized, Offended, StopSigning, Verdict
from chain.consensus.log import KeptBlock, Place, place_of
from chain.consensus.messages import BlockAnswer, Message, Proposal, Status
from chain.consensus.settings import Settings
from chain.consensus.state import HeldBlock
from chain.crypto.digest import ZERO_HASH
from tests.simulation.bench import START_MS, Bench, id_of, of_kind
from tests.simulation.byzantine import Equivocates, SignsEverything, Sin, Strips, Unjustified
from tests.simulation.byzantine.liar import Liar
from tests.simulation.ledger import CHAIN_ID, Rules
from tests.simulation.member import Member, Name
from tests.simulation.world import World

SECOND_US = 1_000_000


def world_of(
    count: int,
    *,
    epoch_blocks: int = 10**9,
    delay_us: int = 10_000,
    target_block_ms: int = 500,
    seed: int = 1,
    sins: dict[int, list[Sin]] | None = None,
) -> World:
    """Return a world of honest members but for those with sins, none of them started."""
    rules = Rules(lambda epoch: tuple(range(count)), epoch_blocks, 100, START_MS)
    world = World(seed, rules, Settings(CHAIN_ID, target_block_ms=target_block_ms))
    world.network.delay_us = delay_us
    world.auditor.faulty = dict.fromkeys(sins or {})
    for number in range(count):
        own = (sins or {}).get(number)
        name = (number, 0)
        world.add(Member(world, name, number) if own is None else Liar(world, name, number, own))
    return world


def start(world: World) -> None:
    """Start everybody."""
    for member in world.members.values():
        member.start()


def heights(world: World) -> list[int]:
    """Return how far each honest member's store is."""
    return [member.store.tip.height for member in world.honest()]


def lost_records_and_a_late_finalize() -> None:
    """Scenario 1: records at or below the floor are gone, and a notarization of old comes late.

    One of four had signed Nullify(1) in a segment that is deleted; its store is an older one.
    """
    bench = Bench(floor=Place(0, 4), highest=Place(0, 4))
    block = bench.block(bench.genesis, 1)
    for view in (2, 3, 4):
        bench.hear(3, bench.certificate(NULLIFY, view))
    assert bench.node.view == 5
    effects = bench.hear(3, bench.proposal(block, 1))
    effects += bench.hear(3, bench.certificate(NOTARIZE, 1, id_of(block)))
    bench.node.wanted_blocks.clear()
    bench.node.blocks[id_of(block)] = _valid(block)
    bench.node.dirty = True
    effects += bench.pass_ms(60)

    assert [] == bench.own(effects, FINALIZE)


def _valid(block: Block) -> HeldBlock:
    return HeldBlock(block, verdict=Verdict.VALID)


def log_newer_than_the_store() -> None:
    """Scenario 2: the store is lost, the log beside the key is not; votes must be remembered."""
    world = world_of(4, epoch_blocks=3, target_block_ms=300)
    start(world)
    member = world.members[0, 0]
    world.run(4 * SECOND_US)
    found = world.run(
        20 * SECOND_US,
        lambda: _last_vote(member) > Place(member.core.node.epoch, member.core.node.final.view + 1),
    )
    assert found, "no vote above the last final view"
    for each in world.members.values():
        each.crash()
    fresh = world_of(4, epoch_blocks=3).members[0, 0]
    member.store = fresh.store
    world.auditor.final_heights.clear()
    start(world)
    forgotten: list[Vote] = []

    def look() -> bool:
        forgotten.extend(_forgotten(member))
        return bool(forgotten)

    world.run(world.time_us + 20 * SECOND_US, look)

    assert [] == forgotten
    assert max(world.auditor.chain) <= member.store.tip.height + 1


def _last_vote(member: Member) -> Place:
    votes = [place_of(r) for frame in member.disk.frames for r in frame if isinstance(r, Vote)]
    return max(votes, default=Place(0, 0))


def _forgotten(member: Member) -> list[Vote]:
    """Return votes of the log that a core which would sign does not remember."""
    node = member.core.node
    if not member.alive or member.core.status().not_signing_why:
        return []
    lost = []
    for frame in member.disk.frames:
        for vote in frame:
            if not isinstance(vote, Vote) or vote.epoch != node.epoch:
                continue
            if vote.view <= node.final.view:
                continue
            state = node.view_state(vote.view)
            known = {
                NOTARIZE: state.my_notarized == vote.block_id,
                NULLIFY: state.my_nullified,
                FINALIZE: state.my_finalized == vote.block_id,
            }[vote.kind]
            if not known:
                lost.append(vote)
    return lost


def log_that_lacks_a_vote_of_a_view_it_knows() -> None:
    """Scenario 3: somebody holds our Nullify(1), and the log knows only our Notarize(1)."""
    blank = Bench()
    block = blank.block(blank.genesis, 1)
    mine = blank.vote(0, NOTARIZE, 1, id_of(block))
    bench = Bench(records=(KeptBlock(block, id_of(block)), mine), highest=Place(0, 1))

    effects = bench.greet(2, (bench.vote(0, NULLIFY, 1),))

    assert 1 == len(of_kind(effects, StopSigning))


def forwarder_strips_justifications() -> None:
    """Scenario 4: one of n forwards every proposal with its certificates taken out or altered."""
    for count in (4, 7):
        _strip_justifications(count)


def _strip_justifications(count: int) -> None:
    world = world_of(count, delay_us=40_000, sins={count - 1: [Strips()]})
    liar = world.members[count - 1, 0]
    carry = world.carry

    def fast(source: Member, target: Name, message: Message) -> None:
        world.network.delay_us = 1_000 if liar in {source, world.members[target]} else 40_000
        carry(source, target, message)

    world.carry = fast  # type: ignore[method-assign]
    start(world)
    world.run(30 * SECOND_US)
    views = max(member.core.node.view for member in world.honest())
    # Every leader, even the forwarder, proposes well: no view needs to be given up.
    assert min(heights(world)) >= max(15, views - 3), (views, heights(world))


def unjustified_parents_while_finality_lags() -> None:
    """A liar builds on older blocks than it may, while Finalize votes are seconds late."""
    for count in (4, 7):
        _build_unjustified(count)


def _build_unjustified(count: int) -> None:
    world = world_of(count, delay_us=20_000, sins={1: [Unjustified()]})
    carry = world.carry

    def late(source: Member, target: Name, message: Message) -> None:
        slow = isinstance(message, Vote | Certificate) and message.kind == FINALIZE
        if slow and world.time_us < 5 * SECOND_US:
            world.after(5 * SECOND_US, carry, source, target, message)
        else:
            carry(source, target, message)

    world.carry = late  # type: ignore[method-assign]
    start(world)
    world.run(30 * SECOND_US)
    assert min(heights(world)) >= 10, heights(world)


def boundaries_are_not_final_in_their_first_view() -> None:
    """Scenario 5: epochs of two to four blocks, whose last is final only when proposed again."""
    for epoch_blocks in (2, 3, 4):
        _propose_again(epoch_blocks)


def _propose_again(epoch_blocks: int) -> None:
    world = world_of(4, epoch_blocks=epoch_blocks, target_block_ms=100)
    carry = world.carry
    first: dict[tuple[int, bytes], int] = {}

    def not_at_first(source: Member, target: Name, message: Message) -> None:
        if isinstance(message, Proposal) and message.block.header.epoch_end:
            first[message.epoch, message.block_id] = message.block.header.view
        late = isinstance(message, Vote) and message.kind == FINALIZE
        if late and first.get((message.epoch, message.block_id)) == message.view:  # type: ignore[union-attr]
            return
        carry(source, target, message)

    world.carry = not_at_first  # type: ignore[method-assign]
    start(world)
    reached = world.run(60 * SECOND_US, lambda: min(heights(world)) >= 5 * epoch_blocks)
    assert reached, (epoch_blocks, heights(world))


def many_nullified_views() -> None:
    """Scenario 6: 65 and 1,000 views were nullified, and nobody holds every certificate."""
    for nulled in (65, 1_000):
        _nullify_many(nulled)


def _nullify_many(nulled: int) -> None:
    bench = Bench()
    world = world_of(4)
    for number in range(4):
        held: list[Certificate] = [
            bench.certificate(NULLIFY, view)
            for view in range(1, nulled + 1)
            if view % 4 == number or view == nulled
        ]
        votes = [bench.vote(number, NULLIFY, view) for view in range(1, nulled + 1)]
        world.members[number, 0].disk.frames.append((*held, *votes))
    start(world)
    reached = world.run(60 * SECOND_US, lambda: min(heights(world)) >= 3)
    assert reached, (nulled, heights(world))


def every_block_is_poison() -> None:
    """Scenario 7: what builders hold for valid nobody else does, at tiny delays, for ever."""
    world = world_of(4, delay_us=1_000, target_block_ms=100)
    for member in world.members.values():
        member.builds_poison = True
    start(world)
    world.run(
        120 * SECOND_US,
        lambda: min(heights(world)) >= 2 or world.members[0, 0].core.node.view > 100,
    )
    assert min(heights(world)) >= 2, heights(world)
    views = max(member.core.node.view for member in world.members.values())
    assert views <= 60, f"{views} views in {world.time_us // 1000} ms"


def faults_do_not_spin_through_views() -> None:
    """Scenario 7 again: while nothing is valid, views pass at the pace of the timer."""
    world = world_of(4, delay_us=1_000, target_block_ms=100)
    for member in world.members.values():
        member._transactions = lambda effect: (b"poison",)  # type: ignore[method-assign]
    start(world)
    spun = world.run(20 * SECOND_US, lambda: world.members[0, 0].core.node.view > 25)
    assert not spun, f"25 views in {world.time_us // 1000} ms"


def blocks_that_take_seconds() -> None:
    """Scenario 8: a full block takes 0.5 to 6 seconds to execute, so proposals must shrink."""
    for execute_us in (500_000, 3_000_000, 6_000_000):
        world = world_of(4)
        for member in world.members.values():
            member.execute_us = execute_us
        start(world)
        world.run(240 * SECOND_US)
        filled = [block for block in world.members[0, 0].store.blocks if block.transactions]
        assert len(filled) >= 60, (execute_us, len(filled))


def latency_steps_up() -> None:
    """Scenario 14: one-way delays step from 10 ms to 800 and to 1,500 ms, and back."""
    for delay_us in (800_000, 1_500_000):
        world = world_of(4)
        start(world)
        world.run(5 * SECOND_US)
        world.network.delay_us = delay_us
        before = max(heights(world))
        world.run(world.time_us + 90 * SECOND_US)
        assert min(heights(world)) >= before + 3, heights(world)
        world.network.delay_us = 10_000
        before = max(heights(world))
        world.run(world.time_us + 20 * SECOND_US)
        assert min(heights(world)) >= before + 20, heights(world)


def a_clock_is_an_hour_off() -> None:
    """Scenario 15: one authority's clock is an hour behind, then ahead, then right again.

    Blocks flow without it. With a second authority down none can, but views must pass, since
    each needs the odd one's Nullify; and blocks flow again as soon as its clock is right.
    """
    world = world_of(4)
    start(world)
    odd = world.members[1, 0]
    for offset_ms in (-3_600_000, 3_600_000):
        odd.clock.wall_offset_ms = offset_ms
        before = max(heights(world))
        world.run(world.time_us + 20 * SECOND_US)
        assert min(heights(world)) >= before + 8, (offset_ms, heights(world))
    world.members[3, 0].crash()
    for offset_ms in (-3_600_000, 3_600_000):
        odd.clock.wall_offset_ms = offset_ms
        view = odd.core.node.view
        world.run(world.time_us + 40 * SECOND_US)
        assert odd.core.node.view >= view + 4, (offset_ms, view, odd.core.node.view)
    odd.clock.wall_offset_ms = 0
    before = max(heights(world))
    world.run(world.time_us + 40 * SECOND_US)
    assert min(heights(world)[:3]) >= before + 8, heights(world)


def old_certified_blocks_are_taken() -> None:
    """Scenario 16: blocks that were never timely here, but are certified, are caught up with."""
    world = world_of(4)
    world.settings = replace(world.settings, near_blocks=1_000)
    start(world)
    world.run(2 * SECOND_US)
    world.members[3, 0].crash()
    world.run(30 * SECOND_US)
    world.members[3, 0].start()
    world.run(36 * SECOND_US)
    assert heights(world)[3] >= max(heights(world)) - 1, heights(world)


def cliques_that_share_hubs() -> None:
    """Scenario 17: nobody but two hubs hears a quorum."""
    world = world_of(10)
    world.network.open_links = lambda one, other: (
        max(one[0], other[0]) < 6 or min(one[0], other[0]) >= 4
    )
    start(world)
    world.run(60 * SECOND_US)
    assert min(heights(world)) >= 15, heights(world)


def crash_between_batches() -> None:
    """Scenario 19: the tip lies above the last certified block; nothing may be signed."""
    blank = Bench()
    blocks = [blank.genesis]
    for view in range(1, 6):
        blocks.append(blank.block(blocks[-1], view))
    bench = Bench(tip=blocks[3].header)
    bench.hear(1, bench.certificate(NOTARIZE, 1, id_of(blocks[1])))
    parent = bench.certificate(NOTARIZE, 4, id_of(blocks[4]))
    for view in (1, 2, 3):
        bench.hear(1, bench.certificate(NOTARIZE, view, id_of(blocks[view])))
    proposal = bench.proposal(blocks[5], 5, parent_view=4, parent_certificate=parent)
    effects = bench.accept(bench.hear(bench.set.leader(5), proposal))
    bench.node.blocks[id_of(blocks[4])] = _valid(blocks[4])
    bench.node.dirty = True
    effects += bench.pass_ms(3_000)
    assert [] == bench.own(effects, NOTARIZE) + bench.own(effects, NULLIFY)

    final = bench.certificate(FINALIZE, 5, id_of(blocks[5]))
    effects = bench.accept(bench.hear(1, final))
    assert [(id_of(blocks[4]), id_of(blocks[5]))] == [
        effect.block_ids for effect in of_kind(effects, Finalized)
    ]
    assert "" == bench.core.status().not_signing_why


def all_crash_between_batches() -> None:
    """Scenario 19 for everybody at once: the certificate of several blocks is in the logs."""
    world = world_of(4, target_block_ms=100)
    carry = world.carry
    held_back = [True]

    def without_final(source: Member, target: Name, message: Message) -> None:
        final = isinstance(message, Vote | Certificate) and message.kind == FINALIZE
        if not (final and held_back[0]):
            carry(source, target, message)

    world.carry = without_final  # type: ignore[method-assign]
    start(world)
    world.run(2 * SECOND_US)
    assert max(heights(world)) == 0
    for member in world.members.values():
        member._batches = _one_by_one  # type: ignore[method-assign]
    held_back[0] = False
    world.sync_us = lambda member: 20_000  # type: ignore[method-assign]
    world.run(world.time_us + 5 * SECOND_US, lambda: min(heights(world)) >= 2)
    for member in world.members.values():
        member.crash()
    # A crash lands between batches only while certificates are behind tips.
    behind = [m.store.certified_height() < m.store.tip.height for m in world.members.values()]
    assert all(behind), "the crash came too late to be this scenario"
    before = max(heights(world))
    start(world)
    assert world.run(world.time_us + 30 * SECOND_US, lambda: min(heights(world)) >= before + 3), (
        heights(world)
    )


def _one_by_one(item: Finalized) -> list[list[tuple[bytes, Certificate | None]]]:
    last = item.block_ids[-1]
    return [[(b, item.certificate if b == last else None)] for b in item.block_ids]


def equivocation_is_told_once() -> None:
    """Scenario 20: an equivocator of 4 and of 10, its evidence said a thousand times."""
    for count in (4, 10):
        _equivocate(count)


def _equivocate(count: int) -> None:
    sins: list[Sin] = [Equivocates(), SignsEverything()]
    world = world_of(count, sins={1: sins})
    told: dict[tuple[int, bytes], int] = {}
    saw = world.auditor.saw

    def count_them(member: Member, effects: list[object]) -> None:
        saw(member, effects)  # type: ignore[arg-type]
        if member.name[0] in world.auditor.faulty:
            return
        for effect in of_kind(effects, Offended):  # type: ignore[arg-type]
            key = (member.name[0], effect.evidence.signer)
            told[key] = told.get(key, 0) + 1

    world.auditor.saw = count_them  # type: ignore[assignment,method-assign]
    start(world)
    world.run(20 * SECOND_US)
    witness = world.members[0, 0]
    for evidence in list(witness.core.node.offences.values()):
        for _ in range(1_000):
            witness.receive(witness.incarnation, (2, 0), evidence)
    assert min(heights(world)) >= 10, heights(world)
    assert count - 1 == len(told), told
    assert {1} == set(told.values()), told


def a_peer_far_ahead_is_caught_up_with_by_ranges() -> None:
    """More than a few missing blocks are asked for as ranges, and only once they are proven."""
    bench = Bench()
    blocks = [bench.genesis]
    for view in range(1, 21):
        blocks.append(bench.block(blocks[-1], view))
    bench.hear(1, Status(epoch=0, view=9, final_height=10**6, final_id=ZERO_HASH, time_ms=0))
    bench.hear(1, bench.certificate(FINALIZE, 20, id_of(blocks[20])))
    effects = bench.hear(1, BlockAnswer(blocks[20], id_of(blocks[20])))

    assert [20] == [effect.height for effect in of_kind(effects, BehindBy)]


SCENARIOS: dict[str, Callable[[], None]] = {
    scenario.__name__: scenario
    for scenario in (
        lost_records_and_a_late_finalize,
        log_newer_than_the_store,
        log_that_lacks_a_vote_of_a_view_it_knows,
        forwarder_strips_justifications,
        unjustified_parents_while_finality_lags,
        boundaries_are_not_final_in_their_first_view,
        many_nullified_views,
        every_block_is_poison,
        faults_do_not_spin_through_views,
        blocks_that_take_seconds,
        latency_steps_up,
        a_clock_is_an_hour_off,
        old_certified_blocks_are_taken,
        cliques_that_share_hubs,
        crash_between_batches,
        all_crash_between_batches,
        equivocation_is_told_once,
        a_peer_far_ahead_is_caught_up_with_by_ranges,
    )
}
