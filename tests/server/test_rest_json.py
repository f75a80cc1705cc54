"""JSON of the REST API to arrays and back; more of it is tested over real sockets."""

import json

import numpy as np
import pytest

from magenta_serving import protos, tensors
from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server import rest_json


@pytest.fixture
def signature():
    signature = protos.SignatureDef()
    for name, dtype, default in (("count", "int32", 8), ("text", "string", b"x"),
                                 ("data_bytes", "string", b""), ("scale", "float32", 0.5)):
        signature.inputs[name].dtype = tensors.dtype_number(dtype)
        signature.defaults[name].CopyFrom(
            tensors.to_tensor_proto(default, tensors.dtype_number(dtype)))
    signature.inputs["needed"].dtype = tensors.dtype_number("bool")
    return signature


def inputs_of(signature, **document):
    inputs, rows = rest_json.predict_inputs(document, signature)
    return {name: (value.dtype.name, value.tolist()) for name, value in inputs.items()}, rows


def test_columns(signature):
    assert inputs_of(signature, inputs={
        "count": 3, "text": ["a", "\u00e9"], "data_bytes": {"b64": "AP8="}, "scale": [[1, 2.5]],
        "needed": True,
    }) == ({
        "count": ("int32", 3), "text": ("object", [b"a", b"\xc3\xa9"]),
        "data_bytes": ("object", b"\0\xff"), "scale": ("float32", [[1.0, 2.5]]),
        "needed": ("bool", True)}, False)


def test_rows(signature):
    assert inputs_of(signature, instances=[
        {"count": 1}, {"text": "a"}, {"count": 3, "text": "b"}]) == ({
            "count": ("int32", [1, 8, 3]), "text": ("object", [b"x", b"a", b"b"])}, True)


def test_rows_without_inputs_still_say_how_many_they_are(signature):
    assert inputs_of(signature, instances=[{}, {}]) == ({"count": ("int32", [8, 8])}, True)


def test_row_lacks_an_input_without_default(signature):
    with pytest.raises(InvalidArgumentError, match="element: 1 key: needed"):
        inputs_of(signature, instances=[{"needed": True}, {}])


@pytest.mark.parametrize("document", [
    {"inputs": {"\ud800": 1}}, {"instances": [{"\ud800": 1}]},
    {"instances": [{"count": 1}, {"\ud800": 1}]}])
def test_name_with_half_of_a_surrogate_pair(signature, document):
    with pytest.raises(InvalidArgumentError, match="named input"):
        inputs_of(signature, **document)


@pytest.mark.parametrize("text", ["AP8", "AP8=", "AP8=="])
def test_base64_with_or_without_padding(signature, text):
    inputs, _ = inputs_of(signature, inputs={"data_bytes": {"b64": text}})
    assert inputs["data_bytes"][1] == b"\0\xff"


@pytest.mark.parametrize(("value", "message"), [
    ("3", 'JSON Value: "3" Type: String is not of expected type: int32'),
    (3.0, "JSON Value: 3.0 Type: Number is not of expected type: int32"),
    (True, "JSON Value: true Type: True is not of expected type: int32"),
    (None, "JSON Value: null Type: Null is not of expected type: int32"),
    ([1, [2]], "Encountered list at unexpected level: 1 expected < 1"),
    ([[1], 2], "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
    ([[1, 2], [3]], "Encountered list at unexpected size: 1 at level: 1 expected size: 2"),
])
def test_error_texts(signature, value, message):
    with pytest.raises(InvalidArgumentError) as error:
        inputs_of(signature, inputs={"count": value})
    assert message in str(error.value)


OUTPUTS = {
    "data_bytes": np.array([[b"\0", b"a"], [b"", b"b"]], object),
    "text": np.array([[b"c", b"\xc3\xa9"], [b"d", b"e"]], object),
    "score": np.array([[0.1, -np.inf], [2, 3]], np.float32),
    "seed": np.array([[1, 2**62], [3, 4]], np.int64),
}


def test_columnar_response():
    assert json.loads(rest_json.predict_response(OUTPUTS, rows=False)) == {"outputs": {
        "data_bytes": [[{"b64": "AA=="}, {"b64": "YQ=="}], [{"b64": ""}, {"b64": "Yg=="}]],
        "text": [["c", "\u00e9"], ["d", "e"]],
        "score": [[0.1, -np.inf], [2, 3]],
        "seed": [[1, 2**62], [3, 4]]}}


def test_row_response():
    assert json.loads(rest_json.predict_response(OUTPUTS, rows=True))["predictions"][1] == {
        "data_bytes": [{"b64": ""}, {"b64": "Yg=="}], "text": ["d", "e"], "score": [2, 3],
        "seed": [3, 4]}


def test_single_output_has_no_name():
    one = {"seed": OUTPUTS["seed"]}
    assert json.loads(rest_json.predict_response(one, False)) == {"outputs": [[1, 2**62], [3, 4]]}
    assert json.loads(rest_json.predict_response(one, True)) == {
        "predictions": [[1, 2**62], [3, 4]]}


def test_numbers_are_as_short_as_they_can_be():
    value = {"score": np.array([0.1, 1e-30, 16777217], np.float32)}
    assert json.loads(rest_json.predict_response(value, False)) == {
        "outputs": [0.1, 1e-30, 16777216.0]}
