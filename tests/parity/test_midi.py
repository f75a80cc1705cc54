"""MIDI files: written and read as note_seq does it, to the byte and field by field."""

import io
import random
from collections.abc import Callable

import note_seq
import pytest
from magenta_serving import errors
from note_seq import midi_io

from . import cases, compare, table
from .families import polyphony_cases


def _random_sequence(rng: random.Random) -> note_seq.NoteSequence:
    """A sequence with what MIDI files can hold: tempos, signatures, instruments, bends, drums.

    Of all the forms that families give: melodies, polyphony, performances, and drums and chords as
    other instruments.
    """
    sequence, qpm = cases.primer(rng)
    sequence.ticks_per_quarter = rng.choice((0, 220, 96, 480, 960, 24, 1))
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 4)):
            sequence.tempos.add(time=rng.uniform(0.1, 6), qpm=rng.uniform(25, 280))
    if rng.random() < 0.3:
        sequence.time_signatures.add(time=rng.uniform(0, 5), numerator=7, denominator=8)
    if rng.random() < 0.4:
        for mode in (0, 1)[:rng.randint(1, 2)]:
            sequence.key_signatures.add(time=rng.uniform(0, 3), key=rng.randrange(12), mode=mode)
    form, programs = rng.random(), [rng.choice((0, 0, rng.randrange(128))) for _ in range(16)]
    if form < 0.3:
        polyphony_cases.chords(rng, sequence, rng.randint(1, 32), 60.0 / qpm / 4)
    elif form < 0.6:
        step = 0.01
        for note in sequence.notes:
            note.start_time = round(note.start_time / step) * step
            note.end_time = note.start_time + rng.randint(1, 300) * step
            note.velocity = 1 + rng.randrange(32) * 4
        if rng.random() < 0.5:
            del sequence.tempos[:]
    elif form < 0.7:
        for time in (0.0, 2.0):
            sequence.text_annotations.add(time=time, text="Am", annotation_type=1)
            for pitch in (36, 57, 60, 64):
                sequence.notes.add(pitch=pitch, velocity=50, instrument=1, program=88,
                                   start_time=time, end_time=time + 2.0)
        programs[1] = 88
    for note in sequence.notes:
        note.velocity = max(note.velocity, 1)
        note.program = programs[note.instrument]
    if rng.random() < 0.4:
        for _ in range(5):
            sequence.control_changes.add(
                time=rng.uniform(0, 4), control_number=rng.randrange(120),
                control_value=rng.randrange(128), instrument=rng.randrange(3))
            sequence.pitch_bends.add(time=rng.uniform(0, 4), bend=rng.randint(-8192, 8191))
    if rng.random() < 0.2:
        sequence.instrument_infos.add(instrument=0, name="Voice")
    return sequence


def _written(sequence: note_seq.NoteSequence) -> bytes:
    file = io.BytesIO()
    midi_io.note_sequence_to_pretty_midi(sequence).write(file)
    return file.getvalue()


def _read(midi: bytes) -> bytes:
    return midi_io.midi_to_note_sequence(midi).SerializeToString(deterministic=True)


def test_written_and_read_back(amount: Callable[[str], int], counts: table.Table) -> None:
    """Files of random sequences: the same bytes, and the same sequence read from them."""
    from magenta_serving._servable import stages

    written = read = 0
    for index in range(amount("midi_files")):
        sequence = _random_sequence(random.Random(f"midi/{index}"))
        data = sequence.SerializeToString(deterministic=True)
        try:
            theirs = _written(sequence)
        except Exception:
            # What pretty_midi cannot write: the servable refuses it or knows better.
            continue
        assert stages.note_sequence_to_midi(data) == theirs, (index, sequence)
        written += 1
        difference = compare.proto_difference(
            note_seq.NoteSequence, stages.midi_to_note_sequence(theirs), _read(theirs))
        assert not difference, (index, difference)
        read += 1
    counts.notes.append(f"MIDI: {written:,} files written and {read:,} read alike.")
    assert written > amount("midi_files") * 0.8


def test_damaged_files(amount: Callable[[str], int]) -> None:
    """Files with changed, lost or added bytes: the same sequence, or an error on both sides."""
    from magenta_serving._servable import stages

    rng = random.Random("damaged")
    for index in range(amount("midi_files")):
        midi = bytearray(_written(cases.primer(random.Random(f"damaged/{index}"))[0]))
        for _ in range(rng.randint(1, 3)):
            position = rng.randrange(len(midi))
            midi[position:position + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
        damaged = bytes(midi)
        try:
            theirs = _read(damaged)
        except (midi_io.MIDIConversionError, ValueError):
            with pytest.raises(errors.ServableError):
                stages.midi_to_note_sequence(damaged)
        else:
            assert not compare.proto_difference(
                note_seq.NoteSequence, stages.midi_to_note_sequence(damaged), theirs), damaged
