"""Piano rolls as picture files, by matplotlib."""

import pathlib
from collections.abc import Sequence

import matplotlib

# Without a window, whatever the user's settings say.
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402

from magenta_serving.pianoroll.notes import Roll, pitch_name  # noqa: E402

# As on the web page; apart for colour-blind eyes and in print.
PRIMER, CONTINUATION = "#f58518", "#4c78a8"

SUFFIXES = (".pdf", ".png", ".svg")


def draw(rolls: Sequence[Roll], path: pathlib.Path) -> None:
    """Draws the rolls, one above the other on one scale of time, into a file.

    The same rolls give the same file.

    Args:
        rolls: at least one.
        path: its suffix, one of SUFFIXES, says the format.
    """
    with matplotlib.rc_context({"svg.hashsalt": "magenta-serving"}):
        heights = [max(1.5, 0.08 * len(roll.pitches())) for roll in rolls]
        figure, axes = pyplot.subplots(
            len(rolls), sharex=True, squeeze=False, figsize=(10, sum(heights) + 0.5 * len(rolls)),
            layout="constrained", gridspec_kw={"height_ratios": heights})
        for roll, ax in zip(rolls, axes.flat, strict=True):
            _draw_roll(roll, ax)
        axes.flat[-1].set_xlabel("seconds")
        if any(roll.primer_seconds for roll in rolls):
            axes.flat[0].legend(
                handles=[Patch(color=PRIMER, label="primer"),
                         Patch(color=CONTINUATION, label="continuation")],
                loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2)
        metadata = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
        figure.savefig(path, dpi=120, metadata=metadata.get(path.suffix))
        pyplot.close(figure)


def _draw_roll(roll: Roll, ax: Axes) -> None:
    pitches = roll.pitches()
    for note in roll.notes:
        ax.broken_barh([(note.start, note.end - note.start)], (note.pitch - 0.45, 0.9),
                       facecolors=PRIMER if roll.is_primer(note) else CONTINUATION,
                       edgecolor="white", linewidth=0.4)
    ax.set_title(roll.title, loc="left", fontsize="medium")
    ax.set_xlim(0, max(roll.seconds, 1.0))
    ax.set_ylim(pitches[0] - 1, pitches[-1] + 1)
    # Every C, or what there is where the roll is narrower than that.
    ticks = [pitch for pitch in pitches if pitch % 12 == 0]
    if len(ticks) < 2:
        ticks = [pitches[0], pitches[-1]]
    ax.set_yticks(ticks, [pitch_name(pitch) for pitch in ticks])
    ax.grid(axis="both", alpha=0.3)
    ax.set_axisbelow(True)
