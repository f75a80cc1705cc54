"""Conversion between numpy arrays and TensorProto, without TensorFlow."""

import math
from typing import Any

import numpy as np

from magenta_serving import protos
from magenta_serving.errors import InvalidArgumentError

# numpy type and TensorProto's value field by TensorFlow's name of the type.
_TYPES: dict[str, tuple[Any, str]] = {
    "DT_FLOAT": (np.float32, "float_val"),
    "DT_DOUBLE": (np.float64, "double_val"),
    "DT_INT8": (np.int8, "int_val"),
    "DT_UINT8": (np.uint8, "int_val"),
    "DT_INT16": (np.int16, "int_val"),
    "DT_UINT16": (np.uint16, "int_val"),
    "DT_INT32": (np.int32, "int_val"),
    "DT_UINT32": (np.uint32, "uint32_val"),
    "DT_INT64": (np.int64, "int64_val"),
    "DT_UINT64": (np.uint64, "uint64_val"),
    "DT_BOOL": (np.bool_, "bool_val"),
    "DT_STRING": (np.object_, "string_val"),
}
_NAME_OF_NUMPY_TYPE = {
    np.dtype(dtype): name for name, (dtype, _) in _TYPES.items() if name != "DT_STRING"
}

# A TensorProto may carry one value for a shape of any size. More elements than this must be sent in
# full, so that a few bytes on the wire cannot ask for gigabytes here.
_MAX_REPEATED_ELEMENTS = 1 << 16
# Numpy's arrays have less than 2**63 bytes, also when they are empty: it looks at all dimensions
# but those of size 0.
_MAX_ELEMENTS = 1 << 59


def dtype_name(number: int) -> str:
    """Returns TensorFlow's name of a DataType number: 7 -> "DT_STRING"."""
    value = protos.DataType.values_by_number.get(number)
    return value.name if value else f"DataType {number}"


def dtype_number(name: str) -> int:
    """Returns the DataType number of a name: "DT_STRING" or "string" -> 7."""
    if not name.startswith("DT_"):
        name = {"float32": "DT_FLOAT", "float64": "DT_DOUBLE"}.get(name, f"DT_{name.upper()}")
    return protos.DataType.values_by_name[name].number


def numpy_dtype(number: int) -> np.dtype:
    """Returns the numpy type of a DataType number (object for strings).

    Raises:
      InvalidArgumentError: the type has no counterpart here.
    """
    name = dtype_name(number)
    if name not in _TYPES:
        raise InvalidArgumentError(f"Tensors of type {name} are not supported")
    return np.dtype(_TYPES[name][0])


def to_tensor_proto(value: Any, dtype: int | None = None) -> Any:
    """Returns `value` as a TensorProto; str and bytes are strings.

    Args:
      value: a scalar, a nested sequence or an array: whatever numpy makes an array of.
      dtype: DataType number to convert to; None takes the value's own type, where Python's int is
        int64 and float is float32, TensorFlow's usual type.

    Raises:
      InvalidArgumentError: the value does not fit the type, or has no type in TensorFlow.
    """
    array = value if isinstance(value, np.ndarray) else _to_array(value)
    if array.dtype.kind in "OSU":
        # Numpy's own fixed-width strings drop trailing zero bytes, hence object arrays.
        array = _to_bytes(array if array.dtype.kind == "O" else array.astype(object))
        if dtype not in (None, dtype_number("DT_STRING")):
            raise InvalidArgumentError(
                f"Expected a tensor of type {dtype_name(dtype)}, got strings")
        proto = _with_shape("DT_STRING", array.shape)
        proto.string_val.extend(array.ravel().tolist())
        return proto
    if dtype is not None:
        array = _cast(array, dtype)
    elif not isinstance(value, (np.ndarray, np.generic)) and array.dtype == np.float64:
        array = array.astype(np.float32)
    name = _NAME_OF_NUMPY_TYPE.get(array.dtype)
    if name is None:
        raise InvalidArgumentError(f"Arrays of type {array.dtype} have no tensor type")
    proto = _with_shape(name, array.shape)
    getattr(proto, _TYPES[name][1]).extend(array.ravel().tolist())
    return proto


def to_ndarray(proto: Any) -> np.ndarray:
    """Returns a TensorProto as an array; strings as an object array of bytes.

    Values may be in `tensor_content` or in the typed fields; fewer values than elements means that
    the last one repeats, none means zeros or empty strings, as in TensorFlow.

    Raises:
      InvalidArgumentError: the type is not supported, or the values do not fit the shape.
    """
    dtype = numpy_dtype(proto.dtype)
    shape = _shape_of(proto)
    count = math.prod(shape)
    if proto.tensor_content:
        if dtype == object:
            raise InvalidArgumentError(
                "String tensors in tensor_content are not supported; use string_val")
        if len(proto.tensor_content) != count * dtype.itemsize:
            raise InvalidArgumentError(
                f"tensor_content has {len(proto.tensor_content)} bytes, but shape {list(shape)} of "
                f"{dtype_name(proto.dtype)} has {count * dtype.itemsize}")
        return np.frombuffer(proto.tensor_content, dtype).reshape(shape).copy()
    values = getattr(proto, _TYPES[dtype_name(proto.dtype)][1])
    if len(values) > count:
        raise InvalidArgumentError(
            f"Tensor has {len(values)} values, but shape {list(shape)} holds {count}")
    if len(values) < count and count > _MAX_REPEATED_ELEMENTS:
        raise InvalidArgumentError(f"Tensor of {count} elements carries only {len(values)} values")
    if dtype == object:
        array = np.empty(count, object)
        array[:] = values[-1] if values else b""
        array[:len(values)] = list(values)
        return array.reshape(shape)
    # The fields of small integers are int32 on the wire.
    if dtype.kind in "iu" and values:
        bounds = np.iinfo(dtype)
        if min(values) < bounds.min or max(values) > bounds.max:
            raise InvalidArgumentError(f"Value out of range of {dtype_name(proto.dtype)}")
    array = np.full(count, values[-1] if values else 0, dtype)
    array[:len(values)] = list(values)
    return array.reshape(shape)


def _to_array(value: Any) -> np.ndarray:
    """Makes an array of Python values; strings stay Python objects."""
    if isinstance(value, (str, bytes)):
        array = np.empty((), object)
        array[()] = value
        return array
    try:
        array = np.array(value)
        return np.array(value, object) if array.dtype.kind in "SU" else array
    except (ValueError, OverflowError) as error:
        raise InvalidArgumentError(f"Not a tensor: {error}") from error


def _to_bytes(array: np.ndarray) -> np.ndarray:
    out = np.empty(array.shape, object)
    for index, value in np.ndenumerate(array):
        if not isinstance(value, (str, bytes)):
            raise InvalidArgumentError(f"Not a string: {type(value).__name__}")
        out[index] = value.encode() if isinstance(value, str) else value
    return out


def _cast(array: np.ndarray, dtype: int) -> np.ndarray:
    """Converts numbers without losing any: integers must fit, floats do not become integers."""
    target = numpy_dtype(dtype)
    if array.dtype == target:
        return array
    if array.dtype.kind in "iu" and target.kind in "iu":
        bounds = np.iinfo(target)
        if array.size and not (bounds.min <= int(array.min()) and int(array.max()) <= bounds.max):
            raise InvalidArgumentError(f"Value out of range of {dtype_name(dtype)}")
    elif target.kind != "f" or array.dtype.kind not in "iuf":
        # An empty list has no type of its own.
        if array.size:
            raise InvalidArgumentError(
                f"Expected a tensor of type {dtype_name(dtype)}, got {array.dtype} values")
    return array.astype(target)


def _with_shape(name: str, shape: tuple[int, ...]) -> Any:
    proto = protos.TensorProto(dtype=dtype_number(name))
    # Present even when it has no dimensions: a scalar.
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


def _shape_of(proto: Any) -> tuple[int, ...]:
    if proto.tensor_shape.unknown_rank:
        raise InvalidArgumentError("Tensor has no shape")
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if any(size < 0 for size in shape):
        raise InvalidArgumentError(f"Tensor has a negative dimension: {list(shape)}")
    if len(shape) > 32:
        raise InvalidArgumentError(f"Tensor has {len(shape)} dimensions")
    if math.prod(size or 1 for size in shape) > _MAX_ELEMENTS:
        raise InvalidArgumentError(f"Tensor has too many elements: {list(shape)}")
    return shape
