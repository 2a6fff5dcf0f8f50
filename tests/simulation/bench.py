"""One core on a bench: n known keys, blocks and certificates made to order, effects sorted out."""

from collections.abc import Sequence
from typing import Any, TypeVar

from chain.block.block import Block
from chain.block.certificate import Certificate, certificate_of
from chain.block.header import Header, block_id_of
from chain.block.vote import NOTARIZE, NULLIFY, Vote, vote_bytes
from chain.consensus.core import Simplex
from chain.consensus.effects import Effect, Execute, Persist, Send, SetTimer, Verdict
from chain.consensus.log import LogRecord
from chain.consensus.messages import Message, Proposal
from chain.consensus.settings import Recovered, Settings
from chain.crypto.digest import ZERO_HASH
from tests.simulation.keys import key_of, signer, verify
from tests.simulation.ledger import CHAIN_ID, Rules

START_MS = 1_700_000_000_000
T = TypeVar("T")


def of_kind(effects: Sequence[Effect], kind: type[T]) -> list[T]:
    """Return the effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def sent(effects: Sequence[Effect], kind: type[T]) -> list[T]:
    """Return the messages of one kind that are sent."""
    messages = [effect.message for effect in of_kind(effects, Send)]
    return [message for message in messages if isinstance(message, kind)]


class Bench:
    """The core of authority `index` of n, its clock, and everything the others could say."""

    def __init__(
        self,
        count: int = 4,
        index: int = 0,
        *,
        epoch_blocks: int = 1_000,
        greeted: bool = True,
        **recovered: Any,
    ) -> None:
        self.rules = Rules(lambda epoch: tuple(range(count)), epoch_blocks, 100, START_MS)
        self.set = self.rules.authorities(0)
        self.genesis = self.rules.genesis()
        self.index = index
        self.now_ms = 1_000
        self.wall_ms = START_MS + 1_000
        given = {
            "header": self.genesis.header,
            "certificate": None,
            "authorities": self.set,
            **recovered,
        }
        self.core = Simplex(
            Settings(CHAIN_ID), key_of(index), signer(key_of(index)), verify, Recovered(**given)
        )
        self.node = self.core.node
        self.timer = 0
        self.effects = self.note(self.core.start(self.now_ms, self.wall_ms))
        for other in range(count):
            if other != index:
                self.note(self.core.peer_up(self.now_ms, self.wall_ms, other, key_of(other)))
                if greeted:
                    self.greet(other)

    # --- inputs -----------------------------------------------------------------------------

    def note(self, effects: list[Effect]) -> list[Effect]:
        """Keep the timer of a batch, and return the batch."""
        for effect in of_kind(effects, SetTimer):
            self.timer = effect.token
        self.effects = effects
        return effects

    def greet(self, other: int, votes: tuple[Vote, ...] = ()) -> list[Effect]:
        """Have another say hello, with votes of ours that it holds."""
        return self.note(
            self.core.hello_votes(self.now_ms, self.wall_ms, other, key_of(other), votes)
        )

    def hear(self, peer: int, message: Message) -> list[Effect]:
        """Have a peer say something."""
        return self.note(self.core.receive(self.now_ms, self.wall_ms, peer, message))

    def judge(self, block: Block, verdict: Verdict = Verdict.VALID) -> list[Effect]:
        """Answer an Execute."""
        after = self.rules.authorities(block.header.epoch + 1) if block.header.epoch_end else None
        block_id = block_id_of(block.header)
        return self.note(self.core.judged(self.now_ms, self.wall_ms, block_id, verdict, after))

    def accept(self, effects: list[Effect]) -> list[Effect]:
        """Answer every Execute in turn with VALID; return all effects, in order."""
        every = list(effects)
        waiting = of_kind(effects, Execute)
        while waiting:
            more = self.judge(waiting.pop(0).block)
            every.extend(more)
            waiting.extend(of_kind(more, Execute))
        return every

    def pass_ms(self, passed_ms: int) -> list[Effect]:
        """Let time pass, ticking whenever the timer falls; return all effects, in order."""
        end_ms = self.now_ms + passed_ms
        every: list[Effect] = []
        while True:
            at_ms = self.node.schedule.next_ms()
            if at_ms is None or at_ms > end_ms:
                break
            at_ms = max(at_ms, self.now_ms)
            self.wall_ms += at_ms - self.now_ms
            self.now_ms = at_ms
            every += self.note(self.core.tick(self.now_ms, self.wall_ms, self.timer))
        self.wall_ms += end_ms - self.now_ms
        self.now_ms = end_ms
        return every

    # --- what others say --------------------------------------------------------------------

    def vote(
        self, signer_index: int, kind: int, view: int, block_id: bytes = ZERO_HASH, epoch: int = 0
    ) -> Vote:
        """Return a genuine vote."""
        message = vote_bytes(CHAIN_ID, epoch, view, kind, block_id)
        return Vote(
            epoch=epoch,
            view=view,
            kind=kind,
            block_id=block_id,
            signer_index=signer_index,
            signature=signer(key_of(signer_index))(message),
        )

    def certificate(
        self,
        kind: int,
        view: int,
        block_id: bytes = ZERO_HASH,
        *,
        signers: Sequence[int] | None = None,
        epoch: int = 0,
    ) -> Certificate:
        """Return a genuine certificate, of the last q authorities unless told otherwise."""
        count, quorum = self.set.count, self.set.quorum
        who = range(count - quorum, count) if signers is None else signers
        votes = [self.vote(index, kind, view, block_id, epoch) for index in who]
        return certificate_of(votes, self.rules.authorities(epoch))

    def nulls(self, first: int, last: int) -> tuple[Certificate, ...]:
        """Return nullifications of these views, newest first."""
        return tuple(self.certificate(NULLIFY, view) for view in range(last, first - 1, -1))

    def block(
        self,
        parent: Block | Header,
        view: int,
        *,
        transactions: tuple[bytes, ...] = (),
        time_ms: int | None = None,
        epoch: int = 0,
    ) -> Block:
        """Return a valid block of this view's leader."""
        header = parent.header if isinstance(parent, Block) else parent
        return self.rules.child(
            header,
            epoch=epoch,
            view=view,
            proposer=self.rules.authorities(epoch).leader(view),
            time_ms=header.time_ms + 500 if time_ms is None else time_ms,
            transactions=transactions,
        )

    def proposal(
        self,
        block: Block,
        view: int,
        *,
        parent_view: int = 0,
        parent_certificate: Certificate | None = None,
        null_certificates: tuple[Certificate, ...] = (),
        epoch: int = 0,
    ) -> Proposal:
        """Return a block as its view's leader proposes it."""
        block_id = block_id_of(block.header)
        leader = self.rules.authorities(epoch).leader(view)
        return Proposal(
            epoch=epoch,
            view=view,
            block=block,
            block_id=block_id,
            parent_view=parent_view,
            parent_certificate=parent_certificate,
            null_certificates=null_certificates,
            signature=self.vote(leader, NOTARIZE, view, block_id, epoch).signature,
        )

    # --- what came of it --------------------------------------------------------------------

    @staticmethod
    def votes(effects: Sequence[Effect], kind: int) -> list[Vote]:
        """Return the votes of one kind that are sent, whoever signed them."""
        return [vote for vote in sent(effects, Vote) if vote.kind == kind]

    def own(self, effects: Sequence[Effect], kind: int) -> list[int]:
        """Return the views of the votes of one kind that this core signed and sent."""
        return [v.view for v in self.votes(effects, kind) if v.signer_index == self.index]

    @staticmethod
    def records(effects: Sequence[Effect]) -> list[LogRecord]:
        """Return the records to be persisted."""
        return [record for persist in of_kind(effects, Persist) for record in persist.records]


def id_of(block: Block) -> bytes:
    """Return a block's id."""
    return block_id_of(block.header)
