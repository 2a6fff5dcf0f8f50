"""HIST-022, HIST-023: what is said where the index cannot answer."""

from node.history.fault import behind, unusable


def test_an_index_that_is_made_says_how_far_it_is() -> None:
    fault = behind(5, 60_000)

    assert ("node.history_behind", 8) == (fault.reason, fault.exit_code)
    assert {"listed_count": 5, "told_count": 60_000} == fault.facts


def test_a_disk_that_refuses_costs_the_index_alone() -> None:
    fault = unusable("/x", "disk full")

    assert "node.history_unusable" == fault.reason
    assert "The chain goes on" in str(fault)
