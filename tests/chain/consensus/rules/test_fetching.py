"""SIMPLEX-060: what is missing is asked for, from one after another, while it is needed."""

from chain.block.vote import FINALIZE
from chain.consensus.effects import Send
from chain.consensus.messages import GetBlock, GetCertificates
from chain.consensus.rules import fetching
from tests.simulation.bench import Bench, of_kind

SOME = b"\x01" * 32


def asked(effects: list[object], kind: type) -> list[object]:
    sends = of_kind(effects, Send)  # type: ignore[arg-type]
    return [send.to[0] for send in sends if isinstance(send.message, kind)]  # type: ignore[index]


def test_signers_of_the_certificate_are_asked_first_then_everybody() -> None:
    bench = Bench(count=7)

    effects = bench.hear(1, bench.certificate(FINALIZE, 1, SOME, signers=(2, 3, 4, 5, 6)))
    effects += bench.pass_ms(150 * 9)

    peers = asked(effects, GetBlock)
    assert {2, 3, 4, 5, 6} == set(peers[:5])
    assert 10 == len(peers)


def test_what_is_needed_no_more_is_asked_for_no_more() -> None:
    bench = Bench()
    fetching.want_block(bench.node, SOME)
    fetching.want_certificates(bench.node, 1, 2)

    effects = bench.pass_ms(1_000)

    assert 1 == len(asked(effects, GetBlock))
    assert 1 == len(asked(effects, GetCertificates))
    assert {} == bench.node.wanted_blocks
    assert bench.node.views_want is None


def test_nobody_to_ask_is_no_reason_to_forget() -> None:
    bench = Bench()
    for peer in (1, 2, 3):
        bench.note(bench.core.peer_down(bench.now_ms, bench.wall_ms, peer))
    bench.note(bench.core.receive(bench.now_ms, bench.wall_ms, 1, bench.certificate(3, 1, SOME)))
    bench.pass_ms(500)

    bench.note(bench.core.peer_up(bench.now_ms, bench.wall_ms, 2, bench.set.keys[2]))

    assert 2 in asked(bench.pass_ms(300), GetBlock)


def test_wants_are_bounded() -> None:
    bench = Bench()

    for number in range(200):
        fetching.want_block(bench.node, number.to_bytes(32, "big"))

    assert fetching.WANTED_BLOCKS_MAX_COUNT == len(bench.node.wanted_blocks)
