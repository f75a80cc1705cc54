"""Requests that Magenta refuses: what a family's table of them is made of, and what all share."""

import dataclasses
import math
from collections.abc import Callable

import note_seq
from note_seq.protobuf import generator_pb2

from . import cases

Change = Callable[[note_seq.NoteSequence, generator_pb2.GeneratorOptions], object]


def two_notes() -> tuple[note_seq.NoteSequence, generator_pb2.GeneratorOptions]:
    """A good request: two notes within a second, continued until second 4."""
    sequence, options = note_seq.NoteSequence(), generator_pb2.GeneratorOptions()
    sequence.notes.add(pitch=60, velocity=100, start_time=0, end_time=0.5)
    sequence.notes.add(pitch=64, velocity=100, start_time=0.5, end_time=1.0)
    sequence.total_time = 1.0
    options.generate_sections.add(start_time=1.125, end_time=4.0)
    return sequence, options


@dataclasses.dataclass(frozen=True)
class Expected:
    """A request that Magenta refuses.

    Attributes:
        name: what is wrong with the request.
        kind: class name of Magenta's error.
        change: makes the request wrong; gets the input sequence and the options.
        text: whether the text is Magenta's own and must be equal.
        request: makes the good request that is changed.
    """

    name: str
    kind: str
    change: Change
    text: bool = True
    request: Callable[[], tuple[note_seq.NoteSequence, generator_pb2.GeneratorOptions]] = two_notes

    def case(self) -> cases.Case:
        sequence, options = self.request()
        self.change(sequence, options)
        return cases.Case.of(sequence, options, 1, self.name)


def generate(options: generator_pb2.GeneratorOptions, start: float, end: float) -> None:
    """Replaces the generate section."""
    del options.generate_sections[:]
    options.generate_sections.add(start_time=start, end_time=end)


def _quantized(sequence: note_seq.NoteSequence, options: generator_pb2.GeneratorOptions) -> None:
    options.input_sections.add(start_time=0, end_time=1)
    sequence.quantization_info.steps_per_quarter = 4


# Of all families.
SECTIONS = (
    Expected("two input sections", "SequenceGeneratorError",
             lambda s, o: (o.input_sections.add(), o.input_sections.add())),
    Expected("no generate section", "SequenceGeneratorError",
             lambda s, o: o.ClearField("generate_sections")),
    Expected("two generate sections", "SequenceGeneratorError",
             lambda s, o: o.generate_sections.add()),
    Expected("generation before the end of the input", "SequenceGeneratorError",
             lambda s, o: generate(o, 0.4, 4.0)),
    Expected("generation before the end, long fraction", "SequenceGeneratorError",
             lambda s, o: generate(o, 1 / 3, 4.0)),
    Expected("generation before the end, small exponent", "SequenceGeneratorError",
             lambda s, o: generate(o, 1e-7, 4.0)),
    Expected("generation before time 0 without notes", "SequenceGeneratorError",
             lambda s, o: (s.ClearField("notes"), generate(o, -1.0, 4.0))),
    Expected("generation before the end of the input section", "SequenceGeneratorError",
             lambda s, o: (o.input_sections.add(start_time=0, end_time=0.9),
                           generate(o, 0.7, 4.0))),
    Expected("quantized input with an input section", "QuantizationStatusError", _quantized),
    Expected("note before time 0", "NegativeTimeError",
             lambda s, o: s.notes.add(pitch=60, velocity=9, start_time=-1, end_time=0.5)),
    Expected("note that ends before time 0", "NegativeTimeError",
             lambda s, o: s.notes.add(pitch=60, velocity=9, start_time=0, end_time=-3)),
    Expected("control change before time 0", "NegativeTimeError",
             lambda s, o: s.control_changes.add(time=-2)),
    Expected("chord before time 0", "NegativeTimeError",
             lambda s, o: s.text_annotations.add(time=-2, text="C")),
    Expected("generation time NaN", "ValueError",
             lambda s, o: generate(o, math.nan, 4.0), text=False),
    Expected("generation end NaN", "ValueError",
             lambda s, o: generate(o, 2.0, math.nan), text=False),
    Expected("generation end infinite", "OverflowError",
             lambda s, o: generate(o, 2.0, math.inf), text=False),
    Expected("note time NaN", "ValueError",
             lambda s, o: s.notes.add(pitch=60, velocity=9, start_time=math.nan, end_time=1),
             text=False),
)

# Of families whose steps follow the tempo.
METRE = (
    Expected("late first time signature", "MultipleTimeSignatureError",
             lambda s, o: s.time_signatures.add(numerator=3, denominator=4, time=1.005)),
    Expected("time signature change", "MultipleTimeSignatureError",
             lambda s, o: (s.time_signatures.add(numerator=3, denominator=4),
                           s.time_signatures.add(numerator=4, denominator=4, time=2.345))),
    Expected("unsorted time signatures", "MultipleTimeSignatureError",
             lambda s, o: (s.time_signatures.add(numerator=3, denominator=4, time=2.0),
                           s.time_signatures.add(numerator=4, denominator=4, time=0.0),
                           s.time_signatures.add(numerator=6, denominator=8, time=1.0))),
    Expected("denominator 3", "BadTimeSignatureError",
             lambda s, o: s.time_signatures.add(numerator=4, denominator=3)),
    Expected("denominator 0", "BadTimeSignatureError",
             lambda s, o: s.time_signatures.add(numerator=4, denominator=0)),
    Expected("numerator 0", "BadTimeSignatureError",
             lambda s, o: s.time_signatures.add(numerator=0, denominator=4)),
    Expected("late first tempo", "MultipleTempoError",
             lambda s, o: s.tempos.add(qpm=87.35, time=0.125)),
    Expected("tempo change", "MultipleTempoError",
             lambda s, o: (s.tempos.add(qpm=120), s.tempos.add(qpm=99.95, time=1.115))),
    Expected("unsorted tempos", "MultipleTempoError",
             lambda s, o: (s.tempos.add(qpm=100, time=1.0), s.tempos.add(qpm=120),
                           s.tempos.add(qpm=77, time=0.5))),
    Expected("tempo NaN", "ValueError", lambda s, o: s.tempos.add(qpm=math.nan), text=False),
    Expected("tempo infinite", "OverflowError",
             lambda s, o: s.tempos.add(qpm=math.inf), text=False),
)

# Of families whose events are drawn from a softmax.
SAMPLING = (
    Expected("temperature 0", "ValueError",
             lambda s, o: setattr(o.args["temperature"], "float_value", 0.0)),
    Expected("temperature as an integer", "ValueError",
             lambda s, o: setattr(o.args["temperature"], "int_value", 1)),
    Expected("temperature NaN", "ValueError",
             lambda s, o: setattr(o.args["temperature"], "float_value", math.nan)),
    Expected("steps_per_iteration 0", "ZeroDivisionError",
             lambda s, o: setattr(o.args["steps_per_iteration"], "int_value", 0), text=False),
)

# Of all families.
BEAMS = (
    Expected("beam_size 0", "IndexError",
             lambda s, o: setattr(o.args["beam_size"], "int_value", 0), text=False),
    Expected("beam_size below 0", "IndexError",
             lambda s, o: setattr(o.args["beam_size"], "int_value", -3), text=False),
)
