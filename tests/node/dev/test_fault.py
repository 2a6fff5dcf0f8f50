"""DEV-010: what is not offered here says where it is."""

from node.dev.fault import dev_chain_only


def test_a_control_of_virtual_time_names_the_chain_that_has_it() -> None:
    fault = dev_chain_only("dev_mine")

    assert ("node.dev_chain_only", 1560) == (fault.reason, fault.code)
    assert "novation dev up" in str(fault)
