"""Pianoroll requests to compare: random, by hand, as commands, and those refused."""

import random
from typing import Any

import note_seq
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..errors import Expected


def served(options: generator_pb2.GeneratorOptions) -> generator_pb2.GeneratorOptions:
    """Options with which the servable serves what Magenta never plays: see `PianorollGenerator`."""
    options.args["sample"].bool_value = False
    return options


def primer(rng: random.Random) -> tuple[note_seq.NoteSequence, float]:
    """A random input sequence of chords, or now and then of melodies, and its tempo."""
    sequence, qpm = cases.primer(rng)
    if rng.random() < 0.3:
        return sequence, qpm
    del sequence.notes[:]
    step_seconds = 60.0 / qpm / 4
    jitter = rng.choice((0.0, 0.0, 0.0, 0.3, 0.49))
    low, high = rng.choice(((48, 72), (21, 108), (60, 64), (0, 127)))
    step, steps = rng.choice((0, 0, 0, 0, 2, 9)), rng.choice((1, 2, 4, 8, 16, 16, 31, 32))
    while step < steps:
        for _ in range(rng.choice((0, 1, 2, 3, 4, 9))):
            start = max(0.0, (step + rng.uniform(-jitter, jitter)) * step_seconds)
            sequence.notes.add(
                pitch=rng.randint(low, high), velocity=rng.choice((100, 64, 0)), start_time=start,
                end_time=start + rng.choice((1, 1, 2, 3, 4, 8, 0)) * step_seconds)
        step += rng.choice((1, 1, 2, 4))
    if rng.random() < 0.2:
        shuffled = list(sequence.notes)
        rng.shuffle(shuffled)
        del sequence.notes[:]
        sequence.notes.extend(shuffled)
    if sequence.notes and rng.random() < 0.04:
        sequence.notes[-1].program = 5
    sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
    if rng.random() < 0.2:
        # The pianoroll is as long as the sequence says it is.
        sequence.total_time = rng.choice((0.0, sequence.total_time / 2, sequence.total_time + 1.3))
    return sequence, qpm


def command(rng: random.Random, name: str) -> cases.Command:
    """A random run of pianoroll_rnn_nade_generate."""
    flags: dict[str, Any] = cases.flags(rng)
    for unknown in ("temperature", "steps_per_iteration"):
        flags.pop(unknown, None)
    midi, kind = b"", rng.random()
    if kind < 0.35:
        flags["primer_pitches"] = str([rng.randint(15, 115) for _ in range(rng.randint(1, 6))])
    elif kind < 0.75:
        flags["primer_pianoroll"] = str([
            tuple(rng.sample(range(15, 115), rng.choice((0, 0, 1, 2, 3, 9))))
            for _ in range(rng.randint(1, 24))])
    elif kind < 0.95:
        midi = cases.primer_midi(rng)
    return cases.Command(flags, cases.seed(rng), midi, name)


def fixed() -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    chord = tuple((pitch, 0, 1.0) for pitch in (60, 64, 67))
    chosen: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("empty primer", cases.notes(), cases.section(0, 4.0)),
        ("a chord, as the command asks", cases.notes(*chord), cases.section(1.0, 6.0)),
        ("a chord, later start", cases.notes(*chord), cases.section(2.0, 6.0)),
        ("repeated notes", cases.notes((60, 0, 0.5), (60, 0.5, 1.0)), cases.section(1.0, 3.0)),
        ("repeated notes, the later first", cases.notes((60, 0.5, 1.0), (60, 0, 0.5)),
         cases.section(1.0, 3.0)),
        ("the step before the first is the last", cases.notes((60, 0, 1.0), (60, 0, 0.25)),
         cases.section(1.0, 3.0)),
        ("keys that a piano does not have", cases.notes((0, 0, 0.5), (127, 0, 0.5)),
         cases.section(0.5, 3.0)),
        ("the lowest and the highest key", cases.notes((21, 0, 0.5), (108, 0, 0.5)),
         cases.section(0.5, 3.0)),
        ("zero length notes", cases.notes((60, 0, 0), (62, 0.5, 0.5)), cases.section(1.0, 3.0)),
        ("one step is left", cases.notes(*chord), cases.section(1.0, 1.25)),
        ("beam 4, branch 3", cases.notes(*chord),
         cases.section(1.0, 4.0, beam_size=4, branch_factor=3)),
        ("steps_per_iteration is ignored", cases.notes(*chord),
         cases.section(1.0, 3.0, steps_per_iteration=0)),
        ("temperature is ignored", cases.notes(*chord), cases.section(1.0, 3.0, temperature=0.0)),
        ("128 steps", cases.notes(*chord), cases.section(1.0, 16.0)),
        ("chords of many keys", cases.notes(*((pitch, 0, 0.5) for pitch in range(30, 100, 3))),
         cases.section(0.5, 3.0)),
    ]
    for total in (0.0, 0.5, 2.5):
        sequence = cases.notes(*chord)
        sequence.total_time = total
        chosen.append((f"total time {total}", sequence, cases.section(1.0, 4.0)))
    slow = cases.notes((60, 0, 1.7), (62, 1.7, 3.1))
    slow.tempos.add(qpm=37.7)
    chosen.append(("slow odd tempo", slow, cases.section(3.5, 12.0)))
    for first, last in ((0.0, 1.0), (0.125, 0.5), (0.5, 3.0)):
        request = cases.section(1.0, 3.0)
        request.input_sections.add(start_time=first, end_time=last)
        chosen.append((f"input section {first} to {last}",
                       cases.notes(*chord, (62, 0.5, 1.0)), request))
    return [cases.Case.of(sequence, served(request), index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(chosen)]


def _generate_late(sequence: note_seq.NoteSequence,
                   options: generator_pb2.GeneratorOptions) -> None:
    options.input_sections.add(start_time=3.0, end_time=4.0)
    sequence.total_time = 4.0


# What is wrong with a request comes before what is wrong with Magenta's bundles.
ERRORS = (
    *errors.SECTIONS, *errors.METRE, *errors.BEAMS,
    Expected("no notes", "ValueError", lambda s, o: (s.ClearField("notes"),
                                                     s.ClearField("total_time"))),
    Expected("two programs", "ValueError", lambda s, o: setattr(s.notes[0], "program", 3)),
    Expected("input section behind the end", "ValueError",
             lambda s, o: (o.input_sections.add(start_time=9.0, end_time=10.0),
                           errors.generate(o, 12.0, 14.0))),
    Expected("input section behind the section to generate", "AssertionError", _generate_late),
    Expected("note that ends before it starts", "IndexError",
             lambda s, o: (s.ClearField("notes"), s.ClearField("total_time"), s.notes.add(
                 pitch=60, velocity=9, start_time=0.9, end_time=0.1)), text=False),
    Expected("section ends where it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 1.125, 1.125)),
    Expected("section ends before it starts", "EventSequenceRnnModelError",
             lambda s, o: errors.generate(o, 2.0, 1.0)),
    Expected("note time beyond 64 bits of steps", "ValueError",
             lambda s, o: (s.ClearField("notes"), s.notes.add(
                 pitch=60, velocity=9, start_time=1e300, end_time=1e300),
                 errors.generate(o, 1e301, 1e301)), text=False),
)
