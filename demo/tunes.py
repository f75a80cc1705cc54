"""Reads the demo's melodies: ABC tune books to NoteSequences, with strict checks.

note_seq's ABC parser (`note_seq.abc_parser`) knows no rests. The tune books write rests as plain
ABC does (`z`); here each becomes a note at a pitch that no tune uses, which is taken out after
parsing.
"""

from __future__ import annotations

import dataclasses
import fractions
import pathlib
import re

from note_seq import abc_parser
from note_seq.protobuf import music_pb2

MELODIES_DIR = pathlib.Path(__file__).parent / 'melodies'

_REST_ABC = 'C,,,,'
_REST_PITCH = 12
_FIELD = re.compile(r'^([A-Za-z]):\s*(.*)$')
_TOKEN = re.compile(r"(?:__|_|=|\^)?([A-Ga-gz])[',]*(\d*)(/*)(\d*)([<>]?)")


class TuneError(ValueError):
    """A tune that is not written as the tune books require."""


@dataclasses.dataclass(frozen=True)
class Tune:
    """One melody of the tune books.

    Attributes:
        number: reference number (the X field), unique over all books.
        title: the T field.
        origin: the C field: composer or tradition, with a year where one is known.
        meter: the M field, e.g. "6/8".
        key: the K field, e.g. "Em".
        book: name of the file without its suffix.
        bars: number of bars, a pickup not counted.
        sequence: the notes at 120 quarters per minute; a pickup starts late in its bar, so that
            bar lines fall on multiples of the bar length.
    """

    number: int
    title: str
    origin: str
    meter: str
    key: str
    book: str
    bars: int
    sequence: music_pb2.NoteSequence


def _note_lengths(bar: str, tune: str) -> list[fractions.Fraction]:
    """Lengths of a bar's notes and rests in units of the L field."""
    lengths = []
    broken = False
    pos = 0
    text = bar.replace(' ', '')
    while pos < len(text):
        match = _TOKEN.match(text, pos)
        if match is None:
            raise TuneError(f'{tune}: cannot read {text[pos:]!r} in bar {bar!r}')
        _, number, slashes, divisor, broken_mark = match.groups()
        length = fractions.Fraction(int(number or 1))
        if slashes:
            length /= int(divisor) if divisor else 2 ** len(slashes)
        if broken and length != lengths[-1]:
            raise TuneError(f'{tune}: uneven broken rhythm in bar {bar!r}')
        lengths.append(length)
        broken = bool(broken_mark)
        pos = match.end()
    if broken:
        raise TuneError(f'{tune}: broken rhythm over the bar line in {bar!r}')
    return lengths


def _check_bars(bars: list[str], bar_units: fractions.Fraction, tune: str) -> fractions.Fraction:
    """Checks that all bars are full; returns the length of the pickup (0 if there is none).

    Raises:
        TuneError: if a bar other than a pickup at the start, or a last bar that leaves room for
            it, is not as long as the meter says.
    """
    sums = [sum(_note_lengths(bar, tune), fractions.Fraction(0)) for bar in bars]
    pickup = sums[0] if sums[0] < bar_units else fractions.Fraction(0)
    for index, length in enumerate(sums):
        full = length == bar_units
        if index == 0:
            full = full or bool(pickup)
        elif index == len(sums) - 1:
            full = full or length == bar_units - pickup
        if not full:
            raise TuneError(
                f'{tune}: bar {index + (not pickup)} ({bars[index].strip()}) has {length} units, '
                f'not {bar_units}')
    return pickup


def parse_tune(text: str, book: str = '') -> Tune:
    """Parses and checks one tune.

    Args:
        text: the fields X, T, C, M, L, K and the bars.
        book: name of the tune book.

    Returns:
        The tune.

    Raises:
        TuneError: if a field is missing, a bar is not full, or note_seq cannot parse it.
    """
    fields: dict[str, str] = {}
    music: list[str] = []
    for line in text.splitlines():
        match = _FIELD.match(line)
        if match:
            fields[match.group(1)] = match.group(2)
        elif line.strip():
            music.append(line.strip())
    missing = [name for name in 'XTCMLK' if name not in fields]
    name = f'{book} {fields.get("X", "?")} {fields.get("T", "?")}'
    if missing or not music:
        raise TuneError(f'{name}: missing {missing or "notes"}')

    unit = fractions.Fraction(fields['L'])
    bars = [bar for bar in ' '.join(music).split('|') if bar.strip()]
    bar_units = fractions.Fraction(fields['M']) / unit
    pickup = _check_bars(bars, bar_units, name)

    header = '\n'.join(f'{key}:{fields[key]}' for key in 'XTCMLK')
    body = '|'.join(bars).replace('z', _REST_ABC)
    parsed, errors = abc_parser.parse_abc_tunebook(f'{header}\n{body}|\n')
    if errors or len(parsed) != 1:
        raise TuneError(f'{name}: {errors}')
    sequence = next(iter(parsed.values()))

    # The default of 120 quarters per minute: a quarter lasts half a second.
    shift = float((bar_units - pickup) * unit * 2) if pickup else 0.0
    notes = [note for note in sequence.notes if note.pitch != _REST_PITCH]
    for note in notes:
        note.start_time += shift
        note.end_time += shift
    del sequence.notes[:]
    sequence.notes.extend(notes)
    sequence.total_time = notes[-1].end_time
    sequence.collection_name = book
    return Tune(int(fields['X']), fields['T'], fields['C'], fields['M'], fields['K'], book,
                len(bars) - bool(pickup), sequence)


def load_tunes(directory: pathlib.Path = MELODIES_DIR) -> list[Tune]:
    """Reads all tune books of a directory, in the order of the reference numbers.

    Raises:
        TuneError: if a tune is not well written or a reference number is used twice.
    """
    tunes = []
    for path in sorted(directory.glob('*.abc')):
        text = re.sub('%.*', '', path.read_text(encoding='utf-8'))
        for part in re.split(r'\n\s*\n', text):
            if part.strip():
                tunes.append(parse_tune(part.strip(), path.stem))
    tunes.sort(key=lambda tune: tune.number)
    numbers = [tune.number for tune in tunes]
    if len(set(numbers)) != len(numbers):
        raise TuneError('a reference number is used twice')
    return tunes
