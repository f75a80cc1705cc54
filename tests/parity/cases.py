"""Requests to compare, and what families make theirs of."""

import dataclasses
import io
import random
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import note_seq
import numpy as np
from hypothesis import strategies as st
from note_seq.protobuf import generator_pb2

QPMS = (120.0, 60.0, 90.0, 100.0, 87.3, 133.33333333333334, 71.0, 240.0, 49.99999999999999, 181.7)
# Numerator and denominator; some bars have a fraction of a step.
TIME_SIGNATURES = ((4, 4), (3, 4), (6, 8), (2, 2), (5, 4), (12, 8), (7, 8))
ODD_TIME_SIGNATURES = ((5, 16), (1, 32), (7, 32))


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

    def request(self) -> tuple[str, dict[str, Any]]:
        """The signature and the inputs that ask the servable for the same."""
        return "generate_sequence", {
            "input_sequence_bytes": self.sequence_bytes,
            "generator_options_bytes": self.options_bytes, "seed": self.seed}

    def snippet(self, bundle_path: object, config: str, generator_module: str) -> str:
        """A Python program that runs the case on both sides.

        Args:
            bundle_path: of the bundle.
            config: name of the bundle's config.
            generator_module: Magenta's module with the generator map of the bundle's family.
        """
        return textwrap.dedent(f"""\
            # {self.name}
            import os; os.environ["TF_USE_LEGACY_KERAS"] = "1"
            import importlib
            import numpy
            import tensorflow.compat.v1 as tf
            from google.protobuf import text_format
            from magenta.models.shared import sequence_generator_bundle
            from magenta_serving import Servable
            from note_seq.protobuf import generator_pb2, music_pb2
            tf.disable_v2_behavior()
            path = {str(bundle_path)!r}
            sequence = text_format.Parse({str(self.input_sequence())!r}, music_pb2.NoteSequence())
            options = text_format.Parse({str(self.options())!r}, generator_pb2.GeneratorOptions())
            outputs = Servable.load(path).predict({{
                "input_sequence_bytes": sequence.SerializeToString(),
                "generator_options_bytes": options.SerializeToString(),
                "seed": {self.seed}}}, signature="generate_sequence")
            print(music_pb2.NoteSequence.FromString(outputs["generated_sequence_bytes"].item()))
            module = importlib.import_module({generator_module!r})
            generator = module.get_generator_map()[{config!r}](
                checkpoint=None, bundle=sequence_generator_bundle.read_bundle_file(path))
            numpy.random.seed({self.seed})
            print(generator.generate(sequence, options))
            """)


@dataclasses.dataclass(frozen=True)
class Command:
    """A run of the family's `*_generate` command for one output, after `numpy.random.seed(seed)`.

    Attributes:
        flags: of the command, by name; those left out have their defaults.
        seed: of numpy's legacy generator.
        primer_midi: bytes of the file that the flag of that name gets; none when empty.
        name: where the command comes from, for reports.
    """

    flags: Mapping[str, Any]
    seed: int
    primer_midi: bytes = b""
    name: str = ""

    def request(self) -> tuple[str, dict[str, Any]]:
        """The signature and the inputs that ask the servable for the same."""
        midi = {"primer_midi_bytes": self.primer_midi} if self.primer_midi else {}
        return "generate", {**self.flags, **midi, "seed": self.seed}

    def snippet(self, bundle_path: object, config: str, generator_module: str) -> str:
        """A Python program that runs the command's counterpart, and the command's flags."""
        signature, inputs = self.request()
        return textwrap.dedent(f"""\
            # {self.name}: flags {dict(self.flags)!r} of the command beside {generator_module}
            from magenta_serving import Servable
            from note_seq.protobuf import music_pb2
            outputs = Servable.load({str(bundle_path)!r}).predict(
                {inputs!r}, signature={signature!r})
            print(music_pb2.NoteSequence.FromString(outputs["sequence_bytes"].item()))
            """)


def phrase(rng: random.Random, sequence: note_seq.NoteSequence, steps: int, step_seconds: float,
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


def primer(rng: random.Random,
           steps_per_quarter: int = 4) -> tuple[note_seq.NoteSequence, float]:
    """A random input sequence and its tempo in quarter notes a minute."""
    sequence = note_seq.NoteSequence()
    qpm = 120.0
    kind = rng.random()
    if kind < 0.9:
        qpm = rng.choice(QPMS) if kind < 0.6 else rng.uniform(20.0, 300.0)
        sequence.tempos.add(qpm=qpm, time=0.0)
        if rng.random() < 0.1:
            sequence.tempos.add(qpm=qpm, time=rng.uniform(0.1, 3.0))
    signature = rng.random()
    if signature < 0.45:
        numerator, denominator = rng.choice(
            ODD_TIME_SIGNATURES if signature < 0.02 else TIME_SIGNATURES)
        sequence.time_signatures.add(numerator=numerator, denominator=denominator)
    if rng.random() < 0.8:
        sequence.ticks_per_quarter = 220

    step_seconds = 60.0 / qpm / steps_per_quarter
    steps = rng.choice((0, 1, 2, 3, 4, 7, 8, 12, 16, 16, 16, 24, 31, 32, 33, 48))
    if rng.random() < 0.06:
        steps = rng.randint(64, 200)
    low, high = rng.choice(((48, 83), (55, 76), (60, 72), (36, 96), (0, 127), (90, 127), (0, 30)))
    jitter = rng.choice((0.0, 0.0, 0.0, 0.3, 0.49, 0.7))
    pickup = rng.choice((0, 0, 0, 0, 3, 14, 17)) if steps > 20 else 0
    instrument = rng.choice((0, 0, 0, 0, 2, 9))
    phrase(rng, sequence, steps, step_seconds, low, high, instrument, jitter, pickup)

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
        phrase(rng, drums, steps, step_seconds, 35, 51, rng.choice((9, instrument)))
        for note in drums.notes:
            note.is_drum = True
            sequence.notes.append(note)
    if notes and rng.random() < 0.05:
        # More instruments than one: Magenta refuses them unless only one has a melody.
        muted = rng.random() < 0.6
        other = note_seq.NoteSequence()
        phrase(rng, other, steps, step_seconds, low, high, instrument + 1)
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


def options(rng: random.Random, sequence: note_seq.NoteSequence, qpm: float,
            steps_per_quarter: int = 4) -> generator_pb2.GeneratorOptions:
    """Random options that extend `sequence`, mostly valid ones."""
    result = generator_pb2.GeneratorOptions()
    step_seconds = 60.0 / qpm / steps_per_quarter
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


def seed(rng: random.Random) -> int:
    """A random seed, or one of the ends."""
    return rng.choice((rng.randrange(2 ** 32), rng.randrange(1000), 0, 2 ** 32 - 1))


def flags(rng: random.Random) -> dict[str, Any]:
    """Random values of flags that the commands of nearly all families have."""
    chosen: dict[str, Any] = {}
    if rng.random() < 0.8:
        chosen["num_steps"] = int(2 ** rng.uniform(3, 6.5))
    if rng.random() < 0.5:
        # The servable's input is a float32.
        chosen["qpm"] = float(np.float32(rng.choice((*QPMS, rng.uniform(20.0, 300.0)))))
    if rng.random() < 0.7:
        chosen["temperature"] = rng.choice((1.0, 0.1, 0.5, 0.9, 1.3, 3.0))
    if rng.random() < 0.3:
        chosen["beam_size"] = rng.randint(1, 4)
        chosen["branch_factor"] = rng.randint(1, 3)
        chosen["steps_per_iteration"] = rng.randint(1, 4)
    return chosen


def primer_midi(rng: random.Random) -> bytes:
    """The MIDI file of a random input sequence."""
    while True:
        file = io.BytesIO()
        try:
            note_seq.note_sequence_to_pretty_midi(primer(rng)[0]).write(file)
        except ValueError:
            continue  # A note that pretty_midi can't write.
        return file.getvalue()


def notes(*played: tuple[int, float, float], **fields: int) -> note_seq.NoteSequence:
    """A sequence of (pitch, start, end) at velocity 100."""
    sequence = note_seq.NoteSequence()
    for pitch, start, end in played:
        sequence.notes.add(pitch=pitch, start_time=start, end_time=end, velocity=100, **fields)
    sequence.total_time = max((end for _, _, end in played), default=0.0)
    return sequence


def section(start: float, end: float, **args: float) -> generator_pb2.GeneratorOptions:
    """Options to generate from `start` to `end`, with arguments."""
    result = generator_pb2.GeneratorOptions()
    result.generate_sections.add(start_time=start, end_time=end)
    for name, value in args.items():
        if name == "temperature":
            result.args[name].float_value = value
        else:
            result.args[name].int_value = int(value)
    return result


@st.composite
def requests(draw: Callable, steps_per_quarter: int = 4) -> Case:
    """Hypothesis: small requests, shrunk towards an empty primer and few steps."""
    times = st.floats(0, 4, allow_nan=False)
    sequence = note_seq.NoteSequence()
    qpm = draw(st.sampled_from(QPMS) | st.floats(30, 300))
    if draw(st.booleans()):
        sequence.tempos.add(qpm=qpm)
    else:
        qpm = 120.0
    if draw(st.booleans()):
        numerator, denominator = draw(
            st.sampled_from(TIME_SIGNATURES + ODD_TIME_SIGNATURES))
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
    step = 60.0 / qpm / steps_per_quarter
    start = end + draw(st.floats(-0.5 if odd else 0, 8)) * step
    request = section(start, start + draw(st.floats(0 if odd else 2, 24)) * step)
    if draw(st.booleans()):
        first = draw(times)
        request.input_sections.add(start_time=first, end_time=first + draw(times))
    request.args["temperature"].float_value = draw(st.floats(0.1, 3))
    for name, most in (("beam_size", 4), ("branch_factor", 3), ("steps_per_iteration", 4)):
        request.args[name].int_value = draw(st.integers(1, most))
    return Case.of(sequence, request, draw(st.integers(0, 2 ** 32 - 1)), "hypothesis")
