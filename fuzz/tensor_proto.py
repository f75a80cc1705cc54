"""Tensors of gRPC requests, as the embedded server reads them."""

from google.protobuf.message import DecodeError

from magenta_serving import protos, tensors
from magenta_serving.errors import InvalidArgumentError


def test_one_input(data: bytes) -> None:
    try:
        proto = protos.TensorProto.FromString(data)
        array = tensors.to_ndarray(proto)
    except (DecodeError, InvalidArgumentError):
        return
    assert array.dtype == tensors.numpy_dtype(proto.dtype)
    assert array.shape == tuple(dim.size for dim in proto.tensor_shape.dim)
