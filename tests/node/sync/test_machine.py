"""SYNC-010 to SYNC-016: windows from several peers, in order, whoever fails."""

import random

from node.sync.machine import REST_FIRST_MS, Apply, Ask, Charge, Machine


def asks(steps: list[Ask | Apply[str]]) -> list[Ask]:
    return [step for step in steps if isinstance(step, Ask)]


def applies(steps: list[Ask | Apply[str]]) -> list[Apply[str]]:
    return [step for step in steps if isinstance(step, Apply)]


def machine_with(*peers: str, height: int = 0) -> Machine[str]:
    machine = Machine[str](height)
    for peer in peers:
        machine.peer_came(peer)
    return machine


def test_nothing_is_asked_before_a_height_is_proven() -> None:
    machine = machine_with("a")

    steps = machine.next_steps(0)

    assert [] == steps


def test_windows_of_64_go_to_four_peers_at_once() -> None:
    machine = machine_with("a", "b", "c", "d", "e")
    machine.proven(1_000)

    asked = asks(machine.next_steps(0))

    assert [(1, 64), (65, 64), (129, 64), (193, 64)] == [(a.from_height, a.count) for a in asked]
    assert 4 == len({ask.peer for ask in asked})


def test_the_last_window_ends_at_the_proven_height() -> None:
    machine = machine_with("a", height=10)
    machine.proven(13)

    asked = asks(machine.next_steps(0))

    assert [(11, 3)] == [(ask.from_height, ask.count) for ask in asked]


def test_an_answer_that_came_early_waits_for_its_turn() -> None:
    machine = machine_with("a", "b")
    machine.proven(128)
    first, second = asks(machine.next_steps(0))

    machine.answered(second.token, 128, "second")
    early = applies(machine.next_steps(0))
    machine.answered(first.token, 64, "first")
    in_turn = applies(machine.next_steps(0))

    assert [] == early
    assert ["first"] == [apply.content for apply in in_turn]


def test_one_range_is_applied_at_a_time() -> None:
    machine = machine_with("a", "b")
    machine.proven(128)
    first, second = asks(machine.next_steps(0))
    machine.answered(first.token, 64, "first")
    machine.answered(second.token, 128, "second")

    before = applies(machine.next_steps(0))
    meanwhile = applies(machine.next_steps(0))
    machine.moved(64)
    after = applies(machine.next_steps(0))

    assert ["first"] == [apply.content for apply in before]
    assert [] == meanwhile
    assert ["second"] == [apply.content for apply in after]


def test_what_a_short_answer_leaves_is_asked_again() -> None:
    machine = machine_with("a", "b")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))

    machine.answered(ask.token, 10, "ten")
    asked = asks(machine.next_steps(0))

    assert [(11, 54)] == [(again.from_height, again.count) for again in asked]


def test_a_silent_peer_rests_and_its_window_goes_to_another() -> None:
    machine = machine_with("a", "b")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))

    machine.silent(ask.token, 0)
    (again,) = asks(machine.next_steps(0))

    assert again.from_height == ask.from_height
    assert again.peer != ask.peer


def test_a_lone_silent_peer_is_asked_again_after_its_rest() -> None:
    machine = machine_with("a")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))
    machine.silent(ask.token, 0)

    at_once = machine.next_steps(0)
    wakes_at_ms = machine.wakes_at_ms(0)
    later = asks(machine.next_steps(REST_FIRST_MS))

    assert [] == at_once
    assert REST_FIRST_MS == wakes_at_ms
    assert ["a"] == [again.peer for again in later]


def test_a_wrong_answer_is_charged_to_its_sender_alone() -> None:
    machine = machine_with("liar", "honest")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))

    charges = machine.wrong(ask.token, 0, "sync.wrong_range")
    (again,) = asks(machine.next_steps(0))

    assert [Charge(ask.peer, "sync.wrong_range")] == charges
    assert {ask.peer, again.peer} == {"liar", "honest"}


def test_who_failed_at_a_window_is_asked_again_while_a_liar_rests() -> None:
    machine = machine_with("liar", "honest")
    machine.proven(128)
    of = {ask.peer: ask for ask in asks(machine.next_steps(0))}
    machine.wrong(of["liar"].token, 0, "sync.wrong_range")
    machine.silent(of["honest"].token, 0)

    (first,) = asks(machine.next_steps(REST_FIRST_MS))
    machine.answered(first.token, first.from_height + 63, "range")
    (second,) = asks(machine.next_steps(REST_FIRST_MS))

    assert {"honest"} == {first.peer, second.peer}
    assert {1, 65} == {first.from_height, second.from_height}


def test_a_peer_that_went_leaves_its_window_to_others() -> None:
    machine = machine_with("a", "b")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))

    machine.peer_went(ask.peer)
    (again,) = asks(machine.next_steps(0))
    machine.silent(ask.token, 0)

    assert again.peer != ask.peer
    assert [] == machine.next_steps(0)


def test_a_head_that_consensus_moved_makes_windows_needless() -> None:
    machine = machine_with("a")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))

    machine.moved(64)
    machine.answered(ask.token, 64, "late")
    steps = machine.next_steps(0)
    machine.proven(128)

    assert [] == steps
    assert [(65, 64)] == [(a.from_height, a.count) for a in asks(machine.next_steps(0))]


def test_a_range_that_was_not_applied_is_asked_for_again() -> None:
    machine = machine_with("a")
    machine.proven(64)
    (ask,) = asks(machine.next_steps(0))
    machine.answered(ask.token, 64, "range")
    applies(machine.next_steps(0))

    machine.moved(20)
    machine.not_applied()
    (again,) = asks(machine.next_steps(0))

    assert (21, 44) == (again.from_height, again.count)


def test_any_mixture_of_failures_ends_at_the_proven_height() -> None:
    for seed in range(100):
        dice = random.Random(seed)
        machine = machine_with("a", "b", "c", "d", "e")
        best_height = dice.randrange(1, 2_000)
        machine.proven(best_height)
        now_ms = 0
        open_asks: list[Ask] = []
        applied_to = 0
        for _ in range(20_000):
            if not machine.is_behind:
                break
            now_ms += 50
            for step in machine.next_steps(now_ms):
                if isinstance(step, Ask):
                    open_asks.append(step)
                    continue
                assert step.from_height <= applied_to + 1 <= step.to_height
                applied_to = step.to_height
                machine.moved(applied_to)
            if not open_asks:
                continue
            ask = open_asks.pop(dice.randrange(len(open_asks)))
            outcome = dice.random()
            if outcome < 0.2:
                machine.silent(ask.token, now_ms)
            elif outcome < 0.3:
                machine.peer_went(ask.peer)
                machine.peer_came(ask.peer)
            else:
                last = ask.from_height + dice.randrange(ask.count)
                machine.answered(ask.token, last, "range")

        assert best_height == machine.height, f"seed {seed}"
