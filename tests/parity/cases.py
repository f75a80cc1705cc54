"""Requests to compare: by index from a seeded generator, from hypothesis, and by hand."""

import dataclasses
import math
import random
import textwrap
from collections.abc import Callable

import note_seq
from hypothesis import strategies as st
from note_seq.protobuf import generator_pb2

_QPMS = (120.0, 60.0, 90.0, 100.0, 87.3, 133.33333333333334, 71.0, 240.0, 49.99999999999999, 181.7)
# Numerator and denominator; some bars have a fraction of a step.
_TIME_SIGNATURES = ((4, 4), (3, 4), (6, 8), (2, 2), (5, 4), (12, 8), (7, 8))
_ODD_TIME_SIGNATURES = ((5, 16), (1, 32), (7, 32))


@dataclasses.dataclass(frozen=True)
class Case:
    """A call of `generator.generate` after `numpy.random.seed(seed)`.

    Attributes:
        sequence_bytes: serialized NoteSequence.
        options_bytes: serialized GeneratorOptions.
        seed: of numpy's legacy generator.
        name: where the case comes from, for reports.
    """

    sequence_bytes: bytes
    options_bytes: bytes
    seed: int
    name: str = ""

    @classmethod
    def of(cls, sequence: note_seq.NoteSequence, options: generator_pb2.GeneratorOptions,
           seed: int, name: str = "") -> "Case":
        return cls(sequence.SerializeToString(deterministic=True),
                   options.SerializeToString(deterministic=True), seed, name)

    def input_sequence(self) -> note_seq.NoteSequence:
        """A new message of the input sequence."""
        return note_seq.NoteSequence.FromString(self.sequence_bytes)

    def options(self) -> generator_pb2.GeneratorOptions:
        """A new message of the options."""
        return generator_pb2.GeneratorOptions.FromString(self.options_bytes)

    def snippet(self, bundle_path: object, generator_module: str) -> str:
        """A Python program that runs the case on both sides.

        Args:
            bundle_path: of the bundle.
            generator_module: Magenta's module with the generator map of the bundle's family.
        """
        return textwrap.dedent(f"""\
            # {self.name}
            import os; os.environ["TF_USE_LEGACY_KERAS"] = "1"
            import importlib
            import numpy
            from google.protobuf import text_format
            from magenta.models.shared import sequence_generator_bundle
            from magenta_serving import Servable
            from note_seq.protobuf import generator_pb2, music_pb2
            path = {str(bundle_path)!r}
            sequence = text_format.Parse({str(self.input_sequence())!r}, music_pb2.NoteSequence())
            options = text_format.Parse({str(self.options())!r}, generator_pb2.GeneratorOptions())
            outputs = Servable.load(path).predict({{
                "input_sequence_bytes": sequence.SerializeToString(),
                "generator_options_bytes": options.SerializeToString(),
                "seed": {self.seed}}}, signature="generate_sequence")
            print(music_pb2.NoteSequence.FromString(outputs["generated_sequence_bytes"].item()))
            bundle = sequence_generator_bundle.read_bundle_file(path)
            module = importlib.import_module({generator_module!r})
            generator = module.get_generator_map()[bundle.generator_details.id](
                checkpoint=None, bundle=bundle)
            numpy.random.seed({self.seed})
            print(generator.generate(sequence, options))
            """)


def _phrase(rng: random.Random, sequence: note_seq.NoteSequence, steps: int, step_seconds: float,
            low: int, high: int, instrument: int = 0, jitter: float = 0.0,
            first_step: int = 0) -> None:
    """Adds notes of one instrument within `steps` steps: gaps, repeats, overlaps, odd times."""
    step, pitch = first_step, rng.randint(low, high)
    while step < steps:
        length = min(rng.choice((1, 1, 2, 2, 2, 3, 4, 4, 6, 8, 16)), steps - step)
        if rng.random() < 0.85:
            pitch = min(max(pitch + rng.randint(-7, 7), low), high)
            start = step * step_seconds
            end = (step + length) * step_seconds
            if jitter:
                start = max(0.0, start + rng.uniform(-jitter, jitter) * step_seconds)
                end = min(max(start, end + rng.uniform(-jitter, jitter) * step_seconds),
                          steps * step_seconds)
            sequence.notes.add(pitch=pitch, velocity=rng.choice((100, 64, 1, 127)),
                               instrument=instrument, start_time=start, end_time=max(start, end))
        step += rng.choice((length, length, length, max(1, length - 1), length + 2))


def primer(rng: random.Random) -> tuple[note_seq.NoteSequence, float]:
    """A random input sequence and its tempo in quarter notes a minute."""
    sequence = note_seq.NoteSequence()
    qpm = 120.0
    kind = rng.random()
    if kind < 0.9:
        qpm = rng.choice(_QPMS) if kind < 0.6 else rng.uniform(20.0, 300.0)
        sequence.tempos.add(qpm=qpm, time=0.0)
        if rng.random() < 0.1:
            sequence.tempos.add(qpm=qpm, time=rng.uniform(0.1, 3.0))
    signature = rng.random()
    if signature < 0.45:
        numerator, denominator = rng.choice(
            _ODD_TIME_SIGNATURES if signature < 0.02 else _TIME_SIGNATURES)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
    if rng.random() < 0.8:
        sequence.ticks_per_quarter = 220

    step_seconds = 60.0 / qpm / 4
    steps = rng.choice((0, 1, 2, 3, 4, 7, 8, 12, 16, 16, 16, 24, 31, 32, 33, 48))
    if rng.random() < 0.06:
        steps = rng.randint(64, 200)
    low, high = rng.choice(((48, 83), (55, 76), (60, 72), (36, 96), (0, 127), (90, 127), (0, 30)))
    jitter = rng.choice((0.0, 0.0, 0.0, 0.3, 0.49, 0.7))
    pickup = rng.choice((0, 0, 0, 0, 3, 14, 17)) if steps > 20 else 0
    instrument = rng.choice((0, 0, 0, 0, 2, 9))
    _phrase(rng, sequence, steps, step_seconds, low, high, instrument, jitter, pickup)

    notes = list(sequence.notes)
    for note in notes:
        if rng.random() < 0.06:
            sequence.notes.add(pitch=rng.randint(low, high), velocity=80, instrument=instrument,
                               start_time=note.start_time,
                               end_time=note.start_time + (note.end_time - note.start_time)
                               * rng.choice((0.5, 1.0)))
        if rng.random() < 0.02:
            note.velocity = 0
    if notes and rng.random() < 0.15:
        drums = note_seq.NoteSequence()
        _phrase(rng, drums, steps, step_seconds, 35, 51, rng.choice((9, instrument)))
        for note in drums.notes:
            note.is_drum = True
            sequence.notes.append(note)
    if notes and rng.random() < 0.05:
        # More instruments than one: Magenta refuses them unless only one has a melody.
        muted = rng.random() < 0.6
        other = note_seq.NoteSequence()
        _phrase(rng, other, steps, step_seconds, low, high, instrument + 1)
        for note in other.notes:
            note.velocity = 0 if muted else 90
            sequence.notes.append(note)
    if rng.random() < 0.2:
        shuffled = list(sequence.notes)
        rng.shuffle(shuffled)
        del sequence.notes[:]
        sequence.notes.extend(shuffled)
    if rng.random() < 0.1:
        sequence.control_changes.add(time=rng.uniform(0, 2), control_number=64, control_value=99)
        sequence.text_annotations.add(time=rng.uniform(0, 2), text="Cm7", annotation_type=1)
        sequence.pitch_bends.add(time=0.5, bend=100)
    sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
    if rng.random() < 0.1:
        sequence.total_time = rng.choice((0.0, sequence.total_time + 1.3))
    return sequence, qpm


def options(rng: random.Random, sequence: note_seq.NoteSequence,
            qpm: float) -> generator_pb2.GeneratorOptions:
    """Random options that extend `sequence`, mostly valid ones."""
    result = generator_pb2.GeneratorOptions()
    step_seconds = 60.0 / qpm / 4
    end = max((note.end_time for note in sequence.notes), default=0.0)
    start = end + step_seconds * rng.choice((1, 1, 1, 1, 0, 0, 0.3, 0.5, 2, 5, 16, 21.7))
    if rng.random() < 0.12:
        # Bars of the input: mostly its beginning, which may clip notes.
        first = rng.choice((0.0, 0.0, 4 * step_seconds, 16 * step_seconds, 0.37))
        last = max(first + step_seconds, rng.choice((end, end, end * 0.6, end + 1.0)))
        result.input_sections.add(start_time=first, end_time=last)
        clipped = max((min(note.end_time, last) for note in sequence.notes
                       if first <= note.start_time < last), default=0.0)
        if rng.random() < 0.5:
            start = clipped + step_seconds
    steps = int(2 ** rng.uniform(4, 6.3)) if rng.random() < 0.9 else rng.randint(80, 256)
    finish = max(steps * step_seconds, start + rng.randint(2, 24) * step_seconds)
    if rng.random() < 0.2:
        finish += rng.uniform(-0.9, 0.9) * step_seconds
    if rng.random() < 0.03:
        finish = start - rng.choice((0.0, 1.0))
    result.generate_sections.add(start_time=start, end_time=finish)

    if rng.random() < 0.8:
        result.args["temperature"].float_value = rng.choice(
            (1.0, 1.0, 0.1, 0.5, 0.9, 1.3, 3.0, rng.uniform(0.1, 3.0)))
    if rng.random() < 0.35:
        result.args["beam_size"].int_value = rng.randint(1, 4)
        result.args["branch_factor"].int_value = rng.randint(1, 3)
        result.args["steps_per_iteration"].int_value = rng.randint(1, 4)
    elif rng.random() < 0.1:
        result.args[rng.choice(("beam_size", "branch_factor", "steps_per_iteration"))
                    ].int_value = rng.randint(1, 3)
    if rng.random() < 0.03:
        result.args["unknown"].string_value = "ignored"
    return result


def numbered(index: int, salt: str) -> Case:
    """Case number `index` of a bundle; the same on every machine.

    Args:
        index: from 0.
        salt: name of the bundle, so that bundles get different cases.
    """
    rng = random.Random(f"{salt}/{index}")
    sequence, qpm = primer(rng)
    request = options(rng, sequence, qpm)
    seed = rng.choice((rng.randrange(2 ** 32), rng.randrange(1000), 0, 2 ** 32 - 1))
    return Case.of(sequence, request, seed, f"numbered({index}, {salt!r})")


def _notes(*notes: tuple[int, float, float], **fields: int) -> note_seq.NoteSequence:
    sequence = note_seq.NoteSequence()
    for pitch, start, end in notes:
        sequence.notes.add(pitch=pitch, start_time=start, end_time=end, velocity=100, **fields)
    sequence.total_time = max((end for _, _, end in notes), default=0.0)
    return sequence


def _section(start: float, end: float, **args: float) -> generator_pb2.GeneratorOptions:
    result = generator_pb2.GeneratorOptions()
    result.generate_sections.add(start_time=start, end_time=end)
    for name, value in args.items():
        if name == "temperature":
            result.args[name].float_value = value
        else:
            result.args[name].int_value = int(value)
    return result


def fixed() -> list[Case]:
    """Cases by hand: each a trap that random ones may miss."""
    scale = tuple((60 + degree, i * 0.25, i * 0.25 + 0.25)
                  for i, degree in enumerate((0, 2, 4, 5, 7, 9, 11, 12)))
    step = 0.125
    cases: list[tuple[str, note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = [
        ("empty primer from time 0", _notes(), _section(0, 4.0)),
        ("empty primer, later start", _notes(), _section(2.0, 6.0)),
        ("one note, as the command line asks", _notes((60, 0, step)), _section(2 * step, 8.0)),
        ("one note, generation at its very end", _notes((60, 0, 0.5)), _section(0.5, 4.0)),
        ("scale", _notes(*scale), _section(2.125, 8.0)),
        ("pitches folded into the range", _notes((0, 0, 0.5), (127, 0.5, 1.0), (100, 1.0, 1.5)),
         _section(1.625, 6.0)),
        ("pitch 0 only", _notes((0, 0, 0.5)), _section(0.625, 4.0)),
        ("a later shorter note cuts the earlier one", _notes((60, 0, 2.0), (64, 0.5, 0.75)),
         _section(2.125, 6.0)),
        ("chords keep the highest note", _notes((60, 0, 0.5), (67, 0, 1.0), (64, 0, 0.25)),
         _section(1.125, 6.0)),
        ("zero length notes", _notes((60, 0, 0), (62, 0.5, 0.5)), _section(1.0, 6.0)),
        ("times just under zero", _notes((60, -0.06, 0.5)), _section(1.0, 6.0)),
        ("first note in a later bar", _notes((60, 4.5, 5.0)), _section(5.125, 9.0)),
        ("generation starts within the melody's bar before its first note",
         _notes((60, 4.5, 5.0)), _section(5.0, 5.3)),
        ("drums only", _notes((36, 0, 0.5), (38, 0.5, 1.0), is_drum=True), _section(1.125, 5.0)),
        ("beam 4, branch 3, 4 steps", _notes(*scale),
         _section(2.125, 6.0, beam_size=4, branch_factor=3, steps_per_iteration=4)),
        ("more steps an iteration than are generated", _notes(*scale),
         _section(2.125, 3.0, beam_size=2, branch_factor=2, steps_per_iteration=50)),
        ("beam without branches", _notes(*scale), _section(2.125, 5.0, beam_size=3)),
        ("branch factor 0 and less", _notes(*scale), _section(2.125, 4.0, branch_factor=-2)),
        ("steps per iteration -1: one event", _notes(*scale),
         _section(2.125, 4.0, steps_per_iteration=-1)),
        ("near greedy", _notes(*scale), _section(2.125, 8.0, temperature=0.01)),
        ("negative temperature", _notes(*scale), _section(2.125, 4.0, temperature=-1.0)),
        ("infinite temperature", _notes(*scale), _section(2.125, 4.0, temperature=math.inf)),
        ("256 steps", _notes((60, 0, step)), _section(2 * step, 32.0)),
        ("a primer of 200 steps", _notes(*((60 + i % 13, i * 0.5, i * 0.5 + 0.5)
                                           for i in range(50))), _section(25.125, 28.0)),
    ]
    slow = _notes((60, 0, 1.7), (62, 1.7, 3.1))
    slow.tempos.add(qpm=37.7)
    cases.append(("slow odd tempo", slow, _section(3.5, 12.0)))
    fast = _notes((60, 0, 0.1), (62, 0.1, 0.2))
    fast.tempos.add(qpm=500.0)
    cases.append(("fast tempo", fast, _section(0.25, 1.5)))
    for numerator, denominator in ((3, 4), (6, 8), (5, 8), (5, 16), (1, 64)):
        sequence = _notes(*scale)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
        cases.append((f"{numerator}/{denominator}", sequence, _section(2.125, 6.0)))
    unsorted = _notes(*scale)
    unsorted.time_signatures.add(numerator=3, denominator=4, time=1.0)
    unsorted.time_signatures.add(numerator=4, denominator=4, time=0.0)
    unsorted.tempos.add(qpm=100.0, time=1.5)
    unsorted.tempos.add(qpm=90.0, time=0.0)
    cases.append(("the later one counts when it is listed first", unsorted, _section(2.2, 6.0)))
    two = _notes(*scale)
    two.notes.add(pitch=50, velocity=0, start_time=0, end_time=0.5, instrument=3)
    cases.append(("a silent second instrument", two, _section(2.125, 5.0)))
    drums_first = _notes((65, 2.5, 3.0))
    drums_first.notes.add(pitch=36, velocity=90, start_time=0, end_time=0.5, is_drum=True)
    cases.append(("drums decide the first bar", drums_first, _section(3.125, 7.0)))
    quantized = note_seq.quantize_note_sequence(_notes(*scale), 8)
    cases.append(("a quantized primer is quantized again", quantized, _section(2.125, 5.0)))
    for first, last in ((0.0, 2.0), (1.0, 1.9), (0.125, 0.5), (3.0, 4.0)):
        request = _section(2.125, 6.0)
        request.input_sections.add(start_time=first, end_time=last)
        cases.append((f"input section {first} to {last}", _notes(*scale), request))
    wrong_member = _section(2.125, 4.0)
    wrong_member.args["beam_size"].float_value = 2.0
    cases.append(("beam_size as a float reads as 0", _notes(*scale), wrong_member))
    return [Case.of(sequence, request, index, f"fixed: {name}")
            for index, (name, sequence, request) in enumerate(cases)]


@st.composite
def requests(draw: Callable) -> Case:
    """Hypothesis: small requests, shrunk towards an empty primer and few steps."""
    times = st.floats(0, 4, allow_nan=False)
    sequence = note_seq.NoteSequence()
    qpm = draw(st.sampled_from(_QPMS) | st.floats(30, 300))
    if draw(st.booleans()):
        sequence.tempos.add(qpm=qpm)
    else:
        qpm = 120.0
    if draw(st.booleans()):
        numerator, denominator = draw(st.sampled_from(_TIME_SIGNATURES + _ODD_TIME_SIGNATURES))
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
    odd = draw(st.sampled_from((False,) * 4 + (True,)))  # Mostly refused, so only a few.
    for _ in range(draw(st.integers(0, 8))):
        start = draw(times)
        sequence.notes.add(
            pitch=draw(st.integers(0, 127)), velocity=draw(st.integers(0, 127)),
            instrument=draw(st.integers(0, 1)) if odd else 0, is_drum=draw(st.booleans()),
            start_time=start, end_time=start + draw(st.floats(-0.2 if odd else 0, 2)))
    end = max((note.end_time for note in sequence.notes), default=0.0)
    sequence.total_time = draw(st.just(end) | times)
    step = 60.0 / qpm / 4
    start = end + draw(st.floats(-0.5 if odd else 0, 8)) * step
    request = _section(start, start + draw(st.floats(0 if odd else 2, 24)) * step)
    if draw(st.booleans()):
        first = draw(times)
        request.input_sections.add(start_time=first, end_time=first + draw(times))
    request.args["temperature"].float_value = draw(st.floats(0.1, 3))
    for name, most in (("beam_size", 4), ("branch_factor", 3), ("steps_per_iteration", 4)):
        request.args[name].int_value = draw(st.integers(1, most))
    return Case.of(sequence, request, draw(st.integers(0, 2 ** 32 - 1)), "hypothesis")
