"""What the chain says of an asset, as far as commands need it.

Source: docs/specs/cli.md, CLI-033.
"""

from node.cli.session import Session
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
