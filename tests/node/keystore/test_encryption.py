import pytest

from node.keystore.encryption import Cost, WrongPassphrase, lock, unlock

CHEAP = Cost(n=2**14)


def test_lock_opens_only_beside_what_it_was_bound_to() -> None:
    locked = lock(b"secret", b"pass", b"beside", CHEAP)

    assert b"secret" == unlock(locked, b"pass", b"beside")
    with pytest.raises(WrongPassphrase):
        unlock(locked, b"pass", b"elsewhere")
    with pytest.raises(WrongPassphrase):
        unlock(locked, b"other", b"beside")


@pytest.mark.parametrize(
    ("cost", "bounded"),
    [
        (Cost(), True),
        (Cost(n=2**14), True),
        (Cost(n=2**20), True),
        (Cost(n=2**21), False),
        (Cost(n=2**13), False),
        (Cost(n=3 * 2**14), False),
        (Cost(r=16), False),
        (Cost(p=0), False),
        (Cost(p=5), False),
    ],
)
def test_cost_is_bounded_on_both_sides(cost: Cost, bounded: bool) -> None:
    assert bounded == cost.is_bounded()
