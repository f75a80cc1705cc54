"""numpy arrays to TensorProto and back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from magenta_serving import protos, tensors
from magenta_serving.errors import InvalidArgumentError

DTYPES = [np.float32, np.float64, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32,
          np.int64, np.uint64, np.bool_]


@given(st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))))
def test_round_trip(array):
    back = tensors.to_ndarray(tensors.to_tensor_proto(array))
    assert back.dtype == array.dtype and back.shape == array.shape
    np.testing.assert_array_equal(back, array)


@given(st.lists(st.binary()))
def test_bytes_round_trip(values):
    array = np.array(values + [None], object)[:-1]
    back = tensors.to_ndarray(tensors.to_tensor_proto(array))
    assert back.dtype == object and back.tolist() == values


@pytest.mark.parametrize(("value", "name", "back"), [
    (1, "DT_INT64", 1), (1.5, "DT_FLOAT", 1.5), (True, "DT_BOOL", True),
    ("\u00e9", "DT_STRING", b"\xc3\xa9"), (b"\0x\0", "DT_STRING", b"\0x\0"),
    (["a", b"b"], "DT_STRING", [b"a", b"b"]), ([[1, 2]], "DT_INT64", [[1, 2]]),
    (np.float64(1), "DT_DOUBLE", 1.0)])
def test_python_values(value, name, back):
    proto = tensors.to_tensor_proto(value)
    assert tensors.dtype_name(proto.dtype) == name
    assert tensors.to_ndarray(proto).tolist() == back


@pytest.mark.parametrize(("value", "name"), [
    (2**31, "int32"), (-1, "uint8"), (1.5, "int32"), ("x", "int32"), (1, "bool"), (1, "string"),
    (True, "float32"), (None, "int32"), ([[1], [1, 2]], "int32"), (2**70, "int64")])
def test_values_that_do_not_fit(value, name):
    with pytest.raises(InvalidArgumentError):
        tensors.to_tensor_proto(value, tensors.dtype_number(name))


def test_conversion_to_a_type():
    for name, value in (("int32", 7), ("int64", 7), ("float32", 7), ("float32", 7.5)):
        array = tensors.to_ndarray(tensors.to_tensor_proto(value, tensors.dtype_number(name)))
        assert array.dtype == name and array == value


def proto_of(dtype, shape, **values):
    proto = protos.TensorProto(dtype=tensors.dtype_number(dtype), **values)
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


def test_fewer_values_than_elements():
    assert tensors.to_ndarray(proto_of("int32", (3,), int_val=[1, 2])).tolist() == [1, 2, 2]
    assert tensors.to_ndarray(proto_of("int32", (2,))).tolist() == [0, 0]
    assert tensors.to_ndarray(proto_of("string", (2,), string_val=[b"a"])).tolist() == [b"a"] * 2
    assert tensors.to_ndarray(proto_of("string", ())).tolist() == b""


def test_tensor_content():
    data = np.array([[1.5, math.nan]], np.float32)
    array = tensors.to_ndarray(proto_of("float32", (1, 2), tensor_content=data.tobytes()))
    np.testing.assert_array_equal(array, data)
    assert array.flags.writeable


@pytest.mark.parametrize("proto", [
    proto_of("int32", (1,), int_val=[1, 2]),
    proto_of("int32", (-1,), int_val=[1]),
    proto_of("int32", (2**62, 2**62), int_val=[1]),
    proto_of("int32", (2**30,), int_val=[1]),
    proto_of("int32", (0, 2**62, 4)),
    proto_of("int8", (), int_val=[300]),
    proto_of("int32", (1,), tensor_content=b"12345"),
    proto_of("string", (1,), tensor_content=b"12345"),
    proto_of("int32", (1,) * 40, int_val=[1]),
    proto_of("resource", ()),
    protos.TensorProto(),
    protos.TensorProto(dtype=99),
    protos.TensorProto(dtype=3, tensor_shape=protos.TensorShapeProto(unknown_rank=True)),
])
def test_malformed(proto):
    with pytest.raises(InvalidArgumentError):
        tensors.to_ndarray(proto)
