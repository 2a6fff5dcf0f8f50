"""TX-030: payloads of every module are payloads to the kit."""

from chain.block.transaction import LIST_KIND
from chain.kit import CLASSES
from derivatives.registry import REGISTRY


def test_every_payload_states_class_weight_and_what_it_does() -> None:
    for module in REGISTRY:
        for number, payload in module.transactions.items():
            if module.id * 100 + number == LIST_KIND:
                continue
            # A property decides by a field: what it returns is that module's to prove.
            if not isinstance(payload.transaction_class, property):
                assert payload.transaction_class in CLASSES
            if not isinstance(payload.weight, property):
                assert payload.weight > 0
            assert (payload.check.__doc__ or "").strip()
            assert (payload.apply.__doc__ or "").strip()
