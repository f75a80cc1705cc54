"""Magenta's Python, as its users run it: one sequence at a time in a process."""

import contextlib
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..configs import Config
from .engine import Engine


class _CountingSession:
    """Counts the steps of the network: a run takes many where it reads a primer, or once more what
    was generated so far."""

    def __init__(self, session: Any):
        self._session = session
        self._inputs = session.graph.get_collection("inputs")[0]
        self.steps = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        if feed_dict is not None:
            self.steps += len(feed_dict[self._inputs][0])
        return self._session.run(fetches, feed_dict)


class Magenta(Engine):
    name, title = "magenta", "Magenta (Python)"
    in_flight = (1,)

    def __init__(self) -> None:
        from note_seq.protobuf import generator_pb2, music_pb2

        from tests.parity.reference import Reference

        self._reference_class = Reference
        self._options, self._sequence = generator_pb2.GeneratorOptions, music_pb2.NoteSequence
        self._reference: Any = None

    def load(self, config: Config, path: pathlib.Path) -> None:
        if self._reference:
            self._reference.close()
        self._reference = self._reference_class(path, config.config)
        self._is_repaired = any(repair.always for repair in self._reference.repairs)

    def generate(self, request: Mapping[str, bytes], seed: int) -> bytes:
        generator = self._reference.generator
        np.random.seed(seed)
        # Pianorolls play in no other way.
        with self._reference.repaired(generator) if self._is_repaired else contextlib.nullcontext():
            return generator.generate(
                self._sequence.FromString(request["input_sequence_bytes"]),
                self._options.FromString(request["generator_options_bytes"])
            ).SerializeToString(deterministic=True)

    def steps(self, request: Mapping[str, bytes], seed: int) -> int:
        model = self._reference.generator._model
        session, model._session = model._session, _CountingSession(model._session)
        self.generate(request, seed)
        steps, model._session = model._session.steps, session
        return steps

    def probabilities(self, inputs: np.ndarray) -> np.ndarray | None:
        session = self._reference.generator._model._session
        collection = session.graph.get_collection
        softmax = collection("softmax")
        if len(softmax) != 1:
            return None
        feed = {collection("inputs")[0]: np.repeat(
            inputs[None], collection("inputs")[0].shape[0], axis=0)}
        feed.update({t: np.zeros(t.shape) for t in collection("initial_state")})
        feed.update({t: 1.0 for t in collection("temperature")})
        return session.run(softmax[0], feed)[0]

    def melody_probabilities(self, events: list[int], chord: str) -> np.ndarray:
        """The softmax after a melody's events, under one chord if it has chords: [classes]."""
        encoder = self._reference.encoder
        sequences = [events]
        if self._reference.family.name == "improv":
            sequences.insert(0, [chord] * (len(events) + 1))
        (inputs,) = encoder.get_inputs_batch(
            *([sequence] for sequence in sequences), full_length=True)
        return self.probabilities(np.array(inputs, np.float32))[-1]
