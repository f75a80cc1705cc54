"""Piano rolls as lines of text, coloured where the terminal has colours."""

from rich.text import Text

from magenta_serving.pianoroll.notes import Roll, pitch_name

# Different characters, too: colours do not come through a pipe.
_PRIMER, _CONTINUATION = ("▒", "yellow"), ("█", "blue")
_LABEL = 5


def render(roll: Roll, width: int) -> Text:
    """Returns the roll, a line for each pitch, with a scale of seconds below.

    Args:
        roll: what to draw.
        width: columns of a line, at least 20.
    """
    columns = max(width, 20) - _LABEL
    per_second = columns / max(roll.seconds, 1.0)
    rows = {pitch: [(" ", "")] * columns for pitch in roll.pitches()}
    for note in roll.notes:
        first = min(round(note.start * per_second), columns - 1)
        last = min(max(first + 1, round(note.end * per_second)), columns)
        row, cell = rows[note.pitch], _PRIMER if roll.is_primer(note) else _CONTINUATION
        row[first:last] = [cell] * (last - first)
        if last - first > 1 and cell is _CONTINUATION:
            # Notes of one pitch that follow one another stay apart.
            row[last - 1] = ("▌", cell[1])
    text = Text(no_wrap=True)
    text.append(f"{roll.title}\n", "bold")
    for pitch in reversed(roll.pitches()):
        text.append(f"{pitch_name(pitch):>{_LABEL - 1}} ", "dim")
        for character, style in rows[pitch]:
            text.append(character, style)
        text.append("\n")
    text.append(" " * _LABEL + _scale(columns, per_second) + "\n", "dim")
    if roll.primer_seconds:
        text.append(" " * _LABEL)
        text.append(_PRIMER[0], _PRIMER[1])
        text.append(" primer  ")
        text.append(_CONTINUATION[0], _CONTINUATION[1])
        text.append(" continuation\n")
    return text


def _scale(columns: int, per_second: float) -> str:
    """Returns seconds below their columns, as often as there is room for them."""
    step = next(step for step in (1, 2, 5, 10, 30, 60, 300, 3600, 1 << 30)
                if step * per_second >= 8 or step == 1 << 30)
    line = ""
    for second in range(0, int(columns / per_second) + 1, step):
        column = round(second * per_second)
        label = f"{second}s"
        if column + len(label) > columns:
            break
        line = line.ljust(column) + label
    return line
