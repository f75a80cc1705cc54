"""Requests of melodies over chords: random ones, by hand, as commands, and those refused."""

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import note_seq
from hypothesis import strategies as st
from note_seq import chord_symbols_lib
from note_seq.protobuf import generator_pb2

from .. import cases, errors
from ..errors import Expected

CHORD_SYMBOL = note_seq.NoteSequence.TextAnnotation.CHORD_SYMBOL
_ROOTS = [letter + accidental for letter in "ABCDEFG" for accidental in ("", "#", "b")]
_KINDS = list(chord_symbols_lib._CHORD_KINDS_BY_ABBREV)
# Kinds whose third and fifth make one of the triads that have a class.
_TRIADS = [kind for kind in _KINDS if chord_symbols_lib.chord_symbol_quality("C" + kind)
           != chord_symbols_lib.CHORD_QUALITY_OTHER]
# Symbols that the encoding or the parser refuses.
_REFUSED = ("Csus4", "G5", "Dped", "Eno5", "H7", "", "n.c.", "C#b", "Cno9", "Gadd5")


def chord(rng: random.Random, any_kind: bool) -> str:
    """A random chord symbol that can be encoded, in `any_kind` or as a triad with extensions."""
    if rng.random() < 0.06:
        return note_seq.NO_CHORD
    symbol = rng.choice(_ROOTS) + rng.choice(_KINDS if any_kind else _TRIADS)
    if rng.random() < 0.15:
        symbol += rng.choice(("(#11)", "(b13)", "(b9)"))
    if rng.random() < 0.2:
        symbol += "/" + rng.choice(_ROOTS)
    return symbol


def add_chords(rng: random.Random, sequence: note_seq.NoteSequence, step_seconds: float,
               steps: int, any_kind: bool) -> None:
    """Adds chord annotations over `steps` steps, now and then ones that Magenta refuses."""
    spacing = rng.choice((1, 4, 8, 8, 16, 16, 16, 7))
    jitter = rng.choice((0.0, 0.0, 0.0, 0.3, 0.6))
    step = rng.choice((0, 0, 0, 0, 3, 16))
    while step < steps:
        time = max(0.0, (step + rng.uniform(-jitter, jitter)) * step_seconds)
        text = chord(rng, any_kind)
        if rng.random() < 0.002:
            text = rng.choice(_REFUSED)
        sequence.text_annotations.add(time=time, text=text, annotation_type=CHORD_SYMBOL)
        if rng.random() < 0.01:
            # The same again in the same step, or, which is refused, another.
            again = text if rng.random() < 0.8 else chord(rng, any_kind)
            sequence.text_annotations.add(time=time, text=again, annotation_type=CHORD_SYMBOL)
        step += spacing if rng.random() < 0.8 else rng.randint(1, 24)
    if rng.random() < 0.1:
        # Words are no chords.
        sequence.text_annotations.add(time=rng.uniform(0, 2), text="la")
    if rng.random() < 0.1:
        annotations = list(sequence.text_annotations)
        rng.shuffle(annotations)
        del sequence.text_annotations[:]
        sequence.text_annotations.extend(annotations)


def numbered(rng: random.Random, any_kind: bool, name: str) -> cases.Case:
    """A random case.

    Args:
        rng: seeded with the case's number.
        any_kind: whether all kinds of chords can be encoded, not only those on a triad.
        name: of the case.
    """
    sequence, qpm = cases.primer(rng)
    # Those that come with a melody's primer lie anywhere.
    del sequence.text_annotations[:]
    step_seconds = 60.0 / qpm / 4
    if rng.random() < 0.8:
        # Magenta only takes melodies that begin in the first bar.
        first = min((note.start_time for note in sequence.notes), default=0.0)
        for note in sequence.notes:
            note.start_time -= first
            note.end_time -= first
    options = cases.options(rng, sequence, qpm)
    section = options.generate_sections[0]
    if rng.random() < 0.9:
        # It refuses all requests with an input section, and sections that touch the primer.
        del options.input_sections[:]
        end = max((note.end_time for note in sequence.notes), default=0.0)
        section.start_time = end + step_seconds * rng.choice((1, 1, 1, 0.01, 0.3, 0.5, 2, 5, 15.3))
        if not sequence.notes:
            section.start_time = step_seconds * rng.choice((0.1, 0.5, 0.9))
        # The end is rounded down for the melody and to the nearest step for the chords.
        section.end_time = max(round(section.end_time / step_seconds),
                               int(section.start_time / step_seconds) + rng.randint(3, 24)
                               ) * step_seconds
        if rng.random() < 0.4:
            section.end_time += rng.uniform(0.001, 0.49) * step_seconds
    add_chords(rng, sequence, step_seconds, int(section.end_time / step_seconds) + 8, any_kind)
    if rng.random() < 0.95:
        sequence.total_time = section.end_time + rng.choice((0.0, 0.0, 1.0, 100.0))
    return cases.Case.of(sequence, options, cases.seed(rng), name)


def command(rng: random.Random, any_kind: bool, name: str) -> cases.Command:
    """A random run of improv_rnn_generate."""
    flags, midi, kind = cases.flags(rng), b"", rng.random()
    flags.pop("num_steps", None)  # The chords make the length.
    if kind < 0.5:
        events = [rng.choice((-2, -2, -1, rng.randint(40, 90))) for _ in range(rng.randint(1, 12))]
        flags["primer_melody"] = str(events)
    elif kind < 0.8:
        midi = cases.primer_midi(rng)
    if rng.random() < 0.8:
        chords = [chord(rng, any_kind) for _ in range(rng.randint(1, 8))]
        if rng.random() < 0.02:
            chords.append(rng.choice([symbol for symbol in _REFUSED if symbol]))
        flags["backing_chords"] = rng.choice(("", " ")) + " ".join(chords)
        flags["steps_per_chord"] = rng.choice((1, 4, 8, 8, 16, 16, 7, 0))
    if rng.random() < 0.5:
        flags["render_chords"] = True
    return cases.Command(flags, cases.seed(rng), midi, name)


def lead_sheet(chords: list[tuple[float, str]], notes: list[tuple[int, float, float]],
               total_time: float) -> note_seq.NoteSequence:
    """A sequence of notes (pitch, start, end) and chords (time, symbol) in seconds."""
    sequence = note_seq.NoteSequence()
    for pitch, start, end in notes:
        sequence.notes.add(pitch=pitch, start_time=start, end_time=end, velocity=100)
    for time, text in chords:
        sequence.text_annotations.add(time=time, text=text, annotation_type=CHORD_SYMBOL)
    sequence.total_time = total_time
    return sequence


def fixed() -> list[cases.Case]:
    """Cases by hand: each a trap that random ones may miss."""
    step = 0.125
    middle_c = [(60, 0.0, step)]
    pop = [(bar * 2.0, text) for bar, text in enumerate("C G Am F C G F C".split())]
    late = [(60, 4.5, 5.0)]
    made: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("as the command line asks", lead_sheet(pop, middle_c, 16.0),
         cases.section(2 * step, 16.0)),
        ("no chords", lead_sheet([], middle_c, 4.0), cases.section(2 * step, 4.0)),
        ("no chord until the second bar", lead_sheet([(2.0, "F")], middle_c, 4.0),
         cases.section(2 * step, 4.0)),
        ("chords end", lead_sheet([(0.0, "C"), (1.0, "N.C."), (3.0, "N.C.")], middle_c, 4.0),
         cases.section(2 * step, 4.0)),
        ("every step a chord", lead_sheet([(i * step, root) for i, root in enumerate(
            "CDEFGAB" * 5)], middle_c, 4.0), cases.section(2 * step, 4.0)),
        ("a chord twice in a step", lead_sheet([(0.0, "C"), (1.0, "G"), (1.02, "G")], middle_c,
                                               4.0), cases.section(2 * step, 4.0)),
        ("chords in no order", lead_sheet([(3.0, "C"), (0.0, "G"), (1.0, "F")], middle_c, 4.0),
         cases.section(2 * step, 4.0)),
        ("chords behind the section", lead_sheet([(0.0, "C"), (4.0, "?"), (9.0, "?")], middle_c,
                                                 12.0), cases.section(2 * step, 4.0)),
        ("the first step's chord is never encoded",
         lead_sheet([(0.0, "Csus"), (step, "C")], middle_c, 4.0), cases.section(2 * step, 4.0)),
        ("a symbol with a line end", lead_sheet([(0.0, "C\n"), (1.0, "C")], middle_c, 4.0),
         cases.section(2 * step, 4.0)),
        ("enharmonic roots", lead_sheet([(0.0, "B#"), (1.0, "Cbbb"), (2.0, "E####m")], middle_c,
                                        4.0), cases.section(2 * step, 4.0)),
        ("pitches folded into the range", lead_sheet(
            pop, [(0, 0, 0.5), (127, 0.5, 1.0), (100, 1.0, 1.5)], 6.0), cases.section(1.625, 6.0)),
        ("empty primer", lead_sheet(pop, [], 4.0), cases.section(step / 2, 4.0)),
        ("empty primer from time 0", lead_sheet(pop, [], 4.0), cases.section(0, 4.0)),
        ("empty primer, second step", lead_sheet(pop, [], 4.0), cases.section(step, 4.0)),
        ("empty primer, end rounded up for the chords", lead_sheet(pop, [], 8.0),
         cases.section(step, 4.0 + 0.6 * step)),
        ("first note in a later bar", lead_sheet(pop, late, 9.0), cases.section(5.125, 9.0)),
        ("section touches the primer", lead_sheet(pop, middle_c, 4.0), cases.section(step, 4.0)),
        ("a note goes on beyond the section's start",
         lead_sheet(pop, [(60, 0, 0.5), (62, 0.5, 1.0)], 4.0), cases.section(0.75, 4.0)),
        ("the input ends before the section", lead_sheet(pop, middle_c, 3.0),
         cases.section(2 * step, 4.0)),
        ("the input ends half a step before the section",
         lead_sheet(pop, middle_c, 4.0 - step / 2), cases.section(2 * step, 4.0)),
        ("end rounded up for the chords", lead_sheet(pop, middle_c, 8.0),
         cases.section(2 * step, 4.0 + 0.5 * step)),
        ("end rounded down for both", lead_sheet(pop, middle_c, 8.0),
         cases.section(2 * step, 4.0 + 0.49 * step)),
        ("notes behind the section", lead_sheet(
            pop, [*middle_c, (64, 3.9, 4.5), (65, 6.0, 7.0)], 8.0), cases.section(2 * step, 4.0)),
        ("beam 3, branch 2, 4 steps", lead_sheet(pop, middle_c, 4.0),
         cases.section(2 * step, 4.0, beam_size=3, branch_factor=2, steps_per_iteration=4)),
        ("steps per iteration -1: one event", lead_sheet(pop, middle_c, 4.0),
         cases.section(2 * step, 4.0, steps_per_iteration=-1)),
        ("steps per iteration -1: the only event missing", lead_sheet(pop, middle_c, 4.0),
         cases.section(4.0 - 1.5 * step, 4.0, steps_per_iteration=-1)),
    ]
    for numerator, denominator in ((3, 4), (6, 8), (5, 8), (5, 16), (1, 64)):
        sequence = lead_sheet(pop, middle_c, 4.0)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
        made.append((f"{numerator}/{denominator}", sequence, cases.section(2 * step, 4.0)))
    for qpm in (37.7, 100.0, 500.0):
        sequence = lead_sheet(pop, [(60, 0.0, 15.0 / qpm)], 120.0)
        sequence.tempos.add(qpm=qpm)
        made.append((f"{qpm} quarters a minute", sequence,
                     cases.section(30.0 / qpm, 15.0 / qpm * 31.2)))
    for first, last in ((0.0, 2.0), (-1.0, 1.0), (1.0, 1.9)):
        request = cases.section(2.125, 6.0)
        request.input_sections.add(start_time=first, end_time=last)
        made.append((f"input section {first} to {last}", lead_sheet(pop, middle_c, 6.0), request))
    return [cases.Case.of(sequence, request, index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(made)]


def two_notes() -> tuple[note_seq.NoteSequence, generator_pb2.GeneratorOptions]:
    """A good request: two notes within a second, continued over two chords until second 4."""
    sequence, options = errors.two_notes()
    for time, text in ((0.0, "C"), (2.0, "Am")):
        sequence.text_annotations.add(time=time, text=text, annotation_type=CHORD_SYMBOL)
    sequence.total_time = 4.0
    return sequence, options


def _chord(sequence: note_seq.NoteSequence, text: str, time: float = 3.0) -> None:
    sequence.text_annotations.add(time=time, text=text, annotation_type=CHORD_SYMBOL)


def _expected(*args: Any, **kwargs: Any) -> Expected:
    return Expected(*args, request=two_notes, **kwargs)


ERRORS = (
    # A note before time 0 is cut off here.
    *(dataclasses.replace(expected, request=two_notes) for expected in (
        *errors.SECTIONS, *errors.METRE, *errors.SAMPLING, *errors.BEAMS)
      if expected.name != "note before time 0"),
    _expected("section starts where the primer ends", "SequenceGeneratorError",
              lambda s, o: errors.generate(o, 1.0, 4.0)),
    _expected("section starts within a note", "SequenceGeneratorError",
              lambda s, o: errors.generate(o, 0.75, 4.0)),
    _expected("nothing from time 0", "SequenceGeneratorError",
              lambda s, o: (s.ClearField("notes"), errors.generate(o, 0.0, 4.0))),
    _expected("quantized input", "QuantizationStatusError",
              lambda s, o: setattr(s.quantization_info, "steps_per_quarter", 4)),
    _expected("input section", "AssertionError",
              lambda s, o: o.input_sections.add(start_time=0.0, end_time=1.0)),
    _expected("melody from the second bar on", "AssertionError",
              lambda s, o: [(setattr(note, "start_time", note.start_time + 2),
                             setattr(note, "end_time", note.end_time + 2),
                             errors.generate(o, 3.125, 4.0)) for note in s.notes]),
    _expected("empty primer, later start", "AssertionError",
              lambda s, o: s.ClearField("notes")),
    _expected("input ends before the section", "AssertionError",
              lambda s, o: setattr(s, "total_time", 3.5)),
    _expected("section ends between two steps", "AssertionError",
              lambda s, o: (setattr(s, "total_time", 9.0), errors.generate(o, 1.125, 4.1))),
    _expected("melodies in two instruments", "AssertionError",
              lambda s, o: s.notes.add(pitch=70, velocity=90, start_time=0, end_time=1,
                                       instrument=4)),
    _expected("two chords in a step", "CoincidentChordsError",
              lambda s, o: _chord(s, "F", 2.01)),
    _expected("two chords in the first step", "CoincidentChordsError",
              lambda s, o: _chord(s, "Cm", 0.0)),
    _expected("no time", "BadChordError",
              lambda s, o: (s.ClearField("notes"), s.ClearField("total_time"),
                            errors.generate(o, 0.01, 4.0))),
    _expected("no symbol", "ChordSymbolError", lambda s, o: _chord(s, "H7")),
    _expected("empty symbol", "ChordSymbolError", lambda s, o: _chord(s, "")),
    _expected("symbol with a space", "ChordSymbolError", lambda s, o: _chord(s, "C m")),
    _expected("symbol beyond ASCII", "ChordSymbolError", lambda s, o: _chord(s, "C\u266fm")),
    _expected("sharps and flats", "ChordSymbolError", lambda s, o: _chord(s, "C#b7")),
    _expected("degree added twice", "ChordSymbolError", lambda s, o: _chord(s, "C9add9")),
    _expected("degree taken away that is not there", "ChordSymbolError",
              lambda s, o: _chord(s, "Gno7(b9)")),
    _expected("bars with a fraction of a step", "NonIntegerStepsPerBarError",
              lambda s, o: s.time_signatures.add(numerator=3, denominator=32)),
    _expected("bars with a fraction of a step and no notes", "AttributeError",
              lambda s, o: (s.ClearField("notes"),
                            s.time_signatures.add(numerator=3, denominator=32)), text=False),
    _expected("note that ends before it starts", "BadNoteError",
              lambda s, o: s.notes.add(pitch=60, velocity=9, start_time=0.9, end_time=0.25)),
    _expected("section ends where it starts", "EventSequenceRnnModelError",
              lambda s, o: errors.generate(o, 1.125, 1.125)),
    _expected("pitch above 127", "ValueError",
              lambda s, o: s.notes.add(pitch=200, velocity=9, start_time=0.9, end_time=1)),
    _expected("a single step for an iteration of -1", "MelodyChordsMismatchError",
              lambda s, o: setattr(o.args["steps_per_iteration"], "int_value", -1)),
)

# Of configs that know chords by their triad.
TRIAD_ERRORS = tuple(
    _expected(f"{symbol} is no triad", "ChordEncodingError",
              lambda s, o, symbol=symbol: _chord(s, symbol))
    for symbol in ("Csus4", "Ab5", "Fped", "Eno5", "D(b5)", "G7sus/B"))


@st.composite
def requests(draw: Callable) -> cases.Case:
    """Hypothesis: small requests, shrunk towards a short primer, few steps and no chords."""
    qpm = draw(st.sampled_from((120.0, 90.0, 87.3)) | st.floats(30, 300))
    step = 60.0 / qpm / 4
    steps = st.integers(0, 12) | st.floats(0, 12)
    notes = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(steps)
        notes.append((draw(st.integers(0, 127)), start * step,
                      (start + draw(st.floats(0.1, 4))) * step))
    end = max((note_end for _, _, note_end in notes), default=0.0)
    start = end + draw(st.sampled_from((1.0, 0.5)) | st.floats(-0.5, 4)) * step
    finish = start + draw(st.integers(1, 16) | st.floats(0, 16)) * step
    symbols = st.sampled_from(("C", "Am", "G7/B", "F#o", "Ebmaj7", "N.C.", "Csus4", "X"))
    chords = draw(st.lists(st.tuples((steps | st.just(0)).map(lambda at: at * step), symbols),
                           max_size=4))
    sequence = lead_sheet(chords, notes, draw(st.just(finish + 1) | st.floats(0, 8)))
    sequence.tempos.add(qpm=qpm)
    request = cases.section(start, finish, beam_size=draw(st.integers(1, 3)),
                      branch_factor=draw(st.integers(1, 2)),
                      steps_per_iteration=draw(st.integers(-1, 3)))
    if draw(st.sampled_from((False,) * 5 + (True,))):
        request.input_sections.add(start_time=draw(st.floats(-1, 2)),
                                   end_time=draw(st.floats(0, 4)))
    return cases.Case.of(sequence, request, draw(st.integers(0, 2 ** 32 - 1)), "hypothesis")
