"""RPC-135: every event of clearing names its rules and shows its numbers."""

import re
from pathlib import Path
from typing import Any

import pytest

from chain.kit.fields import fields_of
from derivatives.accounts.events import AccountOpened
from derivatives.block_trades.events import BlockTraded
from derivatives.futures.events import PositionSettled
from derivatives.futures.module import MODULE as FUTURES
from derivatives.insurance import events as insurance
from derivatives.insurance.module import MODULE as INSURANCE
from derivatives.liquidation import events as liquidation
from derivatives.liquidation.module import MODULE as LIQUIDATION
from derivatives.margin.events import CollateralWithdrawn, ScheduleChanged
from derivatives.margin.module import MODULE as MARGIN
from derivatives.orders.events import BundleFilled
from derivatives.perpetuals.module import MODULE as PERPETUALS
from derivatives.solvency.module import MODULE as SOLVENCY
from derivatives.synthetics import events as synthetics
from derivatives.synthetics.module import MODULE as SYNTHETICS
from derivatives.trades.events import Traded
from derivatives.trades.module import MODULE as TRADES
from node.rpc.clearing.explained import EXPLANATIONS, Telling, explained
from node.rpc.methods.trading.units import units_of
from tests import given
from tests.node.rpc.conftest import Rooms

SPECS = Path(__file__).resolve().parents[4] / "docs" / "specs"
ALICE, BOB = (given.holder(f"{name}/0") for name in ("alice", "bob"))
USD = 10**6
MOVED_BY_ASKING = {CollateralWithdrawn, ScheduleChanged}
"""Whoever sent the transaction knows why."""

WORDS = {
    "instrument": "BTC-PERP",
    "compartment": "main",
    "asset": "BTC",
    "taker_side": "buyer",
}


@pytest.fixture
def telling(rooms: Rooms) -> Telling:
    return Telling(units_of(rooms.services.state_store.tables, {"compartment": "main"}))


def example(kind: type[Any]) -> Any:
    """Return an event of a kind with a number in each field, different ones."""
    values: dict[str, Any] = {}
    for place, field in enumerate(fields_of(kind), 1):
        values[field.name] = {
            "holder": ALICE,
            "text": WORDS.get(field.name, "word"),
            "list": (),
            "boolean": False,
        }.get(field.form, place)
    return kind(**values)


@pytest.mark.parametrize(
    "module",
    [TRADES, PERPETUALS, FUTURES, MARGIN, LIQUIDATION, INSURANCE, SOLVENCY, SYNTHETICS],
    ids=lambda m: m.name,
)
def test_every_event_of_clearing_is_explained(module: Any) -> None:
    assert set(module.events.values()) - MOVED_BY_ASKING <= set(EXPLANATIONS)


@pytest.mark.parametrize("kind", EXPLANATIONS, ids=lambda kind: kind.__name__)
def test_every_explanation_names_rules_that_are_written(kind: type[Any], telling: Telling) -> None:
    written = "".join(page.read_text() for page in SPECS.glob("*.md"))

    said = " ".join(explained(example(kind), telling))

    codes = re.findall(r"\b[A-Z]{3,4}-\d{3}\b", said)
    assert codes
    assert [] == [code for code in codes if f"| {code} |" not in written]


def test_what_is_no_clearing_is_left_to_its_fields(telling: Telling) -> None:
    assert [] == explained(example(AccountOpened), telling)


def test_the_worked_slice_of_the_rules_is_told_with_its_numbers(telling: Telling) -> None:
    # docs/specs/liquidation.md, worked.
    event = liquidation.SliceTaken(
        account_holder=ALICE,
        keeper_holder=BOB,
        by_gain=False,
        tenths_count=0,
        legs=(liquidation.LegTaken("BTC-PERP", 100, 124_400, 6_220 * USD),),
        collateral=(),
        release_quantums=225_786_160,
        since_ms=1,
        ramp_ppm=115_000,
        allowance_quantums=25_300_000,
        paid_quantums=25_300_000,
        insurance_quantums=0,
        doubted_quantums=0,
        equity_before_quantums=2_200 * USD,
        solvency_before_quantums=2_200 * USD,
        maintenance_before_quantums=2_257_861_600,
        equity_after_quantums=2_174_700_000,
        solvency_after_quantums=2_174_700_000,
        maintenance_after_quantums=2_032_075_440,
    )

    said = "\n".join(explained(event, telling))

    assert "0.1 BTC-PERP at 62200" in said
    assert "ramp 11.5 % (LIQ-020), release 225.786160 USD" in said
    assert "25.300000 USD (LIQ-021)" in said
    assert "E / MM 0.974 before, 1.070 after" in said
    assert event.allowance_quantums == (2_200 * USD * event.release_quantums * event.ramp_ppm) // (
        event.maintenance_before_quantums * 10**6
    )


def test_the_worked_loss_of_the_rules_adds_up(telling: Telling) -> None:
    # docs/specs/insurance.md, worked: 2,000 + 500, and Bob pays 1,500 of 14,000.
    loss = insurance.LossAllocated(
        "main", 4_000 * USD, 2_000 * USD, 2_000 * USD, 500 * USD,
        14_000 * USD, 1_500 * USD, 0, 0, 0, 0, 0,
    )  # fmt: skip
    cut = insurance.GainCut(BOB, 14_000 * USD, 1_500 * USD)

    said = explained(loss, telling)
    (how,) = explained(cut, telling._replace(beside=(cut, loss)))

    assert said[-1].startswith("  2000.000000 USD + 500.000000 USD + 1500.000000 USD + ")
    assert said[-1].endswith("= 4000.000000 USD")
    assert "ceil(14000.000000 USD x 1500.000000 USD / 14000.000000 USD) = 1500.000000 USD" in how


def test_a_trade_says_how_its_fee_comes_about(telling: Telling) -> None:
    # docs/specs/trades.md, worked: 10 lots at 128,000 ticks.
    event = Traded(1, "BTC-PERP", 128_000, 10, "buyer", ALICE, BOB, 192_000, -32_000, 0, 0)

    said = explained(event, telling)[-1]

    assert "ceil(640.000000 USD x 0.03 %) = 0.192000 USD (TRAD-020)" in said
    assert "received 0.032000 USD (TRAD-021)" in said


def test_a_block_and_its_trades_say_who_paid_what_for_it(telling: Telling) -> None:
    trade = Traded(1, "BTC-PERP", 128_000, 2_000, "", BOB, ALICE, 0, 0, 0, 0)
    block = BlockTraded(ALICE, BOB, 7, 1, 128_000_000_000, 38_400_000)
    beside = telling._replace(beside=(trade, block))

    assert "the fee is that of the block (BLTR-030, BLTR-031)" in explained(trade, beside)[-1]
    assert "= 128000.000000 USD; it paid" in explained(block, beside)[-1]
    assert explained(block, beside)[-1].endswith("38.400000 USD (BLTR-031)")


def test_a_bundle_says_what_its_legs_came_to(telling: Telling) -> None:
    (line,) = explained(BundleFilled(ALICE, 3, 2, 1_010_000_000), telling)

    assert line.startswith("orders 3 to 4 of ")
    assert "bought less sold = 1010.000000 USD" in line


def test_a_settled_future_says_what_it_realised(telling: Telling) -> None:
    # docs/specs/futures.md, worked: ten lots from 127,000 to 128,000 ticks.
    event = PositionSettled(ALICE, "BTC-26MAR27", 10, 128_000, 5 * USD)

    (said,) = explained(event, telling)

    assert "was long 0.01 BTC-26MAR27 at 64000" in said
    assert "= 5.000000 USD" in said


def test_a_redeem_is_told_so_that_its_parts_add_up(telling: Telling) -> None:
    event = synthetics.SyntheticRedeemed(
        request_id=3,
        instrument="sGOLD",
        holder=BOB,
        account_holder=ALICE,
        size_lots=3_333,
        index_value_quantums=1_333_200_000,
        cash_quantums=100 * USD,
        collateral=(synthetics.CollateralPaid("BTC", 1_926_875, 1_233_200_000),),
        dust_quantums=0,
    )

    said = "\n".join(explained(event, telling))

    assert "0.3333 sGOLD" in said
    assert "100.000000 USD and 0.01926875 BTC" in said
    assert "100.000000 USD + 1233.200000 USD + 0.000000 USD that it keeps = 1333.200000 USD" in said
