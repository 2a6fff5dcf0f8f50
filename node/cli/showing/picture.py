"""Draw the story of an account as a picture: the only file that knows matplotlib.

It is loaded when a picture is asked for and not before; without it the terminal still draws.

Source: docs/specs/cli.md, CLI-088, CLI-089.
"""

from pathlib import Path
from typing import Any

from node.cli.showing.fall import Fall
from node.client.failures import PLOT_MISSING, UNWRITABLE, USAGE, Failure

SUFFIXES = (".png", ".svg", ".pdf")
WIDTH_INCHES, HEIGHT_INCHES, DOTS_PER_INCH = 7.6, 3.8, 100
MARKS = {
    "warned": ("#b8860b", "v"),
    "flagged": ("#c0392b", "v"),
    "slice": ("#8e44ad", "|"),
    "conversion": ("#8e44ad", "x"),
    "taken over": ("#000000", "X"),
    "restored": ("#2e7d32", "^"),
}
"""Colour and mark of what happened."""


def write_picture(fall: Fall, path: Path) -> None:
    """Write the picture to a file; its ending says in which format.

    Refuses: USAGE, for an unknown ending; PLOT_MISSING; UNWRITABLE.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise Failure(
            USAGE, f"{path.name} names no kind of picture", f"end it in {', '.join(SUFFIXES)}"
        )
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as fault:
        raise Failure(
            PLOT_MISSING,
            "a picture needs matplotlib, which is not installed; nothing was written",
            'install it: .venv/bin/python -m pip install "novation[plot]"',
            "without it: leave --out away, and it is drawn on the terminal",
        ) from fault
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    _draw(figure.add_subplot(), fall)
    figure.tight_layout()
    try:
        figure.savefig(path)
    except OSError as fault:
        raise Failure(UNWRITABLE, f"{path} cannot be written: {fault.strerror}") from fault


def _draw(axes: Any, fall: Fall) -> None:
    unit = 10**fall.decimals
    equity, maintenance, initial = (
        [quantums / unit for quantums in series]
        for series in (fall.equity, fall.maintenance, fall.initial)
    )
    axes.plot(fall.heights, equity, color="#1f4e79", linewidth=1.8, label="equity")
    axes.plot(fall.heights, maintenance, color="#c0392b", linewidth=1.2, label="maintenance")
    axes.plot(
        fall.heights, initial, color="#999999", linewidth=0.8, linestyle="--", label="initial"
    )
    below = [own < needed for own, needed in zip(equity, maintenance, strict=True)]
    axes.fill_between(
        fall.heights, equity, maintenance, where=below, color="#c0392b", alpha=0.18, step=None
    )
    places = dict(zip(fall.heights, equity, strict=True))
    for word, (colour, mark) in MARKS.items():
        found = [one.height for one in fall.happenings if one.word == word]
        if not found:
            continue
        heights = [_nearest(height, fall.heights) for height in found]
        axes.scatter(
            heights, [places[height] for height in heights],
            color=colour, marker=mark, s=70, zorder=3, label=f"{word} ({len(found)})",
        )  # fmt: skip
    axes.set_xlabel("block")
    axes.set_ylabel(fall.asset)
    axes.set_title(f"{fall.who}: equity against maintenance", fontsize=10)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8, frameon=False)
    axes.margins(x=0.02)


def _nearest(height: int, heights: list[int]) -> int:
    return min(heights, key=lambda one: abs(one - height))
