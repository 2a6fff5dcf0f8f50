"""What is always true of authorities."""

from itertools import pairwise

from chain.kit import View, hold
from chain.limits import AUTHORITIES_MAX_COUNT
from chain.modules.authorities.state import AUTHORITIES, EPOCHS_KEPT_COUNT
from chain.modules.system.standing import progress_of


def the_current_epoch_has_its_authorities(view: View) -> None:
    """Hold that sets are kept for the current epoch and at most the two before it."""
    epoch = progress_of(view).epoch
    kept = [int(key) for key, _ in view.scan(AUTHORITIES) if isinstance(key, int)]
    first = max(0, epoch - EPOCHS_KEPT_COUNT + 1)
    hold(kept == list(range(first, epoch + 1)), f"sets of epochs {kept} in epoch {epoch}")


def authorities_are_told_apart(view: View) -> None:
    """Hold that keys ascend, and that no name or key stands for two of a set."""
    for epoch, listed in view.scan(AUTHORITIES):
        members = listed.members
        hold(1 <= len(members) <= AUTHORITIES_MAX_COUNT, f"{len(members)} in {epoch!r}")
        hold(
            all(a.consensus_key < b.consensus_key for a, b in pairwise(members)),
            f"keys of epoch {epoch!r} do not ascend",
        )
        names = {member.name for member in members}
        keys = {member.oracle_key for member in members} | {m.consensus_key for m in members}
        hold(len(names) == len(members), f"a name stands for two in epoch {epoch!r}")
        hold(len(keys) == 2 * len(members), f"a key stands for two in epoch {epoch!r}")
