"""JSON of the REST API to arrays and back: TensorFlow Serving's row and columnar formats.

Two things are added to it: an input may be left out, and then takes the default of its signature;
and in the row format it may be left out of some rows only.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from google.protobuf import json_format

from magenta_serving import protos, tensors
from magenta_serving.errors import InvalidArgumentError

# Strings whose names end so are bytes, written as {"b64": ...}.
_BYTES_SUFFIX = "_bytes"
# Values are quoted in errors up to this length.
_MAX_QUOTE = 256
_MAX_RANK = 32
# Rows of a request, and values of an input, far more than any model takes.
_MAX_ROWS = 4096
# Of whole numbers, which take time to parse that grows with the square of it.
_MAX_DIGITS = 300


def parse_object(body: bytes) -> dict[str, Any]:
    """Returns the JSON object in a request's body; raises InvalidArgumentError if there is none."""
    if not body:
        raise InvalidArgumentError("JSON Parse error: The document is empty")
    try:
        document = json.loads(body, object_pairs_hook=_object, parse_int=_integer)
    except RecursionError:
        raise InvalidArgumentError("JSON Parse error: it is nested too deep") from None
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(
            f"JSON Parse error: byte {error.start} is not UTF-8") from None
    except ValueError as error:
        raise InvalidArgumentError(f"JSON Parse error: {error}") from None
    if not isinstance(document, dict):
        raise InvalidArgumentError(f"JSON Value: {_quote(document)} Is not object")
    return document


def _integer(text: str) -> int:
    """Returns a whole number; raises ValueError if no input could hold it."""
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number has {len(text)} digits; at most {_MAX_DIGITS} are supported")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns a JSON object; raises ValueError if a key is in it twice."""
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise ValueError(f"the key {_quote(key)} is there twice")
        document[key] = value
    return document


def signature_name(document: dict[str, Any]) -> str:
    """Returns the name of the signature that a predict request asks for."""
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise InvalidArgumentError(
            f"JSON Value: {_quote(document)} not formatted correctly. 'signature_name' key must be "
            "a string value.")
    return name or protos.DEFAULT_SIGNATURE


def predict_inputs(
    document: dict[str, Any], signature: Any
) -> tuple[dict[str, np.ndarray], bool]:
    """Returns the inputs in a predict request, and whether they are in the row format."""
    if "instances" in document and "inputs" in document:
        raise InvalidArgumentError(
            f"JSON Value: {_quote(document)} Not formatted correctly expecting only one of "
            "'inputs' or 'instances' keys to exist ")
    if "instances" in document:
        return _from_rows(document["instances"], signature), True
    if "inputs" in document:
        return _from_columns(document["inputs"], signature), False
    raise InvalidArgumentError("Missing 'inputs' or 'instances' key")


def predict_response(outputs: dict[str, np.ndarray], rows: bool) -> str:
    """Returns the JSON of a predict response; in the row format outputs have a batch dimension."""
    columns = {name: _to_json(name, value) for name, value in sorted(outputs.items())}
    if not rows:
        value = columns if len(columns) > 1 else next(iter(columns.values()))
        return json.dumps({"outputs": value}, indent=4)
    predictions: list[Any] = []
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        predictions.append(row if len(row) > 1 else values[0])
    return json.dumps({"predictions": predictions}, indent=4)


def message_json(message: Any) -> Any:
    """Returns a message as JSON values: its own field names, fields that are not set included."""
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True,
        descriptor_pool=protos.POOL)


def metadata_response(response: Any) -> str:
    """Returns the JSON of a GetModelMetadataResponse, its signatures unpacked."""
    signatures = protos.SignatureDefMap()
    response.metadata[protos.SIGNATURE_DEF_FIELD].Unpack(signatures)
    return json.dumps({
        "model_spec": message_json(response.model_spec),
        "metadata": {protos.SIGNATURE_DEF_FIELD: message_json(signatures)},
    }, indent=1)


def _from_columns(inputs: Any, signature: Any) -> dict[str, np.ndarray]:
    if not isinstance(inputs, dict):
        raise InvalidArgumentError(
            "inputs is a plain value/list, but expecting an object as multiple input tensors "
            "required as per tensorinfo_map")
    columns = {}
    for name, value in inputs.items():
        try:
            columns[name] = _tensor(value, name, signature)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(
                f"Failed to process key: {name} of 'inputs' object. Error: {error.message}"
            ) from None
    return columns


def _from_rows(rows: Any, signature: Any) -> dict[str, np.ndarray]:
    if not isinstance(rows, list):
        raise InvalidArgumentError(
            f"JSON Value: {_quote(rows)} Expecting 'instances' to be an list/array")
    if not rows:
        raise InvalidArgumentError("No values in 'instances' array")
    if len(rows) > _MAX_ROWS:
        raise InvalidArgumentError(
            f"'instances' has {len(rows)} rows; at most {_MAX_ROWS} are supported")
    names: dict[str, None] = {}
    for i, row in enumerate(rows):
        if not isinstance(row, dict):
            raise InvalidArgumentError(
                f"Expecting object but got {_type_name(row)} at item {i} of input list: multiple "
                "input tensors required as per tensorinfo_map")
        names.update(dict.fromkeys(row))
    if not names:
        # Every input takes its default. One of them must be spelled out to say how many rows there
        # are.
        names = dict.fromkeys(sorted(signature.defaults)[:1])
    return {name: _stack(rows, name, signature) for name in names}


def _stack(rows: list[dict[str, Any]], name: str, signature: Any) -> np.ndarray:
    """Returns an input's values of all rows as one array with a leading batch dimension."""
    values = []
    for i, row in enumerate(rows):
        try:
            values.append(
                _tensor(row[name], name, signature) if name in row else _default(name, signature))
            if values[i].shape != values[0].shape:
                raise InvalidArgumentError(
                    f"Expecting shape {list(values[0].shape)} but got: {list(values[i].shape)}")
        except InvalidArgumentError as error:
            raise InvalidArgumentError(
                f"Failed to process element: {i} key: {name} of 'instances' list. Error: "
                f"{error.message}") from None
    return np.stack(values)


def _has(fields: Any, name: str) -> bool:
    """Whether a message's map has that name.

    JSON can spell half of a surrogate pair, which maps with their UTF-8 keys cannot be asked for.
    """
    return name in set(fields)


def _default(name: str, signature: Any) -> np.ndarray:
    if not _has(signature.defaults, name):
        raise InvalidArgumentError(f"Missing named input: {name}, which has no default")
    return tensors.to_ndarray(signature.defaults[name])


def _tensor(value: Any, name: str, signature: Any) -> np.ndarray:
    """Returns nested lists of one input's values as an array of the signature's type."""
    if not _has(signature.inputs, name):
        raise InvalidArgumentError(
            f"JSON object: does not have named input: {name}. The inputs are "
            f"{', '.join(sorted(signature.inputs))}")
    dtype = signature.inputs[name].dtype
    shape = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        if len(shape) > _MAX_RANK:
            raise InvalidArgumentError(f"Input {name} is nested more than {_MAX_RANK} deep")
        first = first[0] if first else None
    if math.prod(shape) > _MAX_ROWS:
        raise InvalidArgumentError(
            f"Input {name} has shape {shape}; at most {_MAX_ROWS} values are supported")
    flat: list[Any] = []
    _flatten(value, 0, shape, _converter(dtype), flat)
    with np.errstate(over="ignore"):
        array = np.empty(len(flat), tensors.numpy_dtype(dtype))
        array[:] = flat
    return array.reshape(shape)


def _flatten(value: Any, level: int, shape: list[int], convert: Callable[[Any], Any],
             out: list[Any]) -> None:
    if not isinstance(value, list):
        if level != len(shape):
            raise InvalidArgumentError(
                f"JSON Value: {_quote(value)} found at incorrect level: {level + 1} in the JSON "
                f"DOM. Expected at level: {len(shape)}")
        out.append(convert(value))
        return
    if level >= len(shape):
        raise InvalidArgumentError(
            f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise InvalidArgumentError(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: "
            f"{shape[level]}")
    for item in value:
        _flatten(item, level + 1, shape, convert, out)


def _converter(dtype: int) -> Callable[[Any], Any]:
    """Returns what makes a value of the given DataType of a JSON value."""
    kind = tensors.numpy_dtype(dtype)
    expected = tensors.dtype_name(dtype).removeprefix("DT_").lower()

    def refuse(value: Any) -> InvalidArgumentError:
        return InvalidArgumentError(
            f"JSON Value: {_quote(value)} Type: {_type_name(value)} is not of expected type: "
            f"{expected}")

    def string(value: Any) -> bytes:
        if isinstance(value, dict):
            return _decode_base64(value)
        if not isinstance(value, str):
            raise refuse(value)
        # JSON can spell half of a surrogate pair, which no UTF-8 text has.
        return value.encode("utf-8", "surrogatepass")

    def boolean(value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse(value)
        return value

    def integer(value: Any) -> int:
        bounds = np.iinfo(kind)
        if type(value) is not int or not bounds.min <= value <= bounds.max:
            raise refuse(value)
        return value

    def number(value: Any) -> float:
        if type(value) not in (int, float):
            raise refuse(value)
        try:
            return float(value)
        except OverflowError:
            raise refuse(value) from None

    return {"O": string, "b": boolean, "f": number}.get(kind.kind, integer)


def _decode_base64(value: dict[str, Any]) -> bytes:
    if list(value) != ["b64"] or not isinstance(value["b64"], str):
        raise InvalidArgumentError(
            f"JSON Value: {_quote(value)} not formatted correctly for base64 data")
    text = value["b64"].rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidArgumentError("Unable to base64 decode") from None


def _to_json(name: str, array: np.ndarray) -> Any:
    if array.dtype == object:
        if name.endswith(_BYTES_SUFFIX):
            return _nested(array, lambda data: {"b64": base64.b64encode(data).decode()})
        return _nested(array, lambda data: data.decode("utf-8", "replace"))
    if array.dtype == np.float32:
        # The shortest digits that give the same float32, without the noise of its float64 form.
        return _nested(array, lambda value: float(str(np.float32(value))))
    return array.tolist()


def _nested(array: np.ndarray, convert: Callable[[Any], Any]) -> Any:
    if array.ndim == 0:
        return convert(array[()])
    return [_nested(np.asarray(item, array.dtype), convert) for item in array]


def _quote(value: Any) -> str:
    try:
        text = json.dumps(value)
    except RecursionError:
        text = "..."
    return text if len(text) <= _MAX_QUOTE else text[:_MAX_QUOTE]


def _type_name(value: Any) -> str:
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return str(value)
    for kind, name in ((dict, "Object"), (list, "Array"), (str, "String")):
        if isinstance(value, kind):
            return name
    return "Number"
