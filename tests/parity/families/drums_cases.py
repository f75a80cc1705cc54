"""Drum requests to compare: random, by hand, as commands, and those refused."""

import io
import math
import random
from typing import Any

import note_seq
from note_seq import drums_encoder_decoder
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..errors import Expected

_KIT = [pitch for pitches in drums_encoder_decoder.DEFAULT_DRUM_TYPE_PITCHES for pitch in pitches]


def primer(rng: random.Random,
           steps_per_quarter: int = 4) -> tuple[note_seq.NoteSequence, float]:
    """A random input sequence of drums, or now and then of melodies, and its tempo."""
    sequence, qpm = cases.primer(rng, steps_per_quarter)
    if rng.random() < 0.2:
        return sequence, qpm
    del sequence.notes[:]
    step_seconds = 60.0 / qpm / steps_per_quarter
    jitter = rng.choice((0.0, 0.0, 0.0, 0.3, 0.49))
    pitches = rng.choice(([36, 38, 42], [36, 38, 42, 46, 49, 51], _KIT, range(128)))
    step, steps = rng.choice((0, 0, 0, 0, 3, 17)), rng.choice((1, 2, 4, 8, 16, 16, 31, 32, 64))
    while step < steps:
        hits = rng.choice((0, 1, 1, 2, 2, 3, min(9, len(pitches))))
        for pitch in rng.sample(list(pitches), hits):
            start = max(0.0, (step + rng.uniform(-jitter, jitter)) * step_seconds)
            sequence.notes.add(
                pitch=pitch, velocity=rng.choice((100, 100, 64, 1, 127, 0)),
                instrument=rng.choice((9, 9, 0)), is_drum=rng.random() < 0.9, start_time=start,
                end_time=start + rng.choice((1, 1, 1, 0, 0.5, 3)) * step_seconds)
        step += rng.choice((1, 1, 2, 2, 4, 7))
    if rng.random() < 0.2:
        shuffled = list(sequence.notes)
        rng.shuffle(shuffled)
        del sequence.notes[:]
        sequence.notes.extend(shuffled)
    sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
    return sequence, qpm


def command(rng: random.Random, name: str) -> cases.Command:
    """A random run of drums_rnn_generate."""
    flags: dict[str, Any] = cases.flags(rng)
    midi, kind = b"", rng.random()
    if kind < 0.5:
        pitches = rng.choice((_KIT, range(128)))
        flags["primer_drums"] = str([
            tuple(rng.sample(list(pitches), rng.choice((0, 0, 1, 2, 3, 9))))
            for _ in range(rng.randint(1, 24))])
    elif kind < 0.7:
        midi = cases.primer_midi(rng)
    elif kind < 0.85:
        file = io.BytesIO()
        note_seq.note_sequence_to_pretty_midi(primer(rng)[0]).write(file)
        midi = file.getvalue()
    return cases.Command(flags, cases.seed(rng), midi, name)


def fixed() -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    beat = tuple((pitch, i * 0.25, i * 0.25 + 0.125)
                 for i, pitch in enumerate((36, 42, 38, 42, 36, 36, 38, 46)))
    # Orders that change with each deep copy of the set.
    swapping = tuple((pitch, i * 0.25, i * 0.25 + 0.125) for i in range(4) for pitch in (38, 46))
    full = tuple((pitch, 0, 0.125) for pitch in (36, 38, 42, 46, 45, 48, 50, 49, 51))
    chosen: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("empty primer from time 0", cases.notes(), cases.section(0, 4.0)),
        ("empty primer, later start", cases.notes(), cases.section(2.0, 6.0)),
        ("one hit, as the command line asks", cases.notes((36, 0, 0.125)),
         cases.section(0.25, 8.0)),
        ("one hit, generation at its very end", cases.notes((36, 0, 0.5)),
         cases.section(0.5, 4.0)),
        ("a beat", cases.notes(*beat, is_drum=True), cases.section(2.125, 8.0)),
        ("sets that deep copies reorder", cases.notes(*swapping), cases.section(1.0, 6.0)),
        ("the same, reordered by branches", cases.notes(*swapping),
         cases.section(1.0, 3.0, beam_size=2, branch_factor=2)),
        ("all drum types at once", cases.notes(*full), cases.section(0.25, 4.0)),
        ("the same, reversed", cases.notes(*reversed(full)), cases.section(0.25, 4.0)),
        ("pitches that are no drums", cases.notes((0, 0, 0.1), (127, 0, 0.1), (100, 0.5, 0.6)),
         cases.section(1.0, 5.0)),
        ("long notes are one step", cases.notes((36, 0, 2.0), (38, 0.5, 0.75)),
         cases.section(2.125, 6.0)),
        ("zero length notes", cases.notes((36, 0, 0), (38, 0.5, 0.5)), cases.section(1.0, 6.0)),
        ("times just under zero", cases.notes((36, -0.06, 0.5)), cases.section(1.0, 6.0)),
        ("first hit in a later bar", cases.notes((36, 4.5, 4.6)), cases.section(5.125, 9.0)),
        ("a hit in the step where generation begins", cases.notes((36, 0, 0.1), (38, 2.0, 2.0)),
         cases.section(2.0, 6.0)),
        ("beam 4, branch 3, 4 steps", cases.notes(*beat),
         cases.section(2.125, 6.0, beam_size=4, branch_factor=3, steps_per_iteration=4)),
        ("beam without branches", cases.notes(*beat), cases.section(2.125, 5.0, beam_size=3)),
        ("steps per iteration -1: one event", cases.notes(*beat),
         cases.section(2.125, 4.0, steps_per_iteration=-1)),
        ("near greedy", cases.notes(*beat), cases.section(2.125, 8.0, temperature=0.01)),
        ("infinite temperature", cases.notes(*beat),
         cases.section(2.125, 4.0, temperature=math.inf)),
        ("256 steps", cases.notes((36, 0, 0.125)), cases.section(0.25, 32.0)),
        ("a primer of 200 steps", cases.notes(*((36 + i % 9, i * 0.5, i * 0.5 + 0.25)
                                                for i in range(50))), cases.section(25.125, 28.0)),
    ]
    for numerator, denominator in ((3, 4), (6, 8), (5, 8), (5, 16), (1, 64)):
        sequence = cases.notes(*beat)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
        chosen.append((f"{numerator}/{denominator}", sequence, cases.section(2.125, 6.0)))
    silent = cases.notes((36, 0, 0.5))
    silent.notes[0].velocity = 0
    chosen.append(("a silent hit only", silent, cases.section(0.625, 4.0)))
    quantized = note_seq.quantize_note_sequence(cases.notes(*beat), 8)
    chosen.append(("a quantized primer is quantized again", quantized, cases.section(2.125, 5.0)))
    for first, last in ((0.0, 2.0), (1.0, 1.9), (0.125, 0.5), (3.0, 4.0)):
        request = cases.section(2.125, 6.0)
        request.input_sections.add(start_time=first, end_time=last)
        chosen.append((f"input section {first} to {last}", cases.notes(*beat), request))
    return [cases.Case.of(sequence, request, index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(chosen)]


def several_tracks(steps_per_quarter: int) -> Expected:
    """Bars of minus one step, in which each step that is hit is a track of its own."""
    return Expected("tracks in bars of minus one step", "AssertionError",
                    lambda s, o: s.time_signatures.add(
                        numerator=-1, denominator=4 * steps_per_quarter))


ERRORS = (
    *errors.SECTIONS, *errors.METRE, *errors.SAMPLING, *errors.BEAMS,
    Expected("bars with a fraction of a step", "NonIntegerStepsPerBarError",
             lambda s, o: s.time_signatures.add(numerator=3, denominator=32)),
    Expected("bars with a fraction of a step without notes", "NonIntegerStepsPerBarError",
             lambda s, o: (s.ClearField("notes"),
                           s.time_signatures.add(numerator=3, denominator=32))),
    Expected("bars of a negative length that hold no hit", "IndexError",
             lambda s, o: (s.ClearField("notes"), s.notes.add(
                 pitch=36, velocity=9, start_time=0.5, end_time=0.6),
                 s.time_signatures.add(numerator=-4, denominator=4)), text=False),
    Expected("section ends where it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 1.125, 1.125)),
    Expected("section ends before it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 2.0, 1.0)),
    Expected("section starts two seconds before time 0", "SequenceGeneratorError",
             lambda s, o: (s.ClearField("notes"), errors.generate(o, -2.0, 4.0))),
    Expected("pitch above 127", "ValueError",
             lambda s, o: s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1)),
    Expected("pitch below 0", "ValueError",
             lambda s, o: s.notes.add(pitch=-5, velocity=9, start_time=0.9, end_time=1)),
    Expected("pitch above 127 and nothing to generate", "EventSequenceRnnModelError",
             lambda s, o: (s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1),
                           errors.generate(o, 1.125, 1.125))),
    Expected("note time beyond 64 bits of steps", "ValueError",
             lambda s, o: (s.ClearField("notes"), s.notes.add(
                 pitch=36, velocity=9, start_time=1e300, end_time=1e300),
                 errors.generate(o, 1e301, 1e301)), text=False),
)
