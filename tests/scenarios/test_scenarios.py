"""Stories of the clearing house, told in lines, each headed by the criterion it proves.

    # CODE  sentence                           begins a scenario
    wallet NAME AMOUNT [ASSET]                 a funded signer at genesis (default asset USD);
                                               or a fund, insurance/main or default-fund/main
    transfer FROM TO AMOUNT [ASSET]            ledger.transfer
    keys NAME THRESHOLD KEY ...                signers.set_keys
    agent NAME KEY [classes 1,2] [kinds 301]   signers.add_agent
    dismiss NAME KEY                           signers.remove_agent
    deposit NAME/N AMOUNT [ASSET]              accounts.deposit
    open NAME/N [cross|isolated] [SCHEDULE]    accounts.open (default cross, standard)
    delegate NAME/N DELEGATE                   accounts.add_delegate
    undelegate NAME/N DELEGATE                 accounts.remove_delegate
    buy NAME/N LOTS INSTRUMENT TICKS [HOW]     orders.place; TICKS may be `market`
    sell NAME/N LOTS INSTRUMENT TICKS [HOW]    HOW: ioc fok post reduce incoming client=TEXT
                                               stop=TICKS take=TICKS
    amend NAME/N ID TICKS LOTS                 orders.amend
    bundle NAME/N LEG ... [net=QUANTUMS]       orders.bundle; LEG is buy:LOTS:INSTRUMENT:TICKS or
                                               sell:..., with :reduce at its end where it is
    accept NAME/N OFFERER/N LEG ... [HOW]      block_trades.accept of what OFFERER offered, LEG from
                                               the offering side; HOW: number=N (1), ends=MS after
                                               genesis (a minute), signed=KEY,KEY, to=NAME/N
    revoke NAME/N NUMBER                       block_trades.revoke
    cancel NAME/N ID                           orders.cancel
    cancel_all NAME/N [INSTRUMENT]             orders.cancel_all
    dead_man NAME/N MS                         orders.set_dead_man
    withdraw NAME/N AMOUNT [ASSET]             margin.withdraw_collateral
    schedule NAME/N SCHEDULE                   margin.set_schedule
    liquidate NAME/N TARGET SLICES             liquidation.liquidate: NAME/N is the keeper
    convert NAME/N TARGET ASSET AMOUNT         liquidation.convert
    take_slices NAME/N SLICES                  insurance.take_slices
    take_collateral NAME/N ASSET AMOUNT        insurance.convert_collateral
    mint NAME/N LOTS SYNTHETIC                 synthetics.mint
    burn NAME/N LOTS SYNTHETIC                 synthetics.burn
    redeem NAME LOTS SYNTHETIC                 synthetics.redeem
    stands NAME/N sound|warned|flagged         how an account stood when the block began
    margin NAME/N WHAT=QUANTUMS ...            risk, open (risk with orders), initial,
                                               maintenance or equity of an account
    owes NAME/N INSTRUMENT QUANTUMS            funding not yet paid, below zero when owed to it
    lots NAME/N INSTRUMENT LOTS                what an account holds, below zero when short
    book INSTRUMENT LOTS@TICKS ... | ...       what rests: bids, then asks, best first
    holds HOLDER AMOUNT [ASSET]                what a wallet, account or named holder has
    together NAME,NAME AMOUNT                  what signers have among them: wallets and
                                               accounts at the index
    supply AMOUNT [ASSET]                      how much of an asset there is
    sequence NAME NUMBER [lane N]              the next sequence of a lane
    price FEED USD | nothing                   what all report of a feed from the next block on
    volatility UNDERLYING PERCENT | nothing    likewise of its volatility, each five seconds
    says INDEX FEED USD | nothing              what one authority reports instead from then on
    market INSTRUMENT STATE                    how an instrument trades
    mark INSTRUMENT TICKS                      what it is marked at
    premiums INSTRUMENT COUNT                  seconds of this hour with a premium
    leader SIN ...                             the next leader lies so about reports (SINS of
                                               tests/given_reports.py): others refuse the block
    block [MS] [COUNT]                         close the block, so long after its parent, or
                                               so many of them

Any asking line may say `from NAME` (who sends it), `lane N`, `sequence N`, `by KEY,KEY`, and
`-> reason fact=value ...`; without an arrow it must be applied.  Every scenario ends by
closing its block, where others must agree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chain.kit import InvalidBlock, wallet
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.lanes import next_sequence
from chain.modules.signers.transactions import AddAgent, RemoveAgent, SetKeys
from derivatives.accounts.state import ACCOUNTS
from derivatives.accounts.transactions import AddDelegate, Deposit, Open, RemoveDelegate
from derivatives.block_trades.transactions import Revoke
from derivatives.instruments.queries import instrument_standing
from derivatives.insurance.transactions import ConvertCollateral, TakeSlices
from derivatives.liquidation.transactions import Convert, Liquidate
from derivatives.margin.account import health_of
from derivatives.margin.state import WARNINGS
from derivatives.margin.transactions import SetSchedule, WithdrawCollateral
from derivatives.marks.state import MARKS
from derivatives.orders.queries import book_depth
from derivatives.orders.transactions import Amend, Cancel, CancelAll, Place, SetDeadMan
from derivatives.perpetuals.funding import owed_quantums
from derivatives.perpetuals.state import SAMPLES
from derivatives.positions.state import POSITIONS
from derivatives.synthetics.transactions import Burn, Mint, Redeem
from tests import given
from tests.given_blocks import accept_said
from tests.given_legs import bundle_said

FOLDER = Path(__file__).parent
SPECS = FOLDER.parents[1] / "docs" / "specs"
HEADING = re.compile(r"# ([A-Z]+-[0-9]{3})  (.+)")
FAR_MS = 2**62
MODES = ("cross", "isolated")


@dataclass(frozen=True)
class Scenario:
    """A criterion's code, its sentence, and the lines that prove it."""

    file: str
    code: str
    sentence: str
    lines: tuple[tuple[int, str], ...]


@dataclass
class Line:
    """One line, taken apart."""

    verb: str
    words: list[str]
    how: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    facts: dict[str, str] = field(default_factory=dict)


def scenarios() -> list[Scenario]:
    found: list[Scenario] = []
    for path in sorted(FOLDER.glob("*.txt")):
        lines: list[tuple[int, str]] = []
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            heading = HEADING.fullmatch(text)
            if heading:
                lines = []
                found.append(Scenario(path.name, heading[1], heading[2], ()))
            elif text.strip():
                lines.append((number, text))
                last = found.pop()
                found.append(Scenario(last.file, last.code, last.sentence, tuple(lines)))
    return found


def parsed(text: str) -> Line:
    asked, _, expected = text.partition("#")[0].partition("->")
    words = asked.split()
    line = Line(words[0], [])
    at = 1
    while at < len(words):
        word = words[at]
        if word in {"lane", "sequence", "by", "classes", "kinds", "from"}:
            value = words[at + 1]
            listed = word in {"by", "classes", "kinds", "from"}
            line.how[word] = value.split(",") if listed else int(value)
            at += 2
        else:
            line.words.append(word)
            at += 1
    answer = expected.split()
    if answer:
        line.reason = answer[0]
        line.facts = dict(fact.split("=") for fact in answer[1:])
    return line


def amount(text: str) -> int:
    return int(text.replace("_", ""))


def asset_of(words: list[str], place: int) -> str:
    return words[place] if len(words) > place else "USD"


SYNTHETIC_ACTS: dict[str, Callable[[str, str, int], Any]] = {
    "mint": Mint,
    "burn": Burn,
    "redeem": lambda _, synthetic, lots: Redeem(synthetic, lots),
}


def payload_of(line: Line) -> Any:
    words = line.words
    if line.verb == "transfer":
        return Transfer(given.address(words[1]), asset_of(words, 3), amount(words[2]))
    if line.verb == "keys":
        keys = tuple(sorted(given.address(name) for name in words[2:]))
        return SetKeys(threshold=int(words[1]), keys=keys)
    if line.verb == "agent":
        return AddAgent(
            public_key=given.address(words[1]),
            expires_ms=FAR_MS,
            kinds=tuple(map(int, line.how.get("kinds", ()))),
            classes=tuple(map(int, line.how.get("classes", ()))),
        )
    if line.verb == "dismiss":
        return RemoveAgent(given.address(words[1]))
    account = given.holder(words[0])
    if line.verb in SYNTHETIC_ACTS:
        return SYNTHETIC_ACTS[line.verb](account, words[2], amount(words[1]))
    if line.verb == "deposit":
        return Deposit(account, asset_of(words, 2), amount(words[1]))
    if line.verb == "open":
        mode, schedule = (*words[1:], *("cross", "standard")[len(words) - 1 :])
        return Open(account, "main", MODES.index(mode), schedule)
    if line.verb == "delegate":
        return AddDelegate(account, given.address(words[1]), FAR_MS)
    if line.verb == "undelegate":
        return RemoveDelegate(account, given.address(words[1]))
    return order_payload_of(line, account)


def order_payload_of(line: Line, account: str) -> Any:
    words = line.words
    if line.verb == "amend":
        return Amend(account, int(words[1]), amount(words[2]), amount(words[3]))
    if line.verb == "bundle":
        return bundle_said(account, words[1:])
    if line.verb == "revoke":
        return Revoke(account, amount(words[1]))
    if line.verb == "cancel":
        return Cancel(account, int(words[1]), "")
    if line.verb == "cancel_all":
        return CancelAll(account, words[1] if len(words) > 1 else "")
    if line.verb == "dead_man":
        return SetDeadMan(account, amount(words[1]))
    if line.verb == "withdraw":
        return WithdrawCollateral(account, asset_of(words, 2), amount(words[1]))
    if line.verb == "schedule":
        return SetSchedule(account, words[1])
    if line.verb == "liquidate":
        return Liquidate(account, given.holder(words[1]), int(words[2]))
    if line.verb == "convert":
        return Convert(account, given.holder(words[1]), words[2], amount(words[3]))
    if line.verb == "take_slices":
        return TakeSlices(account, int(words[1]))
    if line.verb == "take_collateral":
        return ConvertCollateral(account, words[1], amount(words[2]))
    assert line.verb in {"buy", "sell"}, f"unknown verb {line.verb}"
    how = {word.partition("=")[0]: word.partition("=")[2] for word in words[4:]}
    at_once = "market" in words or "ioc" in how
    return Place(
        account_holder=account,
        instrument=words[2],
        side=1 if line.verb == "buy" else 2,
        price_ticks=0 if words[3] == "market" else amount(words[3]),
        size_lots=amount(words[1]),
        time_in_force=3 if "fok" in how else 2 if at_once else 1,
        post_only="post" in how,
        reduce_only="reduce" in how,
        self_trade=int("incoming" in how),
        client_id=how.get("client", ""),
        good_till_ms=0,
        trigger_kind=1 if "stop" in how else 2 if "take" in how else 0,
        trigger_ticks=amount(how.get("stop") or how.get("take") or "0"),
    )


def ask(world: given.World, line: Line) -> None:
    how = {name: line.how[name] for name in ("lane", "sequence") if name in line.how}
    signer = line.how.get("from", [line.words[0].partition("/")[0]])[0]
    payload = accept_said(world, line.words) if line.verb == "accept" else payload_of(line)
    answer = world.send(signer, payload, keys=line.how.get("by"), **how)

    assert line.reason == answer.reason
    assert line.facts == {name: str(answer.facts.get(name)) for name in line.facts}


def look_at_holds(world: given.World, line: Line) -> None:
    assert amount(line.words[1]) == world.holds(line.words[0], asset_of(line.words, 2))


def look_at_together(world: given.World, line: Line) -> None:
    names, expected = line.words
    signers = [given.address(name) for name in names.split(",")]
    wallets = sum(balance_of(world.view, wallet(signer), "USD") for signer in signers)
    accounts = sum(
        health_of(world.view, str(key)).solvency_quantums
        for key, record in world.view.scan(ACCOUNTS)
        if record.owner in signers
    )

    assert amount(expected) == wallets + accounts


def look_at_supply(world: given.World, line: Line) -> None:
    assert amount(line.words[0]) == world.supply(asset_of(line.words, 1))


def look_at_sequence(world: given.World, line: Line) -> None:
    signer, lane = given.address(line.words[0]), line.how.get("lane", 0)
    assert int(line.words[1]) == next_sequence(world.view, signer, lane)


def look_at_market(world: given.World, line: Line) -> None:
    assert line.words[1] == instrument_standing(world.view, line.words[0]).state


def look_at_mark(world: given.World, line: Line) -> None:
    mark = world.view.get(MARKS, line.words[0])

    assert amount(line.words[1]) == (0 if mark is None else mark.mark_price_ticks)


def look_at_premiums(world: given.World, line: Line) -> None:
    rows = [row for _, row in world.view.scan(SAMPLES, (line.words[0],))]

    assert int(line.words[1]) == sum(len(row.premiums_e9) for row in rows)


def look_at_lots(world: given.World, line: Line) -> None:
    position = world.view.get(POSITIONS, (given.holder(line.words[0]), line.words[1]))

    assert amount(line.words[2]) == (0 if position is None else position.size_lots)


def look_at_stands(world: given.World, line: Line) -> None:
    account = given.holder(line.words[0])
    record = world.view.get(ACCOUNTS, account)
    assert record is not None
    warned = world.view.get(WARNINGS, account) is not None

    assert line.words[1] == ("flagged" if record.flagged_ms else "warned" if warned else "sound")


def look_at_book(world: given.World, line: Line) -> None:
    book = book_depth(world.view, line.words[0], 200)
    bids, asks = (
        [f"{level.size_lots}@{level.price_ticks}" for level in side]
        for side in (book.bids, book.asks)
    )

    assert [word.replace("_", "") for word in line.words[1:]] == [*bids, "|", *asks]


def look_at_funding(world: given.World, line: Line) -> None:
    account, instrument, owed = line.words

    assert amount(owed) == owed_quantums(world.view, given.holder(account), instrument)


def close(world: given.World, line: Line) -> None:
    after_ms, count = (*map(amount, line.words), *(given.BLOCK_MS, 1)[len(line.words) :])
    for _ in range(count):
        world.close_block(after_ms)


def say_alone(world: given.World, line: Line) -> None:
    index, feed, price = line.words
    own = world.lies_e8.setdefault(int(index), dict(world.prices_e8))
    if price == "nothing":
        own.clear()
    else:
        own[feed] = amount(price) * 10**8


def lie(world: given.World, line: Line) -> None:
    for sin in line.words:
        height, root = world.height, world.tables.root
        with pytest.raises(InvalidBlock):
            world.open_block(sin=sin)
        assert (height, root) == (world.height, world.tables.root)


def say(world: given.World, line: Line) -> None:
    feed, price = line.words
    if price == "nothing":
        del world.prices_e8[feed]
    else:
        world.prices_e8[feed] = amount(price) * 10**8


def say_volatility(world: given.World, line: Line) -> None:
    underlying, percent = line.words
    if percent == "nothing":
        del world.volatilities_ppm[underlying]
    else:
        world.volatilities_ppm[underlying] = amount(percent) * 10_000


def look_at_margin(world: given.World, line: Line) -> None:
    found = health_of(world.view, given.holder(line.words[0]))
    told = {
        "risk": found.risk_quantums,
        "open": found.risk_open_quantums,
        "initial": found.initial_quantums,
        "maintenance": found.maintenance_quantums,
        "equity": found.equity_quantums,
    }
    asked = (word.split("=") for word in line.words[1:])
    expected = {name: amount(number) for name, number in asked}
    assert expected == {name: told[name] for name in expected}


LOOKS: dict[str, Callable[[given.World, Line], None]] = {
    "holds": look_at_holds,
    "together": look_at_together,
    "supply": look_at_supply,
    "sequence": look_at_sequence,
    "market": look_at_market,
    "mark": look_at_mark,
    "owes": look_at_funding,
    "premiums": look_at_premiums,
    "leader": lie,
    "lots": look_at_lots,
    "margin": look_at_margin,
    "stands": look_at_stands,
    "book": look_at_book,
    "price": say,
    "volatility": say_volatility,
    "says": say_alone,
    "block": close,
}


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda s: s.code)
def test_scenario(scenario: Scenario) -> None:
    lines = [(number, text, parsed(text)) for number, text in scenario.lines]
    holdings: dict[str, dict[str, int]] = {}
    for _, _, line in lines:
        if line.verb == "wallet":
            name, held = line.words[0], amount(line.words[1])
            holdings.setdefault(name, {})[asset_of(line.words, 2)] = held
    world = given.world(holdings)

    for number, text, line in lines:
        if line.verb != "wallet":
            try:
                LOOKS.get(line.verb, ask)(world, line)
            except AssertionError as wrong:
                raise AssertionError(f"{scenario.file}:{number}: {text}\n{wrong}") from wrong
    world.close_block()


def test_every_scenario_proves_a_criterion_that_is_written_down() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in SPECS.glob("*.md"))

    unknown = [s.code for s in scenarios() if f"| {s.code} |" not in written]

    assert [] == unknown
    assert len(scenarios()) == len({(s.code, s.sentence) for s in scenarios()}) > 0
