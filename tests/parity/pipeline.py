"""One case on both sides: the end result, then each stage with the inputs that Magenta gave it."""

import builtins
import dataclasses
from typing import Any

import note_seq
import numpy as np
from magenta_serving import Servable
from magenta_serving.errors import ServableError

from . import compare, native, table
from .bundles import Bundle
from .cases import Case, Command
from .reference import (
    MAX_EVENTS, NO_END, NOTHING_WRITTEN, Failure, Outcome, Reference, Trace)
from .remote import RemoteServable


@dataclasses.dataclass(frozen=True)
class Difference:
    """A stage whose result isn't Magenta's.

    Attributes:
        stage: name of the stage.
        detail: what differs, readable.
    """

    stage: str
    detail: str


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What the comparison of one case found.

    Attributes:
        differences: in the order of the pipeline; none when all stages are equal.
        made_sequence: whether Magenta made a sequence, rather than an error.
    """

    differences: list[Difference]
    made_sequence: bool


def failure_of(error: Exception) -> Failure:
    """An error of the servable in the reference's terms: without the kind in front of the text."""
    if not isinstance(error, ServableError):
        return Failure(type(error).__name__, str(error))
    kind = error.kind or error.code
    return Failure(kind, error.message.removeprefix(f"{kind}: "))


def same_failure(ours: Any, theirs: Failure) -> bool:
    """Whether both failed alike: the same kind, and the same text where Magenta wrote it.

    Texts of Python's and numpy's own errors are not part of the contract. Where Magenta's command
    refuses flags in its log alone, the servable says that an argument is invalid.
    """
    if theirs == NO_END:
        return isinstance(ours, Failure) and ours.kind == "INVALID_ARGUMENT" and (
            ours.text.endswith(f"max_events is {MAX_EVENTS}"))
    if theirs == NOTHING_WRITTEN:
        return isinstance(ours, Failure) and ours.kind == "INVALID_ARGUMENT"
    return isinstance(ours, Failure) and ours.kind == theirs.kind and (
        hasattr(builtins, theirs.kind) or ours.text == theirs.text)


def generate(servable: Servable, case: Case | Command) -> Outcome:
    """The servable's counterpart of `Reference.generate`."""
    signature, inputs = case.request()
    try:
        outputs = servable.predict(inputs, signature=signature)
    except ServableError as error:
        return Outcome(None, failure=failure_of(error))
    name = "sequence_bytes" if signature == "generate" else "generated_sequence_bytes"
    midi = outputs.get("midi_bytes")
    return Outcome(outputs[name].item(),
                   outputs["log_likelihood"].reshape(()).astype(np.float32, casting="no")[()],
                   midi=None if midi is None else midi.item())


# Of a sum of hundreds of float32 logarithms.
_SCORE_ROUNDING = 2e-4
_LIMITS = {"max_events": MAX_EVENTS}


class Pipeline:
    """The comparison for one bundle.

    Attributes:
        bundle: the bundle.
        family: of the bundle's config.
        reference: Magenta's generator of it.
        servable: ours on the bundle's own graph, in this process or a server.
        native: ours on the native engine; None for a server.
        step_model: the bundle's graph in the bindings.
    """

    def __init__(self, bundle: Bundle, counts: table.Table, by_server: bool = False):
        """Loads the bundle on both sides; `by_server` puts ours behind tensorflow_model_server."""
        from magenta_serving._servable import stages

        self.bundle = bundle
        self.reference = Reference(bundle.path, bundle.config)
        self.family = self.reference.family
        path = str(bundle.path)
        self.servable = RemoteServable(bundle.path, _LIMITS) if by_server else (
            Servable.load(path, engine="tensorflow", threads=1, limits=_LIMITS))
        self.native = None if by_server else (
            Servable.load(path, engine="native", limits=_LIMITS))
        self._stages = stages
        self._encoder = stages.encoder(bundle.config)
        self.step_model = getattr(stages, self.family.step_model)(path, threads=1)
        self._native_step_model = self.native and (
            getattr(stages, self.family.step_model)(path, engine="native"))
        self._counts = counts

    def close(self) -> None:
        self.reference.close()
        if isinstance(self.servable, RemoteServable):
            self.servable.close()

    def compare(self, case: Case | Command) -> Comparison:
        """Compares the case in all stages."""
        theirs, trace = self.reference.record(case)
        ours = generate(self.servable, case)
        differences = self._compare_stages(case, trace)
        door = "command" if isinstance(case, Command) else "end-to-end"
        end = self._end_to_end(door, ours, theirs)
        score = None
        if theirs.score is not None and ours.score is not None:
            num_events = max(len(before) + 1 for before, _, _ in trace.extended)
            same = self.family.same_score(
                self.step_model, num_events, ours.score, np.float32(theirs.score))
            self._counts.add(self.bundle.config, "score", 1, not same)
            if not same:
                score = Difference("score", f"log-likelihood {ours.score!r} instead of "
                                            f"{np.float32(theirs.score)!r}")
        self._counts.add(self.bundle.config, door, 1, end is not None)
        if theirs.failure and not end:
            self._counts.errors[self.bundle.config] += 1
        differences += [difference for difference in (score, end) if difference]
        if self.native:
            differences += self._on_native_engine(case, trace, theirs)
        order = [*self.family.stages, "command", "native"]
        differences.sort(key=lambda difference: order.index(difference.stage))
        return Comparison(differences, theirs.failure is None)

    def report(self, case: Case | Command, differences: list[Difference]) -> str:
        """What a failed comparison says: the first stage that differs, all of them, the case."""
        stages = ", ".join(difference.stage for difference in differences)
        details = "\n".join(f"[{difference.stage}] {difference.detail}"
                            for difference in differences)
        snippet = case.snippet(
            self.bundle.path, self.bundle.config, self.family.generator_module.__name__)
        return (f"{self.bundle.name}: first difference in stage {differences[0].stage} "
                f"(all: {stages})\n{details}\n{snippet}")

    def _on_native_engine(self, case: Case | Command, trace: Trace,
                          theirs: Outcome) -> list[Difference]:
        """The native engine's outcome, unless a draw at a boundary explains what differs."""
        ours = generate(self.native, case)
        difference = self._end_to_end("native", ours, theirs)
        same_sequence = difference is None
        if not difference and theirs.score is not None and not np.isclose(
                ours.score, theirs.score, rtol=_SCORE_ROUNDING, atol=_SCORE_ROUNDING):
            difference = Difference(
                "native", f"log-likelihood {ours.score!r} instead of {theirs.score!r}")
        draws = len(trace.draws) if self.family.draws_classes else sum(
            run.outputs[0].size for run in trace.runs)
        explanation = None
        if difference:
            explain = native.class_explanation if self.family.draws_classes else (
                native.nade_explanation)
            explanation = explain(
                self._stages, self.step_model, self._native_step_model, case.seed, trace)
            if explanation and explanation.draw is None and not same_sequence:
                explanation = None
        wrong = [] if explanation or not difference else [difference.detail]
        if explanation:
            self._counts.explained.append(explanation)
            self._counts.notes.append(
                f"{self.bundle.name}, seed {case.seed}, of {draws} draws: on the native "
                f"engine {explanation}.")
        self._counts.native_draws += draws
        return self._note("native", 1, wrong)

    def _end_to_end(self, door: str, ours: Outcome, theirs: Outcome) -> Difference | None:
        if theirs.failure or ours.failure:
            if theirs.failure and same_failure(ours.failure, theirs.failure):
                return None
            return Difference(door, f"servable: {ours.failure or 'a sequence'}\n"
                                    f"magenta: {theirs.failure or 'a sequence'}")
        text = compare.proto_difference(note_seq.NoteSequence, ours.sequence, theirs.sequence)
        if not text and ours.midi != theirs.midi:
            text = f"MIDI file {ours.midi!r} instead of {theirs.midi!r}"
        return Difference(door, text) if text else None

    def _compare_stages(self, case: Case | Command, trace: Trace) -> list[Difference]:
        differences = []
        for stage, calls in trace.stages.items():
            for arguments, theirs in calls:
                differences += self._family_stage(stage, arguments, theirs)
        if trace.encoded:
            differences += self._encode(trace)
        if trace.runs:
            differences += self._step(trace)
            differences += self._sample(case, trace)
            differences += self._score(trace)
            differences += self._decode(trace)
        return differences

    def _note(self, stage: str, compared: int, wrong: list[str]) -> list[Difference]:
        """Counts a stage's comparisons; the first wrong one is reported for all of them."""
        self._counts.add(self.bundle.config, stage, compared, len(wrong))
        return [Difference(stage, f"{wrong[0]} ({len(wrong)} of {compared})")] if wrong else []

    def _family_stage(self, stage: str, arguments: Any, theirs: Any) -> list[Difference]:
        try:
            ours = self.family.evaluate(self._stages, stage, arguments)
        except ServableError as error:
            ours = failure_of(error)
        if isinstance(theirs, Failure):
            same = same_failure(ours, theirs)
        elif isinstance(theirs, bytes) and isinstance(ours, bytes):
            text = compare.proto_difference(note_seq.NoteSequence, ours, theirs)
            return self._note(stage, 1, [text] if text else [])
        else:
            same = ours == theirs
        return self._note(stage, 1, [] if same else [
            f"servable {ours!r}\nmagenta {theirs!r}\nof {arguments!r}"])

    def _plain(self, events: list) -> list:
        return [self.family.plain_event(event) for event in events]

    def _encode(self, trace: Trace) -> list[Difference]:
        wrong = []
        for *controls, events, position, theirs in trace.encoded:
            if len(theirs) != self._encoder.input_size:
                continue  # From a control of the wrong size: Magenta's graph refuses it next.
            arguments = [*([self.family.plain_control(control) for control in row]
                           for row in controls), self._plain(events), position]
            ours = self._encoder.events_to_input(*arguments)
            if not compare.same_bits(ours, theirs):
                wrong.append(f"input of {arguments}: {compare.array_difference(ours, theirs)}")
        return self._note("encode", len(trace.encoded), wrong)

    def _step(self, trace: Trace) -> list[Difference]:
        wrong, compared = [], 0
        for index, run in enumerate(trace.runs):
            for what, ours, theirs in self.family.step(self.step_model, run):
                compared += 1
                if not compare.same_bits(ours, theirs):
                    wrong.append(f"{what} of run {index}, {run.inputs.shape[1]} steps: "
                                 f"{compare.array_difference(ours, theirs)}")
        return self._note("step", compared, wrong)

    def _sample(self, case: Case | Command, trace: Trace) -> list[Difference]:
        if not trace.draws:
            return []
        ours = self._stages.choice(case.seed, [probabilities for probabilities, _ in trace.draws])
        theirs = [index for _, index in trace.draws]
        wrong = [f"draw {draw}: class {mine} instead of {index}"
                 for draw, (mine, index) in enumerate(zip(ours, theirs)) if mine != index]
        return self._note("sample", len(theirs), wrong)

    def _score(self, trace: Trace) -> list[Difference]:
        wrong = []
        for probabilities, theirs in trace.logs:
            ours = self._stages.numpy_log(probabilities)
            if not compare.same_bits(ours, theirs):
                wrong.append(f"log of {probabilities}: {compare.array_difference(ours, theirs)}")
        return self._note("score", len(trace.logs), wrong)

    def _decode(self, trace: Trace) -> list[Difference]:
        wrong = []
        for events, label, event in trace.extended:
            before, theirs = self._plain(events), self.family.plain_event(event)
            ours = self._encoder.class_index_to_event(label, before)
            if ours != theirs:
                wrong.append(f"class {label} after {before}: {ours} instead of {theirs}")
        return self._note("decode", len(trace.extended), wrong)
