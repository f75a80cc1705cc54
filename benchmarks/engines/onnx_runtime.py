"""ONNX Runtime: a step of the network alone, without encoding its inputs or drawing events."""

import pathlib
import timeit
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..configs import STEPS, Config
from ..network import Linear, StepNetwork, read_variables, step_network
from .engine import Engine

_OPSET = 17
_MAX_ROWS = 128


class _Graph:
    """Builds the graph of a step of any number of rows: from inputs and states to both anew."""

    def __init__(self, network: StepNetwork):
        from onnx import TensorProto, helper, numpy_helper

        self._helper, self._to_tensor = helper, numpy_helper.from_array
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._float = TensorProto.FLOAT
        self.states: dict[str, tuple[int, ...]] = {}  # name -> shape of one row
        self.new_states: list[str] = []

        x = "inputs"
        for layer, lstm in enumerate(network.lstms):
            if layer == 0 and network.attention:
                x = self._attention(network, x)
            else:
                x = self._lstm(lstm, x, layer)[1]
        softmax = self._node("Softmax", self._linear(network.output, x), axis=-1)
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self._nodes, "step",
            [value(name, self._float, ["rows", *shape])
             for name, shape in {"inputs": (network.input_size,), **self.states}.items()],
            [value(name, self._float, ["rows", *shape]) for name, shape in
             [(softmax, (network.output.bias.size,)),
              *zip(self.new_states, self.states.values())]],
            list(self._constants.values()))
        self.softmax = softmax
        self.model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)

    def _constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants[name] = self._to_tensor(np.ascontiguousarray(value), name)
        return name

    def _node(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"{op}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(self._helper.make_node(op, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def _state(self, name: str, *shape: int) -> str:
        self.states[name] = shape
        return name

    def _linear(self, linear: Linear, x: str) -> str:
        return self._node("Gemm", x, self._constant(linear.weights), self._constant(linear.bias))

    def _lstm(self, lstm: Linear, x: str, layer: int) -> tuple[str, str]:
        """The names of c and h after the step."""
        size = lstm.weights.shape[1] // 4
        c, h = self._state(f"c{layer}", size), self._state(f"h{layer}", size)
        bias = lstm.bias.copy()
        bias[2 * size:3 * size] += 1
        gates = self._linear(Linear(lstm.weights, bias), self._node("Concat", x, h, axis=1))
        i, j, f, o = self._node("Split", gates, outputs=4, axis=1)
        sigmoid, tanh = "Sigmoid", "Tanh"
        new_c = self._node("Add", self._node("Mul", c, self._node(sigmoid, f)),
                           self._node("Mul", self._node(sigmoid, i), self._node(tanh, j)))
        new_h = self._node("Mul", self._node(tanh, new_c), self._node(sigmoid, o))
        self.new_states += [new_c, new_h]
        return new_c, new_h

    def _attention(self, network: StepNetwork, x: str) -> str:
        """The output of the first LSTM with the attention around it.

        Keys are kept beside the memory, so that a step computes the newest alone.
        """
        attention, size = network.attention, network.sizes[0]
        last = self._state("attention", size)
        memory = self._state("memory", attention.length, size)
        keys = self._state("keys", attention.length, size)
        read = self._linear(attention.input, self._node("Concat", x, last, axis=1))
        new_c, new_h = self._lstm(network.lstms[0], read, 0)
        query = self._linear(attention.query, self._node("Concat", new_c, new_h, axis=1))
        query = self._node("Unsqueeze", query, self._constant(np.array([1])))
        scores = self._node(
            "MatMul", self._node("Tanh", self._node("Add", keys, query)),
            self._constant(attention.scale[:, None]))  # [rows, length, 1]
        weights = self._node("Transpose", self._node("Softmax", scores, axis=1), perm=[0, 2, 1])
        attended = self._node("Squeeze", self._node("MatMul", weights, memory),
                              self._constant(np.array([1])))
        output = self._linear(attention.output, self._node("Concat", new_h, attended, axis=1))
        row = self._node("Unsqueeze", output, self._constant(np.array([1])))
        key = self._node("MatMul", row, self._constant(attention.key))
        self.new_states = [attended, *(
            self._node("Concat", self._node(
                "Slice", ring, *(self._constant(np.array([k])) for k in (1, attention.length, 1))),
                new, axis=1) for ring, new in ((memory, row), (keys, key))), *self.new_states]
        return output


class _Steps:
    """A session with its inputs and outputs bound to memory that steps reuse."""

    def __init__(self, session: Any, graph: _Graph, network: StepNetwork, rows: int):
        import onnxruntime

        def zeros(*shape: int) -> Any:
            return onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((rows, *shape), np.float32))

        self._session = session
        self._inputs, self._softmax = zeros(network.input_size), zeros(network.output.bias.size)
        states = [[zeros(*shape) for shape in graph.states.values()] for _ in range(2)]
        self._bindings = []
        for before, after in (states, states[::-1]):
            binding = session.io_binding()
            binding.bind_ortvalue_input("inputs", self._inputs)
            binding.bind_ortvalue_output(graph.softmax, self._softmax)
            for name, new, old_value, new_value in zip(
                    graph.states, graph.new_states, before, after):
                binding.bind_ortvalue_input(name, old_value)
                binding.bind_ortvalue_output(new, new_value)
            self._bindings.append(binding)

    def step(self, inputs: np.ndarray) -> None:
        self._inputs.update_inplace(inputs)
        self._session.run_with_iobinding(self._bindings[0])
        self._bindings.reverse()

    def softmax(self) -> np.ndarray:
        return self._softmax.numpy()


class OnnxRuntime(Engine):
    name, title = "onnx", "ONNX Runtime (step alone)"
    is_exact = False

    def __init__(self) -> None:
        import onnxruntime

        self._runtime = onnxruntime

    @classmethod
    def lacks(cls, config: Config) -> str | None:
        return "draws its notes one after another" if config.family == "pianoroll" else None

    def prepare(self, config: Config, path: pathlib.Path) -> None:
        from magenta_serving import Servable

        info = Servable.load(path, self_check=False).info
        self._network = step_network(read_variables(path), info["attention_length"])
        self._graph = _Graph(self._network)
        random = np.random.RandomState(0)
        self._random_inputs = np.zeros((STEPS, _MAX_ROWS, self._network.input_size), np.float32)
        for inputs in self._random_inputs:
            inputs[range(_MAX_ROWS), random.randint(self._network.input_size, size=_MAX_ROWS)] = 1

    def load(self, config: Config, path: pathlib.Path) -> None:
        self._sessions = {1: self._session(threads=1)}
        self._fastest: dict[int, Any] = {}

    def _session(self, threads: int) -> Any:
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = threads
        return self._runtime.InferenceSession(self._graph.model.SerializeToString(), options,
                                              providers=["CPUExecutionProvider"])

    def _session_for(self, rows: int) -> Any:
        """The session, of one thread or two, that is faster with so many rows."""
        if rows not in self._fastest:
            if 2 not in self._sessions:
                self._sessions[2] = self._session(threads=2)
            for session in self._sessions.values():
                self._run(session, rows)  # Warm.
            self._fastest[rows] = min(self._sessions.values(), key=lambda session: min(
                timeit.repeat(lambda: self._run(session, rows), number=1, repeat=3)))
        return self._fastest[rows]

    def _run(self, session: Any, rows: int) -> None:
        steps = _Steps(session, self._graph, self._network, rows)
        for inputs in self._random_inputs:
            steps.step(inputs[:rows])

    def generate(self, request: Mapping[str, bytes], seed: int) -> bytes:
        self._run(self._session_for(1), 1)
        return b""

    def generate_many(self, request: Mapping[str, bytes], in_flight: int, each: int) -> None:
        for _ in range(each):
            self._run(self._session_for(in_flight), in_flight)

    def steps(self, request: Mapping[str, bytes], seed: int) -> int:
        return STEPS

    def probabilities(self, inputs: np.ndarray) -> np.ndarray:
        steps = _Steps(self._session_for(1), self._graph, self._network, 1)
        rows = []
        for row in inputs:
            steps.step(row[None])
            rows.append(steps.softmax()[0].copy())
        return np.array(rows)

    def input_size(self) -> int:
        """Values of an input of the network."""
        return self._network.input_size
