"""Polyphony requests to compare: random ones, by hand, as commands, and those refused."""

import math
import random
from collections.abc import Callable

import note_seq
from hypothesis import strategies as st
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..errors import Expected

# Below, the model may never end a step: then Magenta's loop has no end.
_LEAST_TEMPERATURE, _MOST_TEMPERATURE = 0.8, 1.5


def chords(rng: random.Random, sequence: note_seq.NoteSequence, steps: int, step_seconds: float,
           **fields: int) -> None:
    """Adds chords and held notes within `steps` steps."""
    step = 0
    while step < steps:
        length = rng.choice((1, 2, 2, 4, 4, 8))
        for pitch in rng.sample(range(40, 80), rng.randint(0, 4)):
            held = rng.choice((length, length, 1, length + 3))
            sequence.notes.add(pitch=pitch, velocity=rng.randint(1, 127),
                               start_time=step * step_seconds,
                               end_time=(step + held) * step_seconds, **fields)
        step += length


def _bounded(options: generator_pb2.GeneratorOptions, most_seconds: float) -> None:
    """Shortens what is asked for and keeps temperatures where sections come to an end."""
    (section,) = options.generate_sections
    section.end_time = min(section.end_time, section.start_time + most_seconds)
    if "temperature" in options.args:
        temperature = options.args["temperature"]
        temperature.float_value = min(max(temperature.float_value, _LEAST_TEMPERATURE),
                                      _MOST_TEMPERATURE)


def request(rng: random.Random) -> tuple[note_seq.NoteSequence, generator_pb2.GeneratorOptions]:
    """A random primer and options, mostly valid ones."""
    sequence, qpm = cases.primer(rng)
    step_seconds = 60.0 / qpm / 4
    if rng.random() < 0.5:
        chords(rng, sequence, rng.randint(1, 16), step_seconds)
        sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
    if rng.random() < 0.2:
        program = rng.randrange(128)
        for note in sequence.notes:
            # Of a primer with several programs nothing is left.
            note.program = program if rng.random() < 0.95 else 0
    options = cases.options(rng, sequence, qpm)
    _bounded(options, rng.randint(1, 24) * step_seconds)
    if rng.random() < 0.8:
        options.args["condition_on_primer"].bool_value = rng.random() < 0.5
    if rng.random() < 0.8:
        options.args["no_inject_primer_during_generation"].bool_value = rng.random() < 0.4
    return sequence, options


def command(rng: random.Random, name: str) -> cases.Command:
    """A random run of polyphony_rnn_generate."""
    flags, midi, kind = cases.flags(rng), b"", rng.random()
    flags["num_steps"] = rng.randint(4, 40)
    flags["temperature"] = rng.choice((1.0, _LEAST_TEMPERATURE, 0.9, _MOST_TEMPERATURE))
    if kind < 0.3:
        flags["primer_pitches"] = str(rng.sample(range(30, 100), rng.randint(1, 5)))
    elif kind < 0.6:
        flags["primer_melody"] = str([rng.choice((-2, -2, -1, rng.randint(40, 90)))
                                      for _ in range(rng.randint(1, 24))])
    elif kind < 0.85:
        midi = cases.primer_midi(rng)
    if rng.random() < 0.6:
        flags["condition_on_primer"] = rng.random() < 0.7
    if rng.random() < 0.6:
        flags["inject_primer_during_generation"] = rng.random() < 0.5
    return cases.Command(flags, cases.seed(rng), midi, name)


def _options(start: float, end: float, condition: bool | None = None, inject: bool | None = None,
             **args: float) -> generator_pb2.GeneratorOptions:
    options = cases.section(start, end, **args)
    if condition is not None:
        options.args["condition_on_primer"].bool_value = condition
    if inject is not None:
        options.args["no_inject_primer_during_generation"].bool_value = not inject
    return options


def _tempo(sequence: note_seq.NoteSequence, qpm: float = 120.0) -> note_seq.NoteSequence:
    sequence.tempos.add(qpm=qpm)
    return sequence


def fixed() -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    step = 0.125
    chord = ((60, 0, 1.0), (64, 0, 0.5), (67, 0.25, 1.0))
    chosen: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = []
    for condition in (False, True):
        for inject in (False, True):
            words = f"condition {condition}, inject {inject}"
            chosen += [
                (f"chord, {words}", _tempo(cases.notes(*chord)),
                 _options(1.0, 3.0, condition, inject)),
                (f"nothing, {words}", _tempo(cases.notes()), _options(0.0, 1.5, condition, inject)),
                (f"beams, {words}", _tempo(cases.notes(*chord)),
                 _options(1.0, 2.5, condition, inject, beam_size=2, branch_factor=2,
                          steps_per_iteration=3)),
                (f"silence after the notes, {words}", _tempo(cases.notes(*chord)),
                 _options(2.0, 3.0, condition, inject)),
                (f"section between two steps, {words}", _tempo(cases.notes(*chord)),
                 _options(1.06, 2.99, condition, inject)),
                (f"section of no step, {words}", _tempo(cases.notes(*chord)),
                 _options(1.0, 1.125, condition, inject)),
                (f"section that ends at once, {words}", _tempo(cases.notes(*chord)),
                 _options(1.0, 1.05, condition, inject)),
                (f"no tempo, {words}", cases.notes(*chord), _options(1.0, 2.0, condition, inject)),
            ]
    longer = _tempo(cases.notes(*chord))
    longer.total_time = 5.0
    chosen += [
        ("a primer that is longer than its notes", longer, _options(1.0, 2.0, True)),
        ("the same pitch several times", _tempo(cases.notes(
            (60, 0, 1.0), (60, 0, 0.5), (60, 0.25, 0.75), (60, 0.5, 1.0))),
         _options(1.0, 2.5, True)),
        ("lowest and highest pitch", _tempo(cases.notes((0, 0, 0.5), (127, 0, 0.25))),
         _options(0.5, 2.0)),
        ("notes without length", _tempo(cases.notes((60, 0, 0), (62, 0.5, 0.5))),
         _options(0.75, 2.0, True)),
        ("times just under zero", _tempo(cases.notes((60, -0.06, 0.5))), _options(0.5, 2.0, True)),
        ("a note that ends before it starts, beside another of its pitch",
         _tempo(cases.notes((60, 0, 1.0), (60, 0.75, 0.25))), _options(1.0, 2.0, True)),
        ("slow odd tempo", _tempo(cases.notes((60, 0, 1.7), (62, 1.7, 3.1)), 37.7),
         _options(3.1, 6.0, True)),
        ("fast tempo", _tempo(cases.notes((60, 0, 0.1)), 500.0), _options(0.1, 0.6)),
        ("the least temperature", _tempo(cases.notes(*chord)),
         _options(1.0, 2.0, temperature=_LEAST_TEMPERATURE)),
        ("steps per iteration -1: one event a round", _tempo(cases.notes(*chord)),
         _options(1.0, 1.5, steps_per_iteration=-1)),
    ]
    drums = _tempo(cases.notes((36, 0, 0.5), is_drum=True, instrument=9))
    drums.notes.add(pitch=60, velocity=0, start_time=0, end_time=0.25, instrument=1)
    chosen.append(("drums and silent notes count", drums, _options(0.5, 1.5, True)))
    programs = _tempo(cases.notes(*chord))
    programs.notes[1].program = 7
    chosen += [("several programs", programs, _options(1.0, 2.0, condition))
               for condition in (False, True)]
    full = _tempo(cases.notes(*chord))
    full.id, full.filename = "an id", "a name"
    full.time_signatures.add(numerator=3, denominator=4)
    full.text_annotations.add(text="C", time=0.5, annotation_type=1)
    full.control_changes.add(time=0.1, control_number=64, control_value=1)
    full.source_info.encoding_type = full.source_info.MIDI
    full.notes[0].instrument = 3
    chosen.append(("all fields of the primer are kept", full, _options(1.0, 2.0)))
    quantized = note_seq.quantize_note_sequence(cases.notes(*chord), 8)
    chosen.append(("a quantized primer is kept as it is", quantized, _options(1.0, 2.0)))
    for first, last in ((0.0, 2.0), (0.25, 0.9), (0.125, 0.5), (3.0, 4.0)):
        for condition in (False, True):
            options = _options(1.0, 2.0, condition)
            options.input_sections.add(start_time=first, end_time=last)
            chosen.append((f"input section {first} to {last}, condition {condition}",
                           _tempo(cases.notes(*chord)), options))
    return [cases.Case.of(sequence, options, index, f"fixed: {name}")
            for index, (name, sequence, options) in enumerate(chosen)]


@st.composite
def requests(draw: Callable) -> cases.Case:
    """Hypothesis: small requests, shrunk towards an empty primer and few steps."""
    case = draw(cases.requests())
    options = case.options()
    _bounded(options, 2.0)
    options.args["condition_on_primer"].bool_value = draw(st.booleans())
    options.args["no_inject_primer_during_generation"].bool_value = draw(st.booleans())
    return cases.Case.of(case.input_sequence(), options, case.seed, case.name)


ERRORS = (
    *errors.SECTIONS, *errors.METRE, *errors.SAMPLING, *errors.BEAMS,
    Expected("no tempo for the copy of the primer", "IndexError",
             lambda s, o: s.ClearField("tempos"), text=False),
    Expected("section ends before it starts", "AssertionError",
             lambda s, o: errors.generate(o, 2.0, 1.0)),
    Expected("section starts before the input section", "AssertionError",
             lambda s, o: (o.input_sections.add(start_time=2.0, end_time=3.0),
                           errors.generate(o, 1.0, 4.0))),
    Expected("pitch above 127", "ValueError",
             lambda s, o: s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1)),
    Expected("pitch below 0", "ValueError",
             lambda s, o: s.notes.add(pitch=-5, velocity=9, start_time=0.9, end_time=1)),
    Expected("note that ends before it starts", "ValueError",
             lambda s, o: s.notes.add(pitch=70, velocity=9, start_time=0.9, end_time=0.25),
             text=False),
    Expected("tempo 0", "AssertionError", lambda s, o: s.tempos.add(qpm=0.0)),
    Expected("beam_size as a float", "IndexError",
             lambda s, o: setattr(o.args["beam_size"], "float_value", 2.0), text=False),
)
