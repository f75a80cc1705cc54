"""GetModelMetadata, GetModelStatus and health over gRPC."""

import grpc
import pytest

from magenta_serving import protos, tensors

from .api import Api


def test_signatures(api: Api):
    signatures = api.signatures()
    assert {"serving_default", "generate", "generate_sequence", "score"} <= signatures.keys()
    assert signatures["serving_default"].inputs == signatures["generate"].inputs
    assert {s.method_name for s in signatures.values()} == {"tensorflow/serving/predict"}


def test_every_input_of_generate_has_a_default_of_its_type(api: Api):
    signature = api.signatures()["generate"]
    assert signature.inputs.keys() == signature.defaults.keys()
    for name, info in signature.inputs.items():
        assert signature.defaults[name].dtype == info.dtype, name
        assert tensors.to_ndarray(signature.defaults[name]).ndim == 0, name


def test_inputs_and_outputs_of_generate(api: Api):
    signature = api.signatures()["generate"]
    types = {name: tensors.dtype_name(info.dtype) for name, info in signature.inputs.items()}
    assert types == {
        "primer_sequence_bytes": "DT_STRING", "primer_midi_bytes": "DT_STRING",
        "primer_melody": "DT_STRING", "num_steps": "DT_INT32", "num_outputs": "DT_INT32",
        "qpm": "DT_FLOAT", "temperature": "DT_FLOAT", "beam_size": "DT_INT32",
        "branch_factor": "DT_INT32", "steps_per_iteration": "DT_INT32", "seed": "DT_INT64"}
    types = {name: tensors.dtype_name(info.dtype) for name, info in signature.outputs.items()}
    assert types == {
        "sequence_bytes": "DT_STRING", "midi_bytes": "DT_STRING", "sequence_json": "DT_STRING",
        "log_likelihood": "DT_FLOAT", "seed": "DT_INT64"}


def test_defaults_are_magentas(api: Api):
    defaults = {name: tensors.to_ndarray(proto)[()]
                for name, proto in api.signatures()["generate"].defaults.items()}
    assert defaults["num_steps"] == 128
    assert defaults["temperature"] == 1.0
    assert defaults["beam_size"] == defaults["branch_factor"] == 1
    assert defaults["steps_per_iteration"] == defaults["num_outputs"] == 1
    assert defaults["seed"] == -1 and defaults["qpm"] == 0


@pytest.mark.parametrize(("fields", "spec"), [
    ([], {}), (["no_such_field"], {}), (["signature_def"], {"label": "no_such_label"})])
def test_bad_metadata_request(api: Api, fields: list, spec: dict):
    with pytest.raises(grpc.RpcError) as error:
        api.call(protos.PREDICTION_SERVICE, "GetModelMetadata", protos.GetModelMetadataRequest(
            model_spec=api.spec(**spec), metadata_field=fields))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_metadata_of_unknown_model(api: Api):
    with pytest.raises(grpc.RpcError) as error:
        api.signatures(name="no_such_model")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_status(api: Api):
    assert api.states() == {1: ("AVAILABLE", "OK", "")}


@pytest.mark.parametrize("spec", [{"name": "no_such_model"}, {"version": 99}])
def test_status_of_unknown(api: Api, spec: dict):
    with pytest.raises(grpc.RpcError) as error:
        api.call(protos.MODEL_SERVICE, "GetModelStatus",
                 protos.GetModelStatusRequest(model_spec=api.spec(**spec)))
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_health(api: Api):
    response = api.call(protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest())
    assert response.status == protos.HealthCheckResponse.SERVING
