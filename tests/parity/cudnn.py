"""The graphs that Magenta 1.x made of configs with `use_cudnn`.

Magenta 2 makes ordinary cells of them, but bundles of that time are around. When it generated,
Magenta 1 ran LSTMBlockCell operations without a forget bias, the batch in the second dimension, one
loop over all layers or, if their sizes differ or connections are residual, one for each layer.
Source: make_cudnn of magenta/models/shared/events_rnn_graph.py, release 1.3.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import tensorflow.compat.v1 as tf
import tf_slim
from magenta.models.shared import events_rnn_graph

_State = tf.nn.rnn_cell.LSTMStateTuple


class _CudnnCompatibleCell(tf.nn.rnn_cell.RNNCell):
    """The cell that computes what cuDNN trained, one step at a time."""

    def __init__(self, num_units: int):
        super().__init__(name="cudnn_compatible_lstm_cell")
        self._num_units = num_units

    @property
    def state_size(self) -> _State:
        return _State(self._num_units, self._num_units)

    @property
    def output_size(self) -> int:
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        depth = tf.TensorShape(inputs_shape)[-1]
        self._kernel = self.add_weight("kernel", [depth + self._num_units, 4 * self._num_units])
        self._bias = self.add_weight("bias", [4 * self._num_units])
        self.built = True

    def call(self, inputs: tf.Tensor, state: _State) -> tuple[tf.Tensor, _State]:
        peephole = tf.zeros([self._num_units])
        stepped = tf.raw_ops.LSTMBlockCell(
            x=inputs, cs_prev=state.c, h_prev=state.h, w=self._kernel, wci=peephole, wcf=peephole,
            wco=peephole, b=self._bias, forget_bias=0.0, cell_clip=-1.0, use_peephole=False)
        return stepped.h, _State(stepped.cs, stepped.h)


class _Layers:
    """Stands for the cell that Magenta's graph is made of: its state, and what runs over inputs."""

    def __init__(self, sizes: Sequence[int], residual_connections: bool):
        self._sizes = sizes
        self._residual = residual_connections

    def zero_state(self, batch_size: int, dtype: tf.DType) -> tuple[_State, ...]:
        return tuple(_State(tf.zeros([batch_size, size], dtype), tf.zeros([batch_size, size], dtype))
                     for size in self._sizes)

    def run(self, inputs: tf.Tensor, states: tuple[_State, ...]) -> tuple[tf.Tensor, tuple]:
        outputs = tf.transpose(inputs, [1, 0, 2])
        if len(set(self._sizes)) == 1 and not self._residual:
            outputs, final = self._loop(outputs, self._sizes, states, "cudnn_lstm/rnn")
            return tf.transpose(outputs, [1, 0, 2]), final
        final = ()
        for i, size in enumerate(self._sizes):
            inputs = outputs
            if self._residual and (i == 0 or size != self._sizes[i - 1]):
                inputs = tf_slim.layers.linear(inputs, size, scope=f"linear_{i}")
            outputs, last = self._loop(
                inputs, [size], states[i:i + 1], f"cudnn_lstm_{i}/rnn" if i else "cudnn_lstm/rnn")
            if self._residual:
                outputs += inputs
            final += last
        return tf.transpose(outputs, [1, 0, 2]), final

    @staticmethod
    def _loop(inputs: tf.Tensor, sizes: Sequence[int], states: tuple[_State, ...],
              scope: str) -> tuple[tf.Tensor, tuple[_State, ...]]:
        cell = tf.nn.rnn_cell.MultiRNNCell([_CudnnCompatibleCell(size) for size in sizes])
        return _dynamic_rnn(cell, inputs, initial_state=states, time_major=True, scope=scope)


_dynamic_rnn = tf.nn.dynamic_rnn


@contextlib.contextmanager
def graphs() -> Iterator[None]:
    """A context in which Magenta makes graphs as with `use_cudnn` in its time."""
    def make_cell(sizes: Sequence[int], attn_length: int = 0, residual_connections: bool = False,
                  **_: Any) -> _Layers:
        if attn_length:
            raise ValueError("Magenta made no attention with use_cudnn")
        return _Layers(sizes, residual_connections)

    def run(cell: _Layers, inputs: tf.Tensor, initial_state: Any, **_: Any) -> Any:
        return cell.run(inputs, initial_state)

    with mock.patch.object(events_rnn_graph, "make_rnn_cell", make_cell), \
            mock.patch.object(tf.nn, "dynamic_rnn", run):
        yield
