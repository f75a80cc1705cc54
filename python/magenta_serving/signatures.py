"""What a model takes and gives, read from the SignatureDefs that a server shows."""

import dataclasses
from typing import Any

from magenta_serving import tensors

# Names of the types as numpy has them; a string tensor is "string".
_DTYPE_NAMES = {"DT_FLOAT": "float32", "DT_DOUBLE": "float64"}


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """One input or output.

    Attributes:
        name: its key in requests and responses.
        dtype: "string", "int32", "int64", "float32" or "bool".
        shape: sizes, -1 where any size goes; None where any shape goes.
        default: the value taken where a request has none; None if there is none.
        doc: one line on its meaning; empty where the server does not tell.
    """

    name: str
    dtype: str
    shape: list[int] | None = None
    default: Any = None
    doc: str = ""


@dataclasses.dataclass(frozen=True)
class Signature:
    """The inputs and outputs of one way to call a model, by name."""

    inputs: dict[str, TensorSpec]
    outputs: dict[str, TensorSpec]


def from_signature_def(signature_def: Any) -> Signature:
    """Returns the Signature that a tensorflow.SignatureDef describes."""
    defaults = {
        name: tensors.to_ndarray(proto)[()] for name, proto in signature_def.defaults.items()}
    return Signature(
        {name: _spec(name, info, defaults.get(name))
         for name, info in sorted(signature_def.inputs.items())},
        {name: _spec(name, info, None) for name, info in sorted(signature_def.outputs.items())},
    )


def _spec(name: str, info: Any, default: Any) -> TensorSpec:
    dtype = tensors.dtype_name(info.dtype)
    shape = info.tensor_shape
    return TensorSpec(
        name,
        _DTYPE_NAMES.get(dtype, dtype.removeprefix("DT_").lower()),
        None if shape.unknown_rank else [dim.size for dim in shape.dim],
        default,
    )
