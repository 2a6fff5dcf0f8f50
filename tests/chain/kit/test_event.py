"""MACH-014."""

from chain.kit.event import is_event_type
from chain.modules.ledger.events import Transferred


def test_only_record_classes_can_be_told() -> None:
    assert is_event_type(Transferred)
    assert not is_event_type(dict)
    assert not is_event_type(Transferred("a", "b", "USD", 1))
