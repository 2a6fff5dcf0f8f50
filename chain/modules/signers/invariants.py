"""What is always true of signers."""

from itertools import pairwise

from chain.kit import View, each, hold
from chain.limits import LANES_MAX_COUNT
from chain.modules.signers.state import AGENTS, KEYS_MAX_COUNT, LANES, SIGNERS


def every_signer_can_be_met(view: View) -> None:
    """Hold that keys ascend and that their threshold can be reached."""
    for address, signer in each(view, SIGNERS):
        keys = signer.keys
        hold(
            1 <= signer.threshold <= len(keys) <= KEYS_MAX_COUNT
            and all(left < right for left, right in pairwise(keys)),
            f"signer {address!r}: {signer.threshold} of {len(keys)} keys",
        )


def only_open_signers_have_lanes_and_agents(view: View) -> None:
    """Hold that lanes are those of open signers, within 64, and used."""
    for key, lane in each(view, LANES):
        assert isinstance(key, tuple)
        signer, number = key
        hold(view.get(SIGNERS, signer) is not None, f"lane of nobody: {key!r}")
        hold(int(number) < LANES_MAX_COUNT, f"lane {number!r}")
        hold(lane.next_sequence > 0, f"an unused lane is stored: {key!r}")
    for key, _ in each(view, AGENTS):
        assert isinstance(key, tuple)
        hold(view.get(SIGNERS, key[0]) is not None, f"agent of nobody: {key!r}")
