"""`novation block offer`, `sign`, `accept`, `revoke`: trades of two who agreed off the book."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.lazy import DURATION, Command
from node.cli.session import Session
from node.client.failures import USAGE, Failure
from node.client.keyring import account_name

if TYPE_CHECKING:
    from derivatives.block_trades.offers import Offer
    from node.cli.commands.trading.legs import Leg
    from node.cli.commands.trading.offer_file import OfferFile

FILE = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))


@click.command(cls=Command)
@click.argument("counterparty", metavar="TO")
@click.option("--leg", "legs", multiple=True, metavar="INSTRUMENT:SIZE@P", help="Below 0: sell.")
@click.option("--good-for", type=DURATION, default="10m", metavar="TIME", help="At most 1d.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to pass on.")
@click.pass_obj
def offer(
    session: Session, counterparty: str, legs: Sequence[str], good_for: int, out: Path
) -> None:
    """Sign an offer to trade legs with one other account, off the book; nothing is sent.

    novation block offer bob --leg BTC-PERP:-2@64_000 --from alice --out offer
    """
    from node.cli.commands.trading.legs import leg_of
    from node.cli.commands.trading.offer_file import OfferFile, write_offer
    from node.cli.writing import signer_of
    from node.client import building

    if not legs:
        raise Failure(USAGE, "an offer has legs: --leg INSTRUMENT:SIZE@P, once or more")
    found = [leg_of(session.client, leg, priced=True) for leg in legs]
    chain = building.chain_at(session.client, session.target)
    key, signing = session.keyring.open(signer_of(session), chain.kind)
    made = _offered(session, key.address, counterparty, found, good_for)
    signed = OfferFile(chain.chain_id, made, {}).signed_by(signing)
    write_offer(out, signed)
    session.reporter.result(
        {**signed.written(), "file": str(out)},
        [
            f"wrote {out}: an offer to {counterparty}",
            *(f"  {line}" for line in _said(found)),
            f"  there: novation block accept {out} --from {counterparty}",
            f"  to take it back: novation block revoke {out} --from {session.signer_name}",
        ],
    )


def _offered(
    session: Session, signer: bytes, counterparty: str, legs: Sequence["Leg"], good_for_ms: int
) -> "Offer":
    """Return the offer of the account of --from, numbered by this machine's clock."""
    from chain.kit.holder import holder_from
    from derivatives.block_trades.offers import OFFER_MS_MAX, BlockLeg, Offer
    from node.cli.commands.trading.naming import account_text
    from node.clock import Clock

    if good_for_ms > OFFER_MS_MAX:
        raise Failure(USAGE, "an offer is good for at most 1d", "nothing was signed")
    if session.keyring.address(account_name(counterparty).owner) == signer:
        raise Failure(USAGE, "an offer is for another signer's account", "nothing was signed")
    now_ms = int(session.client.call("chain_getStatus")["time_ms"])
    return Offer(
        signer=signer,
        account_holder=holder_from(account_text(session)),
        counterparty_holder=holder_from(account_text(session, counterparty)),
        legs=tuple(BlockLeg(leg.terms.instrument, leg.side, leg.lots, leg.ticks) for leg in legs),
        expires_ms=now_ms + good_for_ms,
        offer_sequence=Clock().wall_ms(),
    )


def _said(legs: Sequence["Leg"]) -> list[str]:
    from node.cli.commands.trading.legs import BUY

    return [
        f"{'buy' if leg.side == BUY else 'sell'} {leg.terms.size(leg.lots)} {leg.terms.instrument}"
        f" at {leg.terms.price(leg.ticks)}"
        for leg in legs
    ]


def _read(session: Session, path: Path) -> "OfferFile":
    from node.cli.commands.trading.offer_file import read_offer
    from node.client import building

    return read_offer(path, building.chain_at(session.client, session.target).chain_id)


def _legs_of(session: Session, made: "Offer", *, turned: bool) -> list["Leg"]:
    """Return an offer's legs from its own side, or turned to the other one."""
    from node.cli.commands.trading.legs import BUY, SELL, Leg
    from node.client.instruments import terms_of

    other = {BUY: SELL, SELL: BUY}
    return [
        Leg(
            terms_of(session.client, leg.instrument),
            other[leg.side] if turned else leg.side,
            leg.size_lots,
            leg.price_ticks,
        )
        for leg in made.legs
    ]


@click.command(cls=Command)
@FILE
@click.pass_obj
def sign(session: Session, path: Path) -> None:
    """Add the signature of --from to an offer, where several keys move its signer."""
    from chain.crypto.addresses import text_of
    from node.cli.commands.signing.multisig import require_key_of
    from node.cli.commands.trading.offer_file import write_offer
    from node.cli.writing import signer_of
    from node.client import building

    found = _read(session, path)
    kind = building.chain_at(session.client, session.target).kind
    key, signing = session.keyring.open(signer_of(session), kind)
    require_key_of(session, text_of(found.offer.signer), key)
    signed = found.signed_by(signing)
    if not session.dry_run:
        write_offer(path, signed)
    count = len(signed.signatures)
    said = f"{key.name} {'would sign' if session.dry_run else 'signed'} {path}"
    lines = [f"{said}: {count} {'signature' if count == 1 else 'signatures'}"]
    lines += [f"  {line}" for line in _said(_legs_of(session, found.offer, turned=False))]
    session.reporter.result({**signed.written(), "signatures_count": count}, lines)


@click.command(cls=Command)
@FILE
@click.pass_obj
def accept(session: Session, path: Path) -> None:
    """Trade what a file offers, the other way round; --dry-run shows how one would stand.

    novation block accept offer --from bob
    """
    from node.cli.commands.trading.naming import account_text
    from node.cli.writing import send

    found = _read(session, path)
    legs = _legs_of(session, found.offer, turned=True)
    plain = {"account_holder": account_text(session), **found.plain}
    send(session, "block_trades.accept", plain, lambda receipt: _traded(session, receipt, legs))


def _traded(session: Session, receipt: Mapping[str, Any], legs: Sequence["Leg"]) -> list[str]:
    """Return what a block came to for who accepted it."""
    from node.cli.assets import asset_decimals
    from node.cli.commands.trading.legs import leg_lines
    from node.cli.commands.trading.naming import events_of
    from node.client.amounts import money

    lines = [f"block of {len(legs)} {'leg' if len(legs) == 1 else 'legs'} traded"]
    lines += leg_lines(receipt, legs)
    quote = legs[0].terms.quote
    for event in events_of(receipt, "block_trades.block_traded"):
        fee = money(int(event["fee_quantums"]), asset_decimals(session, quote), quote)
        lines.append(f"fee {fee}")
    return lines


@click.command(cls=Command)
@FILE
@click.pass_obj
def revoke(session: Session, path: Path) -> None:
    """Take an offer back, and with it every earlier one of its account."""
    from chain.kit.holder import text_of_holder
    from node.cli.writing import send

    made = _read(session, path).offer
    plain = {
        "account_holder": text_of_holder(made.account_holder),
        "lowest_sequence": str(made.offer_sequence + 1),
    }
    said = "the offer and every earlier one of its account are void"
    send(session, "block_trades.revoke", plain, lambda _: [said])
