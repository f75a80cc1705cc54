"""Listens to the demo bundle by eye: generates melodies with Magenta's Python and measures them.

    python demo/listen.py [--bundle FILE] [--temperature 1.0] [--count 20]

prints a table of simple musical measures of generated melodies beside those of the training tunes,
and the first few melodies as ABC.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics

# Magenta needs Keras 2, which TensorFlow looks for when it is imported.
os.environ.setdefault('TF_USE_LEGACY_KERAS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')

# pylint: disable=wrong-import-position
from magenta.models.melody_rnn import melody_rnn_model
from magenta.models.melody_rnn import melody_rnn_sequence_generator
from magenta.models.shared import sequence_generator_bundle
import note_seq
from note_seq.protobuf import generator_pb2
from note_seq.protobuf import music_pb2
import numpy as np
import tensorflow.compat.v1 as tf

import tunes

BUNDLE = pathlib.Path(__file__).parent / 'models' / 'melody' / '1' / 'lookback_rnn.mag'
QPM = 120.0
STEP_SECONDS = 60.0 / QPM / 4  # a step is a sixteenth note

_NAMES = ('C', '^C', 'D', '^D', 'E', 'F', '^F', 'G', '^G', 'A', '^A', 'B')
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)

# (pitch, onset, duration): MIDI number, steps, steps
Note = tuple[int, int, int]


def load_generator(path: pathlib.Path) -> melody_rnn_sequence_generator.MelodyRnnSequenceGenerator:
    """Magenta's generator of a melody_rnn bundle file."""
    bundle = sequence_generator_bundle.read_bundle_file(str(path))
    config = melody_rnn_model.default_configs[bundle.generator_details.id]
    return melody_rnn_sequence_generator.MelodyRnnSequenceGenerator(
        model=melody_rnn_model.MelodyRnnModel(config), details=config.details,
        steps_per_quarter=config.steps_per_quarter, bundle=bundle)


def generate(generator: melody_rnn_sequence_generator.MelodyRnnSequenceGenerator, seed: int,
             num_steps: int, temperature: float) -> music_pb2.NoteSequence:
    """One melody of num_steps steps after a middle C, as Magenta's command makes it."""
    primer = note_seq.Melody([60]).to_sequence(qpm=QPM)
    options = generator_pb2.GeneratorOptions()
    options.args['temperature'].float_value = temperature
    options.generate_sections.add(start_time=primer.notes[-1].end_time + STEP_SECONDS,
                                  end_time=num_steps * STEP_SECONDS)
    np.random.seed(seed)
    return generator.generate(primer, options)


def to_notes(sequence: music_pb2.NoteSequence) -> list[Note]:
    """The notes of a sequence at 120 quarters per minute, in steps."""
    return [(note.pitch, round(note.start_time / STEP_SECONDS),
             round((note.end_time - note.start_time) / STEP_SECONDS))
            for note in sorted(sequence.notes, key=lambda n: n.start_time)]


def _contour(notes: list[Note]) -> list[tuple[int, int]]:
    """(interval in semitones, steps to the next onset) of neighbouring notes."""
    return [(b[0] - a[0], b[1] - a[1]) for a, b in zip(notes, notes[1:])]


def longest_quotation(notes: list[Note], corpus: list[list[Note]]) -> int:
    """Notes in the longest passage that occurs, transposed or not, in one of the corpus tunes."""
    contour = _contour(notes)
    best = 0
    for tune in corpus:
        other = _contour(tune)
        runs = [0] * (len(other) + 1)
        for item in contour:
            runs = [0] + [runs[i] + 1 if item == x else 0 for i, x in enumerate(other)]
            best = max(best, *runs)
    return best + 1 if best else 0


def measure(notes: list[Note]) -> dict[str, float]:
    """Simple musical measures of one melody."""
    pitches = [note[0] for note in notes]
    intervals = [abs(b - a) for a, b in zip(pitches, pitches[1:])]
    in_key = max(sum((pitch - tonic) % 12 in _MAJOR_SCALE for pitch in pitches)
                 for tonic in range(12))
    steps = notes[-1][1] + notes[-1][2] - notes[0][1]
    count = max(len(intervals), 1)
    return {
        'notes in one major scale, %': 100 * in_key / len(pitches),
        'repeated notes, %': 100 * sum(i == 0 for i in intervals) / count,
        'moves by step (1-2 semitones), %': 100 * sum(1 <= i <= 2 for i in intervals) / count,
        'leaps over an octave, %': 100 * sum(i > 12 for i in intervals) / count,
        'range, semitones': max(pitches) - min(pitches),
        'notes per 16 steps': 16 * len(notes) / steps,
        'onsets on an eighth, %': 100 * sum(n[1] % 2 == 0 for n in notes) / len(notes),
    }


def to_abc(notes: list[Note], title: str, number: int) -> str:
    """Writes a melody as ABC in sixteenths and 4/4 bars, with ties over bar lines."""
    out, position = [], 0

    def write(name: str, length: int) -> None:
        nonlocal position
        while length:
            part = min(length, 16 - position % 16)
            length -= part
            position += part
            tie = '-' if length and name != 'z' else ''
            out.append(f'{name}{part if part > 1 else ""}{tie}')
            if position % 16 == 0:
                out.append('|\n' if position % 64 == 0 else '|')

    for pitch, onset, length in notes:
        write('z', onset - position)
        name = '=' + _NAMES[pitch % 12] if '^' not in _NAMES[pitch % 12] else _NAMES[pitch % 12]
        octave = pitch // 12 - 5
        if octave > 0:
            name = name.lower() + "'" * (octave - 1)
        else:
            name += ',' * -octave
        write(name, length)
    body = ' '.join(out).replace('\n ', '\n')
    # Naturals are written only where a bar has the same note sharpened.
    bars = []
    for bar in body.split('|'):
        sharps = {c.lower() for i, c in enumerate(bar) if i and bar[i - 1] == '^'}
        bars.append(''.join(
            '' if c == '=' and bar[i + 1].lower() not in sharps else c
            for i, c in enumerate(bar)))
    return f'X:{number}\nT:{title}\nM:4/4\nL:1/16\nK:C\n' + '|'.join(bars).rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description='Measures melodies of the demo bundle.')
    parser.add_argument('--bundle', type=pathlib.Path, default=BUNDLE)
    parser.add_argument('--count', type=int, default=20)
    parser.add_argument('--num_steps', type=int, default=128)
    parser.add_argument('--temperature', type=float, default=1.0)
    parser.add_argument('--show', type=int, default=3, help='melodies to print as ABC')
    args = parser.parse_args()

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    corpus = [to_notes(tune.sequence) for tune in tunes.load_tunes()]
    with load_generator(args.bundle) as generator:
        melodies = [to_notes(generate(generator, seed, args.num_steps, args.temperature))
                    for seed in range(args.count)]

    made = [measure(notes) for notes in melodies]
    known = [measure(notes) for notes in corpus]
    print(f'{"median (lowest to highest)":36}{"generated":>24}{"training tunes":>24}')
    for name in made[0]:
        columns = []
        for rows in (made, known):
            values = [row[name] for row in rows]
            columns.append(
                f'{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})')
        print(f'{name:36}{columns[0]:>24}{columns[1]:>24}')
    quotations = [longest_quotation(notes, corpus) for notes in melodies]
    print(f'notes in the longest passage found in a training tune: median '
          f'{statistics.median(quotations):.0f}, highest {max(quotations)}; notes per melody: '
          f'median {statistics.median(map(len, melodies)):.0f}')
    print(f'different melodies: {len({tuple(notes) for notes in melodies})} of {args.count}')
    for seed in range(min(args.show, args.count)):
        print('\n' + to_abc(melodies[seed], f'Seed {seed}, temperature {args.temperature}', seed))


if __name__ == '__main__':
    main()
