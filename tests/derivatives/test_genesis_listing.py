"""The development chain lists whole chains of options, and few enough for its blocks."""

from derivatives.genesis_development import EXPIRY, development_genesis, listing_rules
from derivatives.genesis_listing import CYCLES, family_of_dates
from derivatives.instruments.listing.entering import INSTRUMENTS_MAX_COUNT

SMILES_MAX_COUNT = 32


def test_every_rule_has_terms_family_and_window() -> None:
    tables = development_genesis(4)["tables"]
    charged = {(row["schedule"], row["family"]) for row in tables["margin_options"]}
    families = {(row["schedule"], row["family"]): row for row in tables["margin_families"]}

    for rule in tables["listing_rules"]:
        name = rule["family"]
        standard, portfolio = families["standard", name], families["portfolio", name]
        assert (2, 3) == (rule["future"]["kind"], rule["option"]["kind"])
        assert EXPIRY.items() <= rule.items()
        assert ("", rule["feed"]) == (standard["moves_with"], portfolio["moves_with"])
        assert {1, 2} == {one["volatility"] for one in standard["scenarios"]}
        assert {0, 1, 2} == {one["volatility"] for one in portfolio["scenarios"]}
        # A date parts from its underlying by what is left of a year.
        assert portfolio["basis_year_ppm"] > 0
        assert {("standard", name), ("portfolio", name)} <= charged


def test_chains_without_them_are_as_they_were() -> None:
    tables = development_genesis(4, lists=False)["tables"]

    assert "listing_rules" not in tables
    named = {row["family"] for row in tables["margin_families"]}
    assert named.isdisjoint(family_of_dates(name) for name in CYCLES)


def test_what_is_listed_at_once_is_far_below_the_bounds() -> None:
    most_count = 0
    for rule in listing_rules():
        dates_count = sum(cycle["dates_count"] for cycle in rule["cycles"])
        assert dates_count < SMILES_MAX_COUNT
        most_count += dates_count * (1 + 2 * rule["strikes_max_count"])

    assert 2 * most_count < INSTRUMENTS_MAX_COUNT + most_count
