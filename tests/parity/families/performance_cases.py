"""Performance requests to compare: by hand, as commands, and those refused."""

import math
import random
from collections.abc import Callable
from typing import Any

import note_seq
from hypothesis import strategies as st
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..errors import Expected


def primer(rng: random.Random, count: int, one_program: bool = False) -> note_seq.NoteSequence:
    """A random polyphonic sequence of `count` notes: chords, repeats, overlaps, odd times."""
    sequence = note_seq.NoteSequence()
    if rng.random() < 0.8:
        sequence.ticks_per_quarter = 220
    if rng.random() < 0.5:
        sequence.tempos.add(qpm=rng.choice(cases.QPMS))
    program = rng.choice((0, 0, 0, 5, 40))
    drums = 0.0 if rng.random() < 0.8 else rng.choice((0.3, 1.0))
    grid = rng.choice((0.0, 0.01, 0.01, 0.05, 0.125))
    low, high = rng.choice(((36, 96), (60, 72), (0, 127)))
    start = rng.choice((0.0, 0.0, 0.004999, 0.3, 1.7))
    velocity = rng.randint(1, 127)
    for _ in range(count):
        if rng.random() < 0.6:
            start += rng.choice((0.01, 0.05, 0.1, 0.25, rng.uniform(0.001, 0.4)))
        length = rng.choice((0.0, 0.01, 0.1, 0.25, 0.5, rng.uniform(0.001, 0.7)))
        if rng.random() < 0.04:
            length = rng.uniform(4.0, 7.0)
        begin, end = (round(time / grid) * grid if grid else time
                      for time in (start, start + length))
        if rng.random() < 0.4:
            velocity = rng.choice((rng.randint(1, 127), 1, 4, 5, 127))
        sequence.notes.add(pitch=rng.randint(low, high), velocity=velocity, start_time=begin,
                           end_time=end, instrument=rng.choice((0, 0, 0, 3)), program=program,
                           is_drum=rng.random() < drums)
    if sequence.notes and not one_program and rng.random() < 0.03:
        sequence.notes[0].program = 77
    if rng.random() < 0.2:
        shuffled = list(sequence.notes)
        rng.shuffle(shuffled)
        del sequence.notes[:]
        sequence.notes.extend(shuffled)
    if rng.random() < 0.1:
        sequence.control_changes.add(time=rng.uniform(0, 2), control_number=64, control_value=99)
    sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
    return sequence


def control_value(rng: random.Random, name: str) -> Any:
    """A valid value of a control."""
    if name == "notes_per_second":
        return rng.choice((0, 1, 2.0, 3.999, 15, 15.0, 40.5, 64, True, rng.uniform(0, 70)))
    return rng.choice((
        [1.0] * 12, [0] * 12, [1, 0] * 6, [0.25, 0, 0.5] * 4,
        [rng.choice((0, 1, 2.5, -0.3)) for _ in range(12)], [rng.random() for _ in range(12)]))


def _control_text(rng: random.Random, name: str) -> str:
    """A value or a list of values, as text."""
    def value() -> Any:
        if name == "disable_conditioning":
            return rng.random() < 0.5
        chosen = control_value(rng, name)
        # Many notes cost many events.
        return min(chosen, 30) if name == "notes_per_second" else chosen

    if rng.random() < 0.5:
        return repr(value())
    return repr([value() for _ in range(rng.choice((1, 2, 2, 3, 7)))])


def _controls(rng: random.Random, config: Any) -> dict[str, str]:
    names = [signal.name for signal in config.control_signals or ()]
    if config.optional_conditioning:
        names.append("disable_conditioning")
    return {name: _control_text(rng, name) for name in names if rng.random() < 0.7}


def case(rng: random.Random, config: Any, name: str) -> cases.Case:
    """A random request for a config."""
    sequence = primer(rng, rng.choice((0, 1, 1, 2, 3, 5, 8, 13, 21)), config.note_performance)
    options = generator_pb2.GeneratorOptions()
    end = sequence.total_time
    if rng.random() < 0.15:
        first = rng.choice((0.0, 0.0, rng.uniform(0, end)))
        last = rng.choice((end, first + rng.uniform(0, 2)))
        options.input_sections.add(start_time=first, end_time=last)
        if last > end:
            end = last
    start = end + rng.choice((0.0, 0.0, 0.01, 0.005, rng.uniform(0, 2.5)))
    # Models of notes fail only where there is something to generate.
    shortest = 1.1 if config.note_performance else 0.02
    length = max(shortest, 2 ** rng.uniform(-4, 0.8))
    if rng.random() < 0.05 and not config.note_performance:
        length = rng.choice((0.0, -0.2, 0.01, 4.0))
    options.generate_sections.add(start_time=start, end_time=start + length)
    if rng.random() < 0.7:
        options.args["temperature"].float_value = rng.choice(
            (1.0, 1.0, 0.1, 0.5, 0.9, 1.3, 3.0, rng.uniform(0.1, 3.0)))
    if rng.random() < 0.3:
        options.args["beam_size"].int_value = rng.randint(1, 3)
        options.args["branch_factor"].int_value = rng.randint(1, 3)
        options.args["steps_per_iteration"].int_value = rng.randint(1, 5)
    for control, text in _controls(rng, config).items():
        options.args[control].string_value = text
    if not config.control_signals and rng.random() < 0.1:
        options.args["notes_per_second"].string_value = "not even looked at"
    return cases.Case.of(sequence, options, cases.seed(rng), name)


def command(rng: random.Random, config: Any, name: str) -> cases.Command:
    """A random run of performance_rnn_generate."""
    flags: dict[str, Any] = {"num_steps": int(2 ** rng.uniform(5.5, 8.2))}
    if rng.random() < 0.7:
        flags["temperature"] = rng.choice((1.0, 0.1, 0.5, 0.9, 1.3, 3.0))
    if rng.random() < 0.3:
        flags["beam_size"] = rng.randint(1, 3)
        flags["branch_factor"] = rng.randint(1, 2)
        flags["steps_per_iteration"] = rng.randint(1, 4)
    flags.update(_controls(rng, config))
    midi, kind = b"", rng.random()
    # Without any primer, models of notes cannot begin; the servable then gives them middle C.
    if kind < 0.35 or config.note_performance:
        pitches = [rng.randint(0, 127) for _ in range(rng.randint(1, 4))]
        flags["primer_pitches"] = str(pitches)
        flags["num_steps"] += 50
    elif kind < 0.65:
        events = [rng.choice((-2, -2, -1, rng.randint(40, 90))) for _ in range(rng.randint(1, 12))]
        flags["primer_melody"] = str(events)
    elif kind < 0.8:
        midi = cases.primer_midi(rng)
    return cases.Command(flags, cases.seed(rng), midi, name)


def fixed(config: Any) -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    scale = tuple((60 + degree, i * 0.1, i * 0.1 + 0.1)
                  for i, degree in enumerate((0, 2, 4, 5, 7, 9, 11, 12)))
    chosen: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("empty primer, less than the longest shift", cases.notes(), cases.section(0, 0.5)),
        ("empty primer from time 0", cases.notes(), cases.section(0, 2.0)),
        ("empty primer, later start", cases.notes(), cases.section(2.0, 3.5)),
        ("chord", cases.notes((60, 0, 0.5), (64, 0, 0.5), (67, 0, 0.5)), cases.section(0.5, 2.0)),
        ("scale", cases.notes(*scale), cases.section(0.8, 2.0)),
        ("a gap before the section", cases.notes((60, 0, 0.5)), cases.section(4.0, 5.0)),
        ("a gap within the primer", cases.notes((60, 0, 0.5), (60, 3.5, 3.6)),
         cases.section(3.6, 4.0)),
        ("pitch held twice", cases.notes((60, 0, 1.0), (60, 0.2, 0.4), (60, 0.3, 1.2)),
         cases.section(1.2, 2.0)),
        ("notes without length", cases.notes((60, 0, 0), (62, 0.5, 0.5)), cases.section(0.6, 1.5)),
        ("times just under zero", cases.notes((60, -0.004, 0.5)), cases.section(1.0, 2.0)),
        ("long notes are cut", cases.notes((60, 0, 7.5), (62, 0, 5.0), (64, 0, 5.01)),
         cases.section(7.5, 8.0)),
        ("drums only", cases.notes((36, 0, 0.5), (38, 0.5, 1.0), is_drum=True),
         cases.section(1.0, 2.0)),
        ("a program", cases.notes((60, 0, 0.5), program=33), cases.section(0.5, 1.5)),
        ("beam 3, branch 2, 4 steps", cases.notes(*scale),
         cases.section(0.8, 1.4, beam_size=3, branch_factor=2, steps_per_iteration=4)),
        ("beam without branches", cases.notes(*scale), cases.section(0.8, 1.4, beam_size=3)),
        ("branch factor 0 and less", cases.notes(*scale),
         cases.section(0.8, 1.2, branch_factor=-2)),
        ("steps per iteration -1: one event", cases.notes(*scale),
         cases.section(0.8, 1.4, steps_per_iteration=-1)),
        ("near greedy", cases.notes(*scale), cases.section(0.8, 2.0, temperature=0.01)),
        ("infinite temperature", cases.notes(*scale),
         cases.section(0.8, 1.4, temperature=math.inf)),
        ("section ends where it starts", cases.notes(*scale), cases.section(0.8, 0.8)),
        ("section of one step", cases.notes(*scale), cases.section(0.8, 0.82)),
        ("section ends within the primer", cases.notes(*scale), cases.section(0.8, 0.5)),
        ("times that just miss a step", cases.notes((60, 0.29, 0.57)), cases.section(0.57, 1.13)),
        ("five seconds", cases.notes(*scale), cases.section(0.8, 5.8)),
    ]
    programs = cases.notes(*scale)
    programs.notes[0].program = 9
    chosen.append(("programs that differ leave no primer", programs, cases.section(0.8, 2.5)))
    mixed = cases.notes(*scale)
    mixed.notes[0].is_drum = True
    chosen.append(("drums among others", mixed, cases.section(0.8, 1.5)))
    loud = cases.notes(*scale)
    for index, note in enumerate(loud.notes):
        note.velocity = (1, 4, 5, 127, 127, 64, 64, 3)[index]
    chosen.append(("velocities at the bounds of bins", loud, cases.section(0.8, 1.5)))
    silent = cases.notes((60, 0, 0.5))
    silent.notes[0].velocity = 0
    chosen.append(("velocity 0 first", silent, cases.section(0.5, 1.0)))
    beyond = cases.notes((60, 0, 0.5))
    beyond.notes[0].velocity = 200
    chosen.append(("velocity beyond the bins", beyond, cases.section(0.5, 1.5)))
    beyond_later = cases.notes((60, 0, 0.5), (62, 0.5, 0.6))
    beyond_later.notes[1].velocity = 200
    chosen.append(("velocity beyond the bins, later", beyond_later, cases.section(0.6, 1.5)))
    same_time = cases.notes((60, 0.004, 0.1), (72, 0.001, 0.1), (48, 0.004, 0.2))
    chosen.append(("one step, different times", same_time, cases.section(0.3, 1.0)))
    backwards = cases.notes((60, 0.5, 0.2))
    chosen.append(("note that ends before it starts", backwards, cases.section(0.6, 1.5)))
    longer = cases.notes(*scale)
    longer.total_time = 5.0
    chosen.append(("total time beyond the notes", longer, cases.section(0.8, 1.5)))
    quantized = note_seq.quantize_note_sequence(cases.notes(*scale), 8)
    chosen.append(("a quantized primer is quantized again", quantized, cases.section(0.8, 1.5)))
    for first, last in ((0.0, 0.8), (0.2, 0.55), (0.1, 0.3), (3.0, 4.0)):
        request = cases.section(1.0, 2.0)
        request.input_sections.add(start_time=first, end_time=last)
        chosen.append((f"input section {first} to {last}", cases.notes(*scale), request))
    for texts in _texts(config):
        request = cases.section(0.8, 2.0)
        for control, text in texts.items():
            request.args[control].string_value = text
        chosen.append((f"controls {texts}", cases.notes(*scale), request))
    return [cases.Case.of(sequence, request, index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(chosen)]


def _texts(config: Any) -> list[dict[str, str]]:
    """Texts of controls that Magenta takes, many of which it calls invalid in its log only."""
    names = {signal.name for signal in config.control_signals or ()}
    ones, odd = "[1,1,1,1,1,1,1,1,1,1,1,1]", "[3,0,-1,0,1,0,0,2,0,1e9,0,0.5]"
    texts = []
    if "notes_per_second" in names:
        texts += [{"notes_per_second": text} for text in (
            "0", "True", "(1, 2)", "1, 20", "[-1, 2]", "[5, 10.5, 20]", "0x10", "1_0", " 7 # x",
            "[1]", "(3)", "[0]*2", "1e400", "", "[", "[1 2]", "nan", "-1", "'x'", "''", "None",
            "[]", "()", "1j", "[1, None]", "[[1]]", "[1, '2']", "-1.5", "{1, 2}")]
    if "pitch_class_histogram" in names:
        texts += [{"pitch_class_histogram": text} for text in (
            ones, odd, f"[{ones}, {odd}]", f"({ones}, {odd})", f"[{ones}, [0]*12]",
            "[0,0,0,0,0,0,0,0,0,0,0,0]", f"({odd[1:-1]})", f"[({ones[1:-1]}), {odd}]", "[1, 2]",
            "5", "[]", "()", "'abc'", "''", f"[{ones}, 5]", "[[1,2], [3]]", "None", "[1,2",
            "[1e400,0,0,0,0,0,0,0,0,0,0,0]", "[None,0,0,0,0,0,0,0,0,0,0,0]",
            "[1j,0,0,0,0,0,0,0,0,0,0,0]", "[True,0,0,0,0,0,0,0,0,0,0,0]")]
    if config.optional_conditioning:
        texts += [{"disable_conditioning": text, "pitch_class_histogram": odd} for text in (
            "True", "False", "[True, False]", "[False, True, False]", "[1, 0]", "(True, False)",
            "['', 'x']", "[[], [0], None]", "'ab'", "1", "0", "None", "[]", "()", "''", "1.5", "[",
            "true")]
        # What is disabled is not encoded either.
        texts.append({"disable_conditioning": "True", "pitch_class_histogram": "[1, 2]"})
    else:
        texts += [{"disable_conditioning": text} for text in ("True", "False", "[", "x")]
    if len(names) > 1:
        texts.append({"notes_per_second": "[1, 4, 30]",
                      "pitch_class_histogram": f"[{ones}, {odd}]"})
        texts.append({"notes_per_second": "-1", "pitch_class_histogram": "["})
    return texts


@st.composite
def requests(draw: Callable, config: Any) -> cases.Case:
    """Hypothesis: small requests, shrunk towards an empty primer and few steps."""
    times = st.floats(0, 2, allow_nan=False)
    sequence = note_seq.NoteSequence()
    for _ in range(draw(st.integers(0, 8))):
        start = draw(times)
        sequence.notes.add(
            pitch=draw(st.integers(0, 127)), velocity=draw(st.integers(0, 130)),
            program=draw(st.sampled_from((0,) * 9 + (1,))), is_drum=draw(st.booleans()),
            start_time=start, end_time=start + draw(st.floats(-0.05, 1)))
    end = max((note.end_time for note in sequence.notes), default=0.0)
    sequence.total_time = draw(st.just(end) | times)
    start = end + draw(st.floats(-0.1, 1))
    request = cases.section(start, start + draw(st.floats(0, 1)))
    if draw(st.booleans()):
        first = draw(times)
        request.input_sections.add(start_time=first, end_time=first + draw(times))
    request.args["temperature"].float_value = draw(st.floats(0.1, 3))
    for name, most in (("beam_size", 3), ("branch_factor", 3), ("steps_per_iteration", 4)):
        request.args[name].int_value = draw(st.integers(1, most))
    values = {
        "notes_per_second": st.floats(0, 30) | st.integers(0, 30) | st.booleans(),
        "pitch_class_histogram": st.lists(st.integers(-1, 3) | st.floats(0, 1), min_size=12,
                                          max_size=12)}
    for signal in config.control_signals or ():
        value = values[signal.name]
        request.args[signal.name].string_value = repr(
            draw(value | st.lists(value, min_size=1, max_size=4)))
    if config.optional_conditioning:
        request.args["disable_conditioning"].string_value = repr(
            draw(st.booleans() | st.lists(st.booleans(), min_size=1, max_size=4)))
    return cases.Case.of(sequence, request, draw(st.integers(0, 2 ** 32 - 1)), "hypothesis")


def _controlled(kind: str, **texts: str) -> Expected:
    def change(_: note_seq.NoteSequence, options: generator_pb2.GeneratorOptions) -> None:
        for name, text in texts.items():
            options.args[name].string_value = text

    return Expected(f"controls {texts}", kind, change, text=False)


_COMMON = (
    *errors.SECTIONS,
    Expected("pitch above 127", "ValueError",
             lambda s, o: s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1)),
    Expected("pitch below 0", "ValueError",
             lambda s, o: s.notes.add(pitch=-5, velocity=9, start_time=0.9, end_time=1)),
    Expected("section that ends before time 0", "AssertionError",
             lambda s, o: errors.generate(o, 2.0, -0.5)),
    _controlled("SyntaxError", disable_conditioning="["),
)
# Where events are not notes.
_EVENTS = (
    *errors.SAMPLING, *errors.BEAMS,
    Expected("section that starts before the input section", "AssertionError",
             lambda s, o: (o.input_sections.add(start_time=3, end_time=4),
                           s.notes.add(pitch=60, velocity=9, start_time=3.5, end_time=0.2),
                           errors.generate(o, 2.0, 4.0))),
)
# Where velocities are generated.
_DYNAMICS = (
    Expected("silence after a note", "ValueError",
             lambda s, o: s.notes.add(pitch=60, velocity=0, start_time=0.9, end_time=1)),
    Expected("velocity that no event can have", "ValueError",
             lambda s, o: s.notes.add(pitch=60, velocity=600, start_time=0.9, end_time=1)),
)


def errors_of(config: Any) -> tuple[Expected, ...]:
    """Requests that Magenta refuses."""
    table = _COMMON
    if not config.note_performance:
        table += _EVENTS
    if config.num_velocity_bins:
        table += _DYNAMICS
    names = {signal.name for signal in config.control_signals or ()}
    if not config.optional_conditioning:
        table += (_controlled("TypeError", disable_conditioning="True"),)
    if "notes_per_second" in names:
        table += tuple(_controlled(kind, notes_per_second=text) for kind, text in (
            ("TypeError", "-1"), ("TypeError", "'x'"), ("TypeError", "1j"), ("TypeError", "None"),
            ("ZeroDivisionError", "[]"), ("OverflowError", "1e400"), ("SyntaxError", ""),
            ("ValueError", "nan")))
    if "pitch_class_histogram" in names:
        table += tuple(_controlled(kind, pitch_class_histogram=text) for kind, text in (
            ("TypeError", "[1, 2]"), ("IndexError", "[]"), ("ValueError", "[[1, 2]]"),
            ("SyntaxError", "[1"), ("ValueError", "[0] * 12"), ("TypeError", "5")))
    if config.optional_conditioning:
        table += tuple(_controlled(kind, disable_conditioning=text) for kind, text in (
            ("TypeError", "1"), ("IndexError", "[]"), ("ValueError", "true")))
    return table
