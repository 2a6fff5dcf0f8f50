"""What runs in C here and what its twin answers. Criteria: MARG-016, STATE-051, ORDR-090."""

import pytest

import chain.kernel.level as chain_level
import derivatives.kernel.level as orders_level
import derivatives.margin.kernel.level as margin_level
import derivatives.pricing.kernel.level as pricing_level
from node.cli.kernels import kernels_built, kernels_in_use


def test_each_kernel_is_named_as_it_names_itself() -> None:
    named = kernels_built()

    assert chain_level.level_name() == named["chain"]
    assert margin_level.level_name() == named["margin"]


def test_a_kernel_that_is_not_there_is_named_for_its_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    for level in (chain_level, orders_level, margin_level, pricing_level):
        monkeypatch.setattr(level, "kernel", None)

    assert {"python"} == set(kernels_built().values())
    assert ["chain", "orders", "margin", "pricing"] == list(kernels_built())


def test_a_kernel_that_a_node_may_not_use_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert orders_level.native is None or "c" == kernels_in_use()["orders"]

    monkeypatch.setattr(orders_level, "kernel", None)  # as where its records are others

    assert "python" == kernels_in_use()["orders"]
