"""ORAC-030 to ORAC-032: the matrix in state decides, and what it does not name is forbidden."""

import json

from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.module import MODULE
from derivatives.oracle.permission import Allowed, allowed, permits
from derivatives.oracle.state import PERMISSIONS, PRICES, FeedPrice, Permission
from tests.architecture.source import ROOT


def state() -> Overlay:
    overlay = Overlay(Tables(MODULE.tables))
    genesis = json.loads((ROOT / "genesis.json").read_text(encoding="utf-8"))
    for row in genesis["tables"]["permissions"]:
        overlay.put(PERMISSIONS, (row["state"], row["action"]), Permission(row["allowed"]))
    return overlay


def test_matrix_of_the_shipped_genesis_is_the_page() -> None:
    page = (ROOT / "docs/specs/oracle.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| ")]
    named = [
        row for row in rows if row[0].split()[-1].lower() in {s.name.lower() for s in FeedState}
    ]
    expected = [[int(cell) for cell in row[1:]] for row in named]

    found = [[int(allowed(state(), s, action)) for action in Action] for s in FeedState]

    assert expected == found


def test_unknown_feed_permits_nothing() -> None:
    assert not any(permits(state(), "DOGE", action) for action in Action)


def test_what_the_matrix_does_not_name_is_forbidden() -> None:
    empty = Overlay(Tables(MODULE.tables))

    assert Allowed.NO == allowed(empty, FeedState.NORMAL, Action.OPEN)


def test_stale_feed_permits_reducing_only() -> None:
    view = state()
    view.put(
        PRICES, "BTC", FeedPrice(1, 1, 0, 1, 1, 1, FeedState.STALE, 0, False, False, 0, 0, 0, 0)
    )

    assert [Action.REDUCE] == [action for action in Action if permits(view, "BTC", action)]
