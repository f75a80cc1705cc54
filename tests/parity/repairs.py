"""Where Magenta always fails on requests that the servable serves: the reference, repaired.

Some of Magenta's models cannot run from a bundle at all, for reasons that no user asked for. The
signature `generate_sequence` fails as Magenta does, which is compared with Magenta as it is. The
signature `generate` serves what a user means, which is compared with Magenta repaired in that one
place: each repair below is such a place, and there is no other.
"""

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np
import tensorflow.compat.v1 as tf


@dataclasses.dataclass(frozen=True)
class Repair:
    """One place in Magenta that is repaired.

    Attributes:
        name: of the repair.
        why: what fails without it.
        applied: (Magenta's initialised generator) -> context in which the repair holds.
    """

    name: str
    why: str
    applied: Callable[[Any], AbstractContextManager]


@contextlib.contextmanager
def _numpy_bool(generator: Any):
    # numpy.bool was an alias of bool until numpy 1.24.
    with mock.patch.object(np, "bool", np.bool_, create=True):
        yield


NUMPY_BOOL = Repair(
    "numpy.bool", "note_seq's pianoroll_lib uses numpy.bool, which numpy removed in 1.24",
    _numpy_bool)


class _ColumnOfLogProbs:
    """A session whose log probabilities [batch] come as [batch, 1], as older graphs give them."""

    def __init__(self, session: tf.Session):
        self._session = session
        self.graph = session.graph

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        values = self._session.run(fetches, feed_dict)
        if feed_dict is None or not self.graph.get_collection("sample"):
            return values
        sample, log_prob, final_state = values
        return sample, log_prob.reshape(-1, 1), final_state


@contextlib.contextmanager
def _log_prob_column(generator: Any):
    model = generator._model
    with mock.patch.object(model, "_session", _ColumnOfLogProbs(model._session)):
        yield


LOG_PROB_COLUMN = Repair(
    "log_prob", "PianorollRnnNadeModel takes column 0 of log probabilities that have one dimension "
    "in graphs of Magenta 2.1.4", _log_prob_column)


@contextlib.contextmanager
def _softmax_heads(generator: Any):
    graph = generator._model._session.graph
    collection = graph.get_collection_ref("softmax")
    heads = [operation for operation in graph.get_operations() if operation.type == "Softmax"]
    reshaped = [consumer.outputs[0] for head in heads for consumer in head.outputs[0].consumers()
                if consumer.type == "Reshape"]
    collection.append(reshaped)
    try:
        yield
    finally:
        collection.clear()


SOFTMAX_HEADS = Repair(
    "softmax", "the collection `softmax` of a model with several heads is a list of lists, which "
    "TensorFlow does not write into a metagraph", _softmax_heads)
