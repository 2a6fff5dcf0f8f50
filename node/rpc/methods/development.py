"""What only development chains offer, and only to this machine.

`dev_faucet` on chains of kind dev and devnet; blocks, time and snapshots under `novation dev`
alone; `dev_isolate` on a devnet, which has peers to cut off.

Source: docs/specs/rpc.md, RPC-105 to RPC-107.
"""

from typing import Annotated

import trio
from msgspec import Meta

from chain.kit.holder import MalformedHolder, address_of, holder_from
from chain.limits import SUPPLY_QUANTUMS_MAX
from chain.modules.ledger.state import ASSET_BYTES_MAX, ASSETS
from node.rpc import limits
from node.rpc.errors import ParametersInvalid
from node.rpc.forms import hex_form
from node.rpc.method import Answer, Call, NoParameters, Parameters, method
from node.rpc.methods.standing import final_place, receipt_at
from node.rpc.methods.values import EXACT_MAX, GivenNumber, HashText, NumberText, number_from
from node.services import DevControls

BLOCKS_MAX_COUNT = 1_000
DAY_MS = 86_400_000
DecimalText = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$", description="a decimal above 0 as a string"),
]


def _controls(call: Call) -> DevControls:
    controls = call.services.dev
    assert controls is not None, "these methods are served only where there are controls"
    return controls


class Gift(Parameters, frozen=True):
    """Who gets how much of what: an amount in whole units, like 2.5."""

    account: str
    asset: str
    amount: DecimalText | Annotated[int, Meta(ge=1, le=EXACT_MAX)]


def quantums_from(amount: str, decimals: int) -> int:
    """Return an amount in whole units as quantums, exactly.

    Refuses: ParametersInvalid, for more decimal places than the asset has, or more than there can
    be of anything.

    >>> quantums_from("2.5", 6)
    2500000
    """
    whole, _, part = amount.partition(".")
    if len(part) > decimals:
        raise ParametersInvalid(
            f"amount: at most {decimals} decimal places", field="amount", decimals=decimals
        )
    amount_quantums = int(whole + part.ljust(decimals, "0"))
    if amount_quantums > SUPPLY_QUANTUMS_MAX:
        raise ParametersInvalid(
            f"amount: at most {SUPPLY_QUANTUMS_MAX // 10**decimals} whole units of this asset",
            field="amount",
            decimals=decimals,
        )
    return amount_quantums


class GiftAnswer(Answer, frozen=True):
    """The transfer that pays it."""

    id: HashText
    ok: bool | None
    height: NumberText | None


@method("dev_faucet", weight=5, loopback_only=True)
async def faucet(call: Call, asked: Gift) -> GiftAnswer:
    """Send an amount of an asset from the funded genesis signer, and wait for it.

    `amount` is in whole units, a string like "2.5" or an integer: 1000 is a thousand USD.

    `ok` and `height` are null when it is not final after ten seconds.
    """
    controls = _controls(call)
    try:
        address = address_of(holder_from(asked.account))
    except MalformedHolder as fault:
        raise ParametersInvalid(f"account: {fault}", field="account") from fault
    if address is None:
        raise ParametersInvalid("account: not an address", field="account")
    services = call.services
    view, _ = services.state_store.view_at(None)
    asset = view.get(ASSETS, asked.asset) if len(asked.asset) <= ASSET_BYTES_MAX else None
    if asset is None:
        raise ParametersInvalid(f"no asset {asked.asset[:16]!r} on this chain", field="asset")
    amount_quantums = quantums_from(str(asked.amount), asset.decimals)
    identity = await controls.faucet(address, asked.asset, amount_quantums)
    with trio.move_on_after(limits.WAIT_DEFAULT_MS / 1000):
        if final_place(services, identity) is None:
            await services.finality.wait_transaction(identity)
    receipt = receipt_at(services, identity)
    if receipt is None:
        return GiftAnswer(hex_form(identity), None, None)
    return GiftAnswer(hex_form(identity), receipt["ok"], receipt["height"])


class HowMany(Parameters, frozen=True):
    """A number of blocks."""

    blocks: Annotated[int, Meta(ge=1, le=BLOCKS_MAX_COUNT)] = 1


class HeightAnswer(Answer, frozen=True):
    """Where the chain is now."""

    height: NumberText


@method("dev_mine", weight=10, loopback_only=True)
async def mine(call: Call, asked: HowMany) -> HeightAnswer:
    """Make and finalise this many blocks now."""
    return HeightAnswer(str(await _controls(call).mine(asked.blocks)))


class HowLong(Parameters, frozen=True):
    """A span of chain time."""

    ms: Annotated[int, Meta(ge=0, le=366 * DAY_MS)]


class TimeAnswer(Answer, frozen=True):
    """The chain's clock now; the next block has at least this time."""

    time_ms: int


@method("dev_advanceTime", weight=5, loopback_only=True)
async def advance_time(call: Call, asked: HowLong) -> TimeAnswer:
    """Move the chain's clock forward."""
    return TimeAnswer(await _controls(call).advance_time(asked.ms))


class SnapshotAnswer(Answer, frozen=True):
    """The name to go back to."""

    id: str


@method("dev_snapshot", weight=10, loopback_only=True)
async def snapshot(call: Call, _asked: NoParameters) -> SnapshotAnswer:
    """Keep state and vote log as they are now."""
    return SnapshotAnswer(await _controls(call).snapshot())


class WhichSnapshot(Parameters, frozen=True):
    """A snapshot by its name."""

    id: str


@method("dev_revert", weight=10, loopback_only=True)
async def revert(call: Call, asked: WhichSnapshot) -> HeightAnswer:
    """Go back to a snapshot: state, blocks and vote log together."""
    return HeightAnswer(str(await _controls(call).revert(asked.id)))


class WhichPrice(Parameters, frozen=True):
    """A feed and its price in 10^-8 units, or null: what the feeder says."""

    feed: Annotated[str, Meta(min_length=1, max_length=16)]
    price_e8: GivenNumber | None = None


@method("dev_setPrice", weight=10, loopback_only=True)
async def set_price(call: Call, asked: WhichPrice) -> HeightAnswer:
    """Have a feed's price be this one, and return the height at which it is.

    Under `novation dev` the blocks that confirm a jump are made at once. On a devnet this node's
    feeder reports it from now on, and null gives the feed back; a price moves when a quorum of
    authorities say so.
    """
    price_e8 = None if asked.price_e8 is None else number_from(asked.price_e8)
    return HeightAnswer(str(await _controls(call).set_price(asked.feed, price_e8)))


class Names(Parameters, frozen=True):
    """Peers by name; nobody heals."""

    names: list[str]


class IsolatedAnswer(Answer, frozen=True):
    """Whom this node refuses now."""

    names: list[str]


@method("dev_isolate", loopback_only=True)
async def isolate(call: Call, asked: Names) -> IsolatedAnswer:
    """Drop and refuse connections with these peers; the empty list heals."""
    await _controls(call).isolate(asked.names)
    return IsolatedAnswer(asked.names)


ANY_KIND = (faucet, set_price)
DEV_KIND = (mine, advance_time, snapshot, revert)
DEVNET_KIND = (isolate,)
