"""What the chain says of an asset, as far as commands need it.

Source: docs/specs/cli.md, CLI-033.
"""

from node.cli.session import Session
from node.client.amounts import money
from node.client.failures import NOT_FOUND, Failure


def asset_decimals(session: Session, asset: str) -> int:
    """Return how many decimal places an asset of this chain has.

    Refuses: an asset that does not exist, with those that do.
    """
    answer = session.client.call("state_get", table="assets", key={"asset": asset})
    if answer["value"] is not None:
        return int(answer["value"]["decimals"])
    rows = session.client.call("state_scan", table="assets")["items"]
    names = ", ".join(row["key"]["asset"] for row in rows)
    raise Failure(NOT_FOUND, f"no asset {asset}", f"there are: {names}", details={"asset": asset})


def warn_of_empty_wallet(session: Session, asset: str, leaving_quantums: int) -> None:
    """Say before it happens that a wallet could not pay for a refusal any more.

    Such a wallet sends nothing, not even what would fill it (LEDG-031).
    """
    from chain.crypto.addresses import text_of
    from node.client.keyring import account_name

    if not session.signer_name:
        return
    terms = session.client.call("state_get", table="ledger_parameters")["value"]
    if terms is None or terms["fee_asset"] != asset:
        return
    wallet = text_of(session.keyring.address(account_name(session.signer_name).owner))
    balances = session.client.call("ledger_getBalances", holder=wallet)["balances"]
    held = sum(int(one["amount_quantums"]) for one in balances if one["asset"] == asset)
    fee_quantums = int(terms["fee_refused_quantums"])
    if 0 <= held - leaving_quantums < fee_quantums:
        fee = money(fee_quantums, asset_decimals(session, asset), asset)
        session.reporter.warn(
            f"this leaves less than {fee} in the wallet, which a transaction needs there:"
            " until another signer transfers some, nothing more can be sent, no withdrawal either"
        )
