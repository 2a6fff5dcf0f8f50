"""What a node of a small chain answers: it builds with our own modules and never decides."""

import base64
from typing import Any

from chain.block.transaction import body_of, parse_transaction
from chain.crypto.addresses import address_from
from node.client.declarations import application
from node.rpc.forms import payload_from

CHAIN_ID = bytes(range(32))
DECIMALS = {"USD": 6, "BTC": 8}


def receipt(identity: str, **changed: Any) -> dict[str, Any]:
    """Return the receipt of an applied transfer, changed where the test says."""
    return {
        "id": identity,
        "height": "12",
        "index": 0,
        "kind": "ledger.transfer",
        "ok": True,
        "code": 0,
        "reason": None,
        "message": None,
        "facts": {},
        "events": [{"name": "ledger.transferred", "amount_quantums": "25"}],
        "fee_quantums": "0",
        "hint": None,
        **changed,
    }


SHORT = {
    "ok": False,
    "code": 203,
    "reason": "ledger.balance_short",
    "message": "short by 7 quantums",
    "facts": {"short_by_quantums": "7"},
    "fee_quantums": "10000",
}


class FakeChain:
    """Answers of one node; `outcome` is what becomes of whatever is submitted."""

    def __init__(self, outcome: dict[str, Any] | None = None, **status: Any) -> None:
        self.outcome = outcome
        self.foreseen: dict[str, Any] = {}
        self.height = 10
        self.sequence = 3
        self.wallet_quantums = 1_000_000_000_000
        self.submitted: list[bytes] = []
        self.status = {"status": "applied", **status}

    def answers(self) -> dict[str, Any]:
        return {
            "chain_getStatus": self.chain_status,
            "tx_build": self.build,
            "tx_simulate": lambda tx, account=None: receipt(self.identity(tx), **self.foreseen),
            "tx_submit": self.submit,
            "tx_getStatus": self.get_status,
            "state_get": self.get_record,
            "ledger_getBalances": lambda holder: {
                "balances": [{"asset": "USD", "amount_quantums": str(self.wallet_quantums)}]
            },
            "state_scan": lambda table, **_: {
                "items": [{"key": {"asset": name}, "value": {}} for name in DECIMALS],
                "height": "10",
                "next_cursor": None,
            },
        }

    def get_record(
        self, table: str, key: dict[str, str] | None = None, at: str = "finalized"
    ) -> dict[str, Any]:
        if table == "ledger_parameters":
            return {"value": {"fee_asset": "USD", "fee_refused_quantums": "10000"}}
        asset = (key or {}).get("asset", "")
        return {"value": {"decimals": DECIMALS[asset]} if asset in DECIMALS else None}

    def chain_status(self) -> dict[str, Any]:
        return {
            "chain_id": f"0x{CHAIN_ID.hex()}",
            "chain_name": "novation-test",
            "kind": "devnet",
            "height": str(self.height),
        }

    def build(
        self, kind: str, fields: dict[str, Any], signer: str, lane: int, valid_until_height: str
    ) -> dict[str, Any]:
        number = application().kind_from_name(kind)
        assert number is not None
        body = body_of(
            signer=address_from(signer),
            lane=lane,
            sequence=self.sequence,
            valid_until_height=int(valid_until_height),
            kind=number,
            payload=payload_from(application(), number, fields),
        )
        return {"unsigned": base64.b64encode(body).decode(), "sequence": str(self.sequence)}

    def identity(self, tx: str) -> str:
        parsed = parse_transaction(application(), CHAIN_ID, base64.b64decode(tx))
        return f"0x{parsed.id.hex()}"

    def submit(self, tx: str) -> dict[str, Any]:
        self.submitted.append(base64.b64decode(tx))
        return {"id": self.identity(tx)}

    def get_status(self, id: str) -> dict[str, Any]:  # noqa: A002
        state = {"id": id, "height": None, "valid_until_height": None, "receipt": None}
        state.update(self.status)
        if state["status"] in {"applied", "refused"}:
            state["receipt"] = receipt(id, **(self.outcome or {}))
        return state


__all__ = ["CHAIN_ID", "SHORT", "FakeChain", "receipt"]
