"""What methods are asked about. Criteria: RPC-110, RPC-111 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from node.rpc.errors import ParametersInvalid
from node.rpc.methods.trading.given import account_given, page_of
from tests import given

ALICE = text_of(given.address("alice"))


def test_an_address_alone_is_its_first_account() -> None:
    assert given.holder("alice/0") == account_given(ALICE)
    assert given.holder("alice/3") == account_given(ALICE + "/3")


@pytest.mark.parametrize("text", ["fees", "", "insurance/main", ALICE[:-1], ALICE + "/70000"])
def test_what_is_no_account_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ParametersInvalid) as refused:
        account_given(text)

    assert "account" == refused.value.facts["field"]


def test_a_page_says_where_to_go_on_until_the_end() -> None:
    assert (["a", "b"], "b") == page_of(["a", "b", "c"], str, 2, None)
    assert (["c"], None) == page_of(["a", "b", "c"], str, 2, "b")
    assert ([], None) == page_of([], str, 2, None)
