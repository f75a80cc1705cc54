"""Melody requests to compare: by hand, as commands, and those refused."""

import math
import random

import note_seq
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..cases import notes, section
from ..errors import Expected


def command(rng: random.Random, name: str) -> cases.Command:
    """A random run of melody_rnn_generate."""
    flags, midi, kind = cases.flags(rng), b"", rng.random()
    if kind < 0.5:
        events = [rng.choice((-2, -2, -1, rng.randint(40, 90))) for _ in range(rng.randint(1, 24))]
        flags["primer_melody"] = str(events)
    elif kind < 0.8:
        midi = cases.primer_midi(rng)
    return cases.Command(flags, cases.seed(rng), midi, name)


def fixed() -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    scale = tuple((60 + degree, i * 0.25, i * 0.25 + 0.25)
                  for i, degree in enumerate((0, 2, 4, 5, 7, 9, 11, 12)))
    step = 0.125
    chosen: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("empty primer from time 0", notes(), section(0, 4.0)),
        ("empty primer, later start", notes(), section(2.0, 6.0)),
        ("one note, as the command line asks", notes((60, 0, step)), section(2 * step, 8.0)),
        ("one note, generation at its very end", notes((60, 0, 0.5)), section(0.5, 4.0)),
        ("scale", notes(*scale), section(2.125, 8.0)),
        ("pitches folded into the range", notes((0, 0, 0.5), (127, 0.5, 1.0), (100, 1.0, 1.5)),
         section(1.625, 6.0)),
        ("pitch 0 only", notes((0, 0, 0.5)), section(0.625, 4.0)),
        ("a later shorter note cuts the earlier one", notes((60, 0, 2.0), (64, 0.5, 0.75)),
         section(2.125, 6.0)),
        ("chords keep the highest note", notes((60, 0, 0.5), (67, 0, 1.0), (64, 0, 0.25)),
         section(1.125, 6.0)),
        ("zero length notes", notes((60, 0, 0), (62, 0.5, 0.5)), section(1.0, 6.0)),
        ("times just under zero", notes((60, -0.06, 0.5)), section(1.0, 6.0)),
        ("first note in a later bar", notes((60, 4.5, 5.0)), section(5.125, 9.0)),
        ("generation starts within the melody's bar before its first note",
         notes((60, 4.5, 5.0)), section(5.0, 5.3)),
        ("drums only", notes((36, 0, 0.5), (38, 0.5, 1.0), is_drum=True), section(1.125, 5.0)),
        ("beam 4, branch 3, 4 steps", notes(*scale),
         section(2.125, 6.0, beam_size=4, branch_factor=3, steps_per_iteration=4)),
        ("more steps an iteration than are generated", notes(*scale),
         section(2.125, 3.0, beam_size=2, branch_factor=2, steps_per_iteration=50)),
        ("beam without branches", notes(*scale), section(2.125, 5.0, beam_size=3)),
        ("branch factor 0 and less", notes(*scale), section(2.125, 4.0, branch_factor=-2)),
        ("steps per iteration -1: one event", notes(*scale),
         section(2.125, 4.0, steps_per_iteration=-1)),
        ("near greedy", notes(*scale), section(2.125, 8.0, temperature=0.01)),
        ("negative temperature", notes(*scale), section(2.125, 4.0, temperature=-1.0)),
        ("infinite temperature", notes(*scale), section(2.125, 4.0, temperature=math.inf)),
        ("256 steps", notes((60, 0, step)), section(2 * step, 32.0)),
        ("a primer of 200 steps", notes(*((60 + i % 13, i * 0.5, i * 0.5 + 0.5)
                                           for i in range(50))), section(25.125, 28.0)),
    ]
    slow = notes((60, 0, 1.7), (62, 1.7, 3.1))
    slow.tempos.add(qpm=37.7)
    chosen.append(("slow odd tempo", slow, section(3.5, 12.0)))
    fast = notes((60, 0, 0.1), (62, 0.1, 0.2))
    fast.tempos.add(qpm=500.0)
    chosen.append(("fast tempo", fast, section(0.25, 1.5)))
    for numerator, denominator in ((3, 4), (6, 8), (5, 8), (5, 16), (1, 64)):
        sequence = notes(*scale)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
        chosen.append((f"{numerator}/{denominator}", sequence, section(2.125, 6.0)))
    unsorted = notes(*scale)
    unsorted.time_signatures.add(numerator=3, denominator=4, time=1.0)
    unsorted.time_signatures.add(numerator=4, denominator=4, time=0.0)
    unsorted.tempos.add(qpm=100.0, time=1.5)
    unsorted.tempos.add(qpm=90.0, time=0.0)
    chosen.append(("the later one counts when it is listed first", unsorted, section(2.2, 6.0)))
    two = notes(*scale)
    two.notes.add(pitch=50, velocity=0, start_time=0, end_time=0.5, instrument=3)
    chosen.append(("a silent second instrument", two, section(2.125, 5.0)))
    drums_first = notes((65, 2.5, 3.0))
    drums_first.notes.add(pitch=36, velocity=90, start_time=0, end_time=0.5, is_drum=True)
    chosen.append(("drums decide the first bar", drums_first, section(3.125, 7.0)))
    quantized = note_seq.quantize_note_sequence(notes(*scale), 8)
    chosen.append(("a quantized primer is quantized again", quantized, section(2.125, 5.0)))
    for first, last in ((0.0, 2.0), (1.0, 1.9), (0.125, 0.5), (3.0, 4.0)):
        request = section(2.125, 6.0)
        request.input_sections.add(start_time=first, end_time=last)
        chosen.append((f"input section {first} to {last}", notes(*scale), request))
    wrong_member = section(2.125, 4.0)
    wrong_member.args["beam_size"].float_value = 2.0
    chosen.append(("beam_size as a float reads as 0", notes(*scale), wrong_member))
    return [cases.Case.of(sequence, request, index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(chosen)]


def _instrument(sequence: note_seq.NoteSequence) -> None:
    sequence.notes.add(pitch=70, velocity=90, start_time=0, end_time=1, instrument=4)


ERRORS = (
    *errors.SECTIONS, *errors.METRE, *errors.SAMPLING, *errors.BEAMS,
    Expected("bars with a fraction of a step", "NonIntegerStepsPerBarError",
             lambda s, o: s.time_signatures.add(numerator=3, denominator=32)),
    Expected("melodies in two instruments", "AssertionError", lambda s, o: _instrument(s)),
    Expected("note that ends before it starts", "BadNoteError",
             lambda s, o: s.notes.add(pitch=60, velocity=9, start_time=0.9, end_time=0.25)),
    Expected("section ends where it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 1.125, 1.125)),
    Expected("section ends before it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 2.0, 1.0)),
    Expected("section starts before the step of the only note", "EventSequenceRnnModelError",
             lambda s, o: (s.ClearField("notes"), s.notes.add(
                 pitch=60, velocity=9, start_time=15.5 / 8, end_time=15.5 / 8),
                 errors.generate(o, 15.5 / 8, 4.0))),
    Expected("section starts two seconds before time 0", "SequenceGeneratorError",
             lambda s, o: (s.ClearField("notes"), errors.generate(o, -2.0, 4.0))),
    Expected("pitch above 127", "ValueError",
             lambda s, o: s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1)),
    Expected("pitch below the events", "ValueError",
             lambda s, o: s.notes.add(pitch=-5, velocity=9, start_time=0.9, end_time=1)),
    Expected("note time beyond 64 bits of steps", "ValueError",
             lambda s, o: (s.ClearField("notes"), s.notes.add(
                 pitch=60, velocity=9, start_time=1e300, end_time=1e300),
                 errors.generate(o, 1e301, 1e301)), text=False),
)
