"""Bodies of REST requests, as the embedded server reads them: what is read can be answered."""

import json
import random
from typing import Any

from magenta_serving import protos, tensors
from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server import rest_json

# As those of a signature: its inputs' types and defaults.
_INPUTS = {
    "midi_bytes": ("string", b""), "num_steps": ("int32", 128), "primer_melody": ("string", "[60]"),
    "qpm": ("float32", 0.0), "render_chords": ("bool", False), "seed": ("int64", -1),
    "temperature": ("float32", 1.0),
}
_VALUES = (*_INPUTS, None, True, -1, 2**31, 2**63, 1e39, 0.5, "", "\ud800", [], [[]], [[1], 2], {},
           {"b64": "TVRoZA"}, {"b64": "="}, "signature_name", "inputs", "instances")


def _signature() -> Any:
    signature = protos.SignatureDef()
    for name, (dtype, default) in _INPUTS.items():
        number = tensors.dtype_number(dtype)
        signature.inputs[name].dtype = number
        signature.defaults[name].CopyFrom(tensors.to_tensor_proto(default, number))
    return signature


_SIGNATURE = _signature()


def test_one_input(data: bytes) -> None:
    try:
        document = rest_json.parse_object(data)
        rest_json.signature_name(document)
        inputs, rows = rest_json.predict_inputs(document, _SIGNATURE)
    except InvalidArgumentError as error:
        json.dumps(error.message).encode()
        return
    for name, value in inputs.items():
        assert value.dtype == tensors.numpy_dtype(_SIGNATURE.inputs[name].dtype)
    if inputs:
        json.loads(rest_json.predict_response(inputs, rows))


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Mutates bodies value by value: bytes that are mutated are seldom JSON."""
    import atheris
    source = random.Random(seed)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return atheris.Mutate(data, max_size)
    if source.random() < 0.1:
        return atheris.Mutate(data, max_size)
    mutated = json.dumps(_mutated(document, source)).encode()
    return mutated if len(mutated) <= max_size else data


def _mutated(value: Any, source: random.Random) -> Any:
    if not value or not isinstance(value, (dict, list)) or source.random() < 0.2:
        return source.choice(_VALUES)
    if isinstance(value, list):
        i = source.randrange(len(value))
        if source.random() < 0.3:
            return value + value[i:i + 1] if source.random() < 0.5 else value[:i] + value[i + 1:]
        return value[:i] + [_mutated(value[i], source)] + value[i + 1:]
    key = source.choice(list(value))
    if source.random() < 0.3:
        return value | {str(source.choice(_VALUES)): value[key]}
    return value | {key: _mutated(value[key], source)}
