"""The REST API: row and columnar predict, and errors as TensorFlow Serving writes them."""

import base64
from typing import Any

import numpy as np
import pytest

from .api import Api, notes


def unpack(value: dict[str, str]) -> bytes:
    assert value.keys() == {"b64"}
    return base64.b64decode(value["b64"])


def test_columnar_equals_grpc(api: Api):
    inputs = {"primer_melody": "[60, -2, 62, -2]", "num_steps": 32, "seed": 7, "num_outputs": 2,
              "temperature": 1.1}
    expected = api.predict(inputs)
    outputs = api.rest_predict({"inputs": inputs})["outputs"]
    assert outputs.keys() == expected.keys()
    for name in ("sequence_bytes", "midi_bytes"):
        assert [unpack(value) for value in outputs[name]] == expected[name].tolist()
    assert outputs["sequence_json"] == [s.decode() for s in expected["sequence_json"]]
    assert outputs["seed"] == [7, 8]
    assert np.array(outputs["log_likelihood"], np.float32).tolist() == (
        expected["log_likelihood"].tolist())


def test_columnar_batch(api: Api):
    outputs = api.rest_predict({"inputs": {"seed": [1, 2], "num_steps": 16}})["outputs"]
    assert outputs["seed"] == [[1], [2]]


def test_empty_columnar(api: Api):
    outputs = api.rest_predict({"inputs": {}})["outputs"]
    assert len(outputs["sequence_bytes"]) == 1


def test_empty_row(api: Api):
    predictions = api.rest_predict({"instances": [{}]})["predictions"]
    assert len(predictions) == 1
    assert len(predictions[0]["sequence_bytes"]) == len(predictions[0]["seed"]) == 1


def test_rows_equal_grpc(api: Api):
    rows = [{"primer_melody": "[60, -2]", "seed": 1, "num_steps": 24},
            {"primer_melody": "[67, -2]", "seed": 2, "num_steps": 32}]
    predictions = api.rest_predict({"signature_name": "generate", "instances": rows})["predictions"]
    for row, prediction in zip(rows, predictions, strict=True):
        expected = api.predict(row)
        assert unpack(prediction["sequence_bytes"][0]) == expected["sequence_bytes"][0]
        assert prediction["seed"] == [row["seed"]]


def test_input_missing_in_some_rows_takes_its_default(api: Api):
    predictions = api.rest_predict({"instances": [
        {"seed": 1, "num_steps": 16}, {"seed": 2, "num_steps": 16, "primer_melody": "[72, -2]"},
        {"num_steps": 16}]})["predictions"]
    assert [p["seed"][0] for p in predictions[:2]] == [1, 2]
    assert predictions[2]["seed"][0] >= 0
    assert notes(unpack(predictions[1]["sequence_bytes"][0]))[0][0] == 72


def test_bytes_in_as_b64(api: Api):
    midi = api.predict({"primer_melody": "[60, -2, 62, -2]", "num_steps": 16, "seed": 1})
    data = midi["midi_bytes"][0]
    inputs = {"num_steps": 32, "seed": 3}
    outputs = api.rest_predict({"inputs": {
        **inputs, "primer_midi_bytes": {"b64": base64.b64encode(data).decode()}}})["outputs"]
    expected = api.predict({**inputs, "primer_midi_bytes": data})
    assert unpack(outputs["sequence_bytes"][0]) == expected["sequence_bytes"][0]


def test_score(api: Api):
    outputs = api.rest_predict(
        {"signature_name": "score", "inputs": {"melody": "[60, -2, 62, -2]"}})["outputs"]
    assert outputs["log_likelihood"] < 0
    assert all(value <= 0 for value in outputs["event_log_likelihoods"])


@pytest.mark.parametrize("path", ["", "/versions/1"])
def test_paths(api: Api, path: str):
    assert api.rest_predict({"inputs": {"num_steps": 16}}, path)["outputs"]
    status, answer, headers = api.rest(f"/v1/models/{api.model}{path}")
    assert status == 200 and headers.get_content_type() == "application/json"
    assert answer["model_version_status"][0] == {
        "version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    status, answer, _ = api.rest(f"/v1/models/{api.model}{path}/metadata")
    assert status == 200
    assert answer["model_spec"] == {"name": api.model, "version": "1", "signature_name": ""}
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "generate", "generate_sequence", "score"} <= signatures.keys()
    num_steps = signatures["serving_default"]["inputs"]["num_steps"]
    assert num_steps["dtype"] == "DT_INT32"


@pytest.mark.parametrize(("path", "status"), [
    ("/v1/models/no_such_model:predict", 404),
    ("/v1/models/{model}/versions/99:predict", 404),
    ("/v1/models/{model}/versions/99999999999999999999:predict", 400),
    ("/v1/models/{model}/labels/no_such_label:predict", 400),
    ("/v1/models/{model}:no_such_method", 400),
    ("/v1/no_such_thing", 400),
])
def test_unknown_paths(api: Api, path: str, status: int):
    answer = api.rest(path.format(model=api.model), {"inputs": {}})
    assert answer[0] == status
    assert answer[1].keys() == {"error"} and answer[1]["error"]


@pytest.mark.parametrize("path", ["/v1/models/no_such_model", "/v1/models/{model}/versions/99",
                                  "/v1/models/no_such_model/metadata"])
def test_status_and_metadata_of_unknown(api: Api, path: str):
    status, answer, _ = api.rest(path.format(model=api.model))
    assert status == 404 and answer.keys() == {"error"}


BAD_BODIES: dict[str, Any] = {
    "empty": b"",
    "not_json": b"{",
    "not_utf8": b'{"inputs": {"primer_melody": "\xff\xfe"}}',
    "not_an_object": b"[]",
    "nested_too_deep": b"[" * 100_000,
    "tensor_nested_too_deep":
        b'{"instances": [{"seed": ' + b"[" * 25_000 + b"]" * 25_000 + b"}]}",
    "column_nested_too_deep": b'{"inputs": {"seed": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "too_many_rows": {"instances": [{}] * 100_000},
    "too_many_values": {"inputs": {"seed": [1] * 100_000}},
    "no_inputs": {},
    "both_formats": {"inputs": {}, "instances": [{}]},
    "instances_not_a_list": {"instances": {}},
    "no_instances": {"instances": []},
    "plain_instances": {"instances": [1, 2]},
    "plain_inputs": {"inputs": [1]},
    "signature_not_a_string": {"signature_name": 5, "inputs": {}},
    "unknown_signature": {"signature_name": "no_such_signature", "inputs": {}},
    "unknown_input": {"inputs": {"no_such_input": 1}},
    "unknown_input_in_a_row": {"instances": [{"no_such_input": 1}]},
    "string_for_int": {"inputs": {"num_steps": "32"}},
    "float_for_int": {"inputs": {"num_steps": 32.5}},
    "bool_for_int": {"inputs": {"num_steps": True}},
    "null_for_int": {"inputs": {"num_steps": None}},
    "too_big_for_int32": {"inputs": {"num_steps": 2**31}},
    "too_big_for_int64": {"inputs": {"seed": 2**63}},
    "number_of_5000_digits": b'{"inputs": {"seed": ' + b"9" * 5000 + b"}}",
    "string_for_float": {"inputs": {"temperature": "1"}},
    "number_for_string": {"inputs": {"primer_melody": 60}},
    "list_in_a_list": {"inputs": {"seed": [[1]]}},
    "ragged": {"inputs": {"seed": [[1, 2], [3]]}},
    "mixed_levels": {"inputs": {"seed": [1, [2]]}},
    "rows_of_different_shape": {"instances": [{"seed": 1}, {"seed": [1]}]},
    "batches_of_different_size": {"inputs": {"seed": [1, 2], "num_steps": [16, 16, 16]}},
    "empty_batch": {"inputs": {"seed": []}},
    "not_base64": {"inputs": {"primer_midi_bytes": {"b64": "!!!"}}},
    "more_than_base64": {"inputs": {"primer_midi_bytes": {"b64": "AA==", "x": 1}}},
    "nan": b'{"inputs": {"temperature": NaN}}',
    "infinite": b'{"inputs": {"qpm": 1e999}}',
    "out_of_range": {"inputs": {"num_steps": 0}},
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_body(api: Api, body: Any):
    status, answer, headers = api.rest(f"/v1/models/{api.model}:predict", body)
    assert status == 400, answer
    assert answer.keys() == {"error"} and answer["error"]
    assert headers.get_content_type() == "application/json"
    api.rest_predict({"inputs": {"num_steps": 16}})
