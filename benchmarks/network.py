"""A bundle's network for other runtimes: its weights, and what a step of it costs at least."""

import dataclasses
import pathlib
import tempfile
from collections.abc import Mapping

import numpy as np

# By Magenta 2.1.4 and the last versions before it.
_CELL = "rnn/multi_rnn_cell/cell_{}/"
_ATTENTION = "attention_cell_wrapper/"
_LSTM = "basic_lstm_cell/"
OUTPUT_WEIGHTS, OUTPUT_BIAS = "fully_connected/weights", "fully_connected/biases"


def read_variables(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The variables in a bundle's checkpoint, by name. Imports TensorFlow."""
    import tensorflow as tf
    from note_seq.protobuf import generator_pb2

    bundle = generator_pb2.GeneratorBundle.FromString(path.read_bytes())
    with tempfile.NamedTemporaryFile() as file:
        file.write(bundle.checkpoint_file[0])
        file.flush()
        reader = tf.compat.v1.train.NewCheckpointReader(file.name)
        return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


@dataclasses.dataclass(frozen=True)
class Linear:
    """y = x W + b.

    Attributes:
        weights: [inputs, outputs].
        bias: [outputs].
    """

    weights: np.ndarray
    bias: np.ndarray


@dataclasses.dataclass(frozen=True)
class Attention:
    """Attention around the first LSTM: magenta.contrib.rnn.AttentionCellWrapper.

    Attributes:
        length: rows of the memory.
        input: from the input and the last attention to what the LSTM reads.
        key: [size, size], from a row of the memory to its key.
        scale: [size].
        query: from the LSTM's new state to the query.
        output: from the LSTM's output and the attention to the output.
    """

    length: int
    input: Linear
    key: np.ndarray
    scale: np.ndarray
    query: Linear
    output: Linear


@dataclasses.dataclass(frozen=True)
class StepNetwork:
    """A stack of LSTMs, maybe with attention around the first, and a softmax.

    Attributes:
        lstms: kernels of the gates i, j, f, o over the input and h; 1 is to be added to f.
        attention: of the first LSTM.
        output: to the logits.
    """

    lstms: tuple[Linear, ...]
    attention: Attention | None
    output: Linear

    @property
    def input_size(self) -> int:
        first = self.attention.input.weights if self.attention else self.lstms[0].weights
        return first.shape[0] - self.sizes[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each LSTM."""
        return tuple(lstm.weights.shape[1] // 4 for lstm in self.lstms)

    def weights_read(self, ones: int = 2) -> int:
        """Weights that a step has to read when `ones` of its inputs are not 0."""
        linears = [*self.lstms, self.output]
        if self.attention:
            linears += [self.attention.input, self.attention.query, self.attention.output]
        total = sum(linear.weights.size + linear.bias.size for linear in linears)
        if self.attention:
            total += self.attention.key.size + self.attention.scale.size
        first = self.attention.input if self.attention else self.lstms[0]
        return total - (self.input_size - ones) * first.weights.shape[1]

    def multiply_adds(self, ones: int = 2) -> int:
        """Multiply-adds of a step: of matrices once for each weight, and of the attention.

        Keys of the memory's rows are counted once for each row, when it enters.
        """
        attention = self.attention
        around = 2 * attention.length * self.sizes[0] if attention else 0
        return self.weights_read(ones) + around


def step_network(variables: Mapping[str, np.ndarray], attention_length: int = 0) -> StepNetwork:
    """The network that the variables make.

    Raises:
        KeyError: it is another one.
    """
    def linear(prefix: str) -> Linear:
        return Linear(variables[prefix + "kernel"], variables[prefix + "bias"])

    first, attention = _CELL.format(0), None
    if attention_length:
        wrapper = first + _ATTENTION
        attention = Attention(
            attention_length, linear(wrapper), variables[wrapper + "attention/attn_w"][0, 0],
            variables[wrapper + "attention/attn_v"], linear(wrapper + "attention/"),
            linear(wrapper + "attn_output_projection/"))
        first = wrapper
    lstms = [linear(first + _LSTM)]
    while (prefix := _CELL.format(len(lstms)) + _LSTM) + "kernel" in variables:
        lstms.append(linear(prefix))
    return StepNetwork(tuple(lstms), attention,
                       Linear(variables[OUTPUT_WEIGHTS], variables[OUTPUT_BIAS]))
