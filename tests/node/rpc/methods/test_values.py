"""Forms that parameters have in common. Criterion: RPC-041 of docs/specs/rpc.md."""

import pytest

from node.rpc.errors import ParametersInvalid
from node.rpc.methods.values import address_given, height_from, number_from


def test_a_number_is_taken_in_either_form_and_bounded() -> None:
    assert (7, 7, 2**63 - 1) == (number_from(7), number_from("7"), number_from(str(2**63 - 1)))
    with pytest.raises(ParametersInvalid):
        number_from(str(2**63))


def test_the_final_state_has_no_height_to_give() -> None:
    assert height_from("finalized") is None
    assert (0, 12) == (height_from(0), height_from("12"))


def test_a_mistyped_address_says_near_which_character() -> None:
    with pytest.raises(ParametersInvalid) as refused:
        address_given("nov15wdayqe20u5nqd3m7zkvm5p9gdd9fnmwfnpp86d6vlc5uceep3xqa762kq", "signer")

    assert "signer" == refused.value.facts["field"]
    assert "near character" in str(refused.value)
