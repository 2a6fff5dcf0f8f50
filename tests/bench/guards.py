"""What a block pays for being safe: the equations at its end, and the guard around each hook."""

import statistics
import time

from chain.block.block import Block
from chain.block.transaction import is_genuine_transaction
from chain.machine.application import Application
from chain.machine.run import seal
from chain.machine.validity import CheckedBlock, apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from derivatives.accounts.transactions import Deposit
from derivatives.orders.transactions import Place
from derivatives.registry import REGISTRY
from derivatives.solvency.hooks import hold_equations
from tests import given

USD = 10**6
SIGNERS_COUNT = 40
EACH_COUNT = 5
ROUNDS = 15


def _placing(name: str, side: int, price_ticks: int) -> Place:
    return Place(
        account_holder=given.holder(f"{name}/0"),
        instrument="BTC-PERP",
        side=side,
        price_ticks=price_ticks,
        size_lots=10,
        time_in_force=1,
        post_only=False,
        reduce_only=False,
        self_trade=0,
        client_id="",
        good_till_ms=0,
        trigger_kind=0,
        trigger_ticks=0,
    )


def trading_block(each_count: int) -> tuple[given.World, Block]:
    """Return a world, and a block on its head in which forty trade so many times each."""
    names = [f"trader{number}" for number in range(SIGNERS_COUNT)]
    world = given.world({name: {"USD": 10**6 * USD} for name in names})
    world.prices_e8 = {"BTC": 64_000 * 10**8, "ETH": 3_200 * 10**8}
    for name in names:
        world.send(name, Deposit(given.holder(f"{name}/0"), "USD", 10**5 * USD))
    for after_ms in (500, 2_000, 500):
        world.close_block(after_ms)
    world.open_block()
    for _ in range(each_count):
        for place, name in enumerate(names):
            assert "" == world.send(name, _placing(name, 1 + place % 2, 128_000)).reason
    run, facts = world._run, world._facts
    assert run is not None
    assert facts is not None
    return world, seal(facts, tuple(world._sent), world._oracle, (), run.close())


def guard_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure: shares of executing a block."""
    guarded, bare, unequal = (Application(REGISTRY) for _ in range(3))
    bare.quarantine = None
    unequal.end_block = tuple(hook for hook in unequal.end_block if hook is not hold_equations)
    found = []
    for each_count in (0, EACH_COUNT):
        world, block = trading_block(each_count)
        checked = check_block(guarded, world.chain_id, block, is_genuine_transaction)
        spent: dict[str, list[float]] = {"all": [], "guards": [], "equations": []}
        for _ in range(ROUNDS):
            # One after the other, so that a busy machine is busy for all of them.
            whole = _applied_s(guarded, world, checked)
            spent["all"].append(whole)
            spent["guards"].append(whole - _applied_s(bare, world, checked))
            spent["equations"].append(whole - _applied_s(unequal, world, checked))
        whole = statistics.median(spent["all"])
        load = f"transactions={len(block.transactions)}"
        found.append((f"block.execute/{load}", whole * 1e3, "ms CPU", ""))
        for name in ("guards", "equations"):
            share = statistics.median(spent[name]) / whole * 100
            found.append((f"block.{name}/{load}", share, "% of executing it", ""))
    return found


def _applied_s(application: Application, world: given.World, checked: CheckedBlock) -> float:
    authorities = authority_set_of(world.tables, 0)
    assert authorities is not None
    start = time.thread_time()
    apply_block(application, world.tables, checked, authorities)
    return time.thread_time() - start
