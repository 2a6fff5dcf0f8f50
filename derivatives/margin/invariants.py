"""What is always true of margin.

Source: docs/specs/margin.md, MARG-080 to MARG-085.
"""

from chain.kit import PPM, View, account, each, hold
from derivatives.accounts.state import ACCOUNTS, COLLATERAL, SCHEDULE_STANDARD
from derivatives.instruments.state import INSTRUMENTS
from derivatives.instruments.terms import feed_of
from derivatives.margin.charges.ranges import range_of
from derivatives.margin.state import (
    FAMILIES,
    OPTION_TERMS,
    OWNED,
    RANGE_TERMS,
    RANGES,
    SCHEDULES,
)
from derivatives.positions.state import HOLDINGS

HALF_PPM = 500_000


def every_account_has_a_schedule(view: View) -> None:
    """Hold that an account's schedule exists in its compartment."""
    for key, record in each(view, ACCOUNTS):
        known = view.get(SCHEDULES, (record.compartment, record.schedule)) is not None
        hold(known, f"{key!r} is under unknown {record.schedule}")


def every_schedule_margins_what_it_may_meet(view: View) -> None:
    """Hold that `standard` has terms for every instrument and collateral of its compartment."""
    for key, instrument in view.scan(INSTRUMENTS):
        place = (instrument.compartment, SCHEDULE_STANDARD, feed_of(view, str(key), instrument))
        hold(view.get(FAMILIES, place) is not None, f"{key!r}: no terms at {place}")
    for key, terms in view.scan(COLLATERAL):
        place = (str(key[0]), SCHEDULE_STANDARD, terms.feed)  # type: ignore[index]
        known = terms.feed == "" or view.get(FAMILIES, place) is not None
        hold(known, f"{key!r}: no terms at {place}")


def scenarios_are_sound(view: View) -> None:
    """Hold that every family loses in both directions, by weights of at most one."""
    for key, terms in view.scan(FAMILIES):
        shocks = [one.shock_ppm for one in terms.scenarios]
        hold(shocks and min(shocks) < 0 < max(shocks), f"{key!r}: one direction alone")
        hold(min(shocks) > -PPM, f"{key!r}: a price below nothing")
        sound = all(0 < one.weight_ppm <= PPM for one in terms.scenarios)
        hold(sound and len(shocks) <= 64, f"{key!r}: weights or width out of bounds")
        hold(terms.concentration_unit_quantums > 0, f"{key!r}: no unit of concentration")


def families_that_offset_move_together(view: View) -> None:
    """Hold that under one schedule they have as many scenarios, and offsets are fractions."""
    for key, terms in view.scan(SCHEDULES):
        shares = (terms.offset_ppm, terms.offset_floor_ppm)
        hold(all(0 <= share <= PPM for share in shares), f"{key!r}: more than a whole offset")
        widths = {
            len(family.scenarios): None
            for _, family in view.scan(FAMILIES, key)  # type: ignore[arg-type]
            if family.offsets
        }
        hold(len(widths) <= 1, f"{key!r}: families that offset have {[*widths]} scenarios")


def families_that_move_as_one_are_alike(view: View) -> None:
    """Hold that what a family moves with exists, moves alone, and is shocked alike."""
    for key, terms in view.scan(FAMILIES):
        if terms.moves_with:
            assert isinstance(key, tuple)
            head = view.get(FAMILIES, (*key[:2], terms.moves_with))
            alike = head is not None and (head.moves_with, head.offsets, head.scenarios) == (
                "",
                terms.offsets,
                terms.scenarios,
            )
            hold(alike, f"{key!r} does not move with {terms.moves_with}")


def option_charges_are_sound(view: View) -> None:
    """Hold that charges on options are of a family that exists, and fractions where they are."""
    for key, terms in view.scan(OPTION_TERMS):
        hold(view.get(FAMILIES, key) is not None, f"{key!r}: options of no family")
        cuts = (terms.long_cut_ppm, terms.short_rise_ppm)
        hold(all(0 <= cut <= HALF_PPM for cut in cuts), f"{key!r}: a cut of more than half")
        hold(0 <= terms.rate_year_ppm <= HALF_PPM, f"{key!r}: a rate of more than half a year")
        hold(terms.vega_unit_quantums > 0, f"{key!r}: no unit of vega")
        charges = (terms.skew_ppm, terms.vega_ppm, terms.short_ppm, terms.vega_limit_ppm)
        hold(min(*charges, terms.vega_concentration_ppm) >= 0, f"{key!r}: a charge below nothing")


def ranges_are_sound(view: View) -> None:
    """Hold that a range follows what exists and moves with nothing, between floor and cap."""
    for key, terms in view.scan(RANGE_TERMS):
        family, found = view.get(FAMILIES, key), view.get(RANGES, key)
        hold(family is not None and family.moves_with == "", f"{key!r}: a range of no head")
        assert family is not None
        floor_ppm = range_of(family)
        sound = 0 < floor_ppm <= terms.cap_ppm < PPM and 0 <= terms.stress_share_ppm <= PPM
        hold(sound, f"{key!r}: a range without bounds")
        steps = (terms.rise_hour_ppm, terms.fall_day_ppm, terms.multiple_ppm, terms.stress_ppm)
        hold(min(steps) >= 0, f"{key!r}: a step below nothing")
        if found is not None:
            within = floor_ppm <= min(found.range_ppm, found.scheduled_ppm, found.fast_ppm)
            most_ppm = max(found.range_ppm, found.scheduled_ppm, found.fast_ppm)
            hold(within and most_ppm <= terms.cap_ppm, f"{key!r}: a range out of its bounds")


def every_holder_is_known_to_its_owner(view: View) -> None:
    """Hold that an account with positions is among its owner's, so that sums are whole."""
    for key, _ in each(view, HOLDINGS):
        record = view.get(ACCOUNTS, str(key))
        if record is None:
            continue
        owned = view.get(OWNED, record.owner)
        numbers = () if owned is None else owned.numbers
        named = [account(record.owner, number) for number in numbers]
        hold(str(key) in named, f"{key!r} is not among {named}")


INVARIANTS = (
    every_account_has_a_schedule,
    every_schedule_margins_what_it_may_meet,
    scenarios_are_sound,
    families_that_offset_move_together,
    families_that_move_as_one_are_alike,
    option_charges_are_sound,
    ranges_are_sound,
    every_holder_is_known_to_its_owner,
)
