"""A next step for every reason. Criterion: RPC-033 of docs/specs/rpc.md."""

from chain.kit.reason import Area
from chain.machine.application import Application
from derivatives.registry import REGISTRY
from node.mempool.reasons import MEMPOOL
from node.rpc.hints import HINTS, hint_for
from node.rpc.reasons import LIMITS, LOOKUP


def every_slug() -> set[str]:
    areas: tuple[Area, ...] = (MEMPOOL, LOOKUP, LIMITS)
    own = {reason.slug for area in areas for reason in area.reasons}
    return own | {reason.slug for reason in Application(REGISTRY).reasons}


def test_every_reason_has_a_hint_and_no_hint_is_for_nothing() -> None:
    slugs = every_slug()
    areas = {slug.partition(".")[0] for slug in slugs}

    # A hint may wait for a module that is not registered, never for a reason that is not there.
    assert slugs == {slug for slug in HINTS if slug.partition(".")[0] in areas}


def test_a_hint_is_one_short_line() -> None:
    long = {slug: hint for slug, hint in HINTS.items() if not 10 <= len(hint) <= 90}

    assert {} == long


def test_no_hint_is_made_up_for_what_is_not_known() -> None:
    assert "" == hint_for("nobody.knows")


def test_no_two_reasons_share_a_code() -> None:
    reasons = [reason for area in (MEMPOOL, LOOKUP, LIMITS) for reason in area.reasons]
    codes = [reason.code for reason in (*reasons, *Application(REGISTRY).reasons)]

    assert len(codes) == len(set(codes))
