"""Why the index cannot answer. Source: docs/specs/history.md, HIST-020 to HIST-024."""

from typing import ClassVar

from node.faults import NodeFault


class HistoryFault(NodeFault):
    """The index is behind the chain, or its file cannot be used. The chain goes on without it."""

    NUMBERS: ClassVar[dict[str, int]] = {"history_behind": 1595, "history_unusable": 1596}
    EXIT_CODE: ClassVar[int] = 8


def behind(listed_count: int, told_count: int) -> HistoryFault:
    """Return the refusal of an index that is still being made."""
    return HistoryFault(
        "history_behind",
        f"The index of what happened is being made: {listed_count} of {told_count} events.",
        spared="The chain and everything about its state are served meanwhile.",
        hint="Ask again in a few seconds; events_list reads the events themselves.",
        listed_count=listed_count,
        told_count=told_count,
    )


def unusable(path: str, why: str) -> HistoryFault:
    """Return the refusal of an index whose file the disk does not take."""
    return HistoryFault(
        "history_unusable",
        f"The index of what happened cannot be used: {why}.",
        spared="The chain goes on; nothing of it is in this file.",
        hint="Make room on the disk; the file may be deleted while the node is down.",
        file=path,
    )
