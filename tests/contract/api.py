"""A plain client of TensorFlow Serving's APIs, so thin that the tests see what is on the wire."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import grpc
import numpy as np

from magenta_serving import protos, tensors

# Seconds; far more than any request of the suite needs.
TIMEOUT = 60


class Api:
    """One server, over gRPC and REST."""

    def __init__(self, grpc_address: str, rest_address: str, model: str):
        self.channel = grpc.insecure_channel(
            grpc_address, options=[("grpc.max_receive_message_length", -1)])
        self.rest_address, self.model = rest_address, model

    def call(self, service: str, method: str, request: Any, timeout: float = TIMEOUT) -> Any:
        """Calls a unary method; raises grpc.RpcError."""
        spec = protos.methods(service)[method]
        return self.channel.unary_unary(
            spec.path, spec.request.SerializeToString, spec.response.FromString,
        )(request, timeout=timeout, wait_for_ready=True)

    def signatures(self, **spec: Any) -> Mapping[str, Any]:
        """Returns the model's SignatureDefs by name."""
        response = self.call(
            protos.PREDICTION_SERVICE, "GetModelMetadata", protos.GetModelMetadataRequest(
                model_spec=self.spec(**spec), metadata_field=["signature_def"]))
        signatures = protos.SignatureDefMap()
        assert response.metadata["signature_def"].Unpack(signatures)
        return signatures.signature_def

    def spec(self, name: str | None = None, version: int | None = None, label: str | None = None,
             signature: str = "") -> Any:
        spec = protos.ModelSpec(
            name=self.model if name is None else name, signature_name=signature)
        if version is not None:
            spec.version.value = version
        if label is not None:
            spec.version_label = label
        return spec

    def predict_raw(self, inputs: Mapping[str, Any], outputs: Iterable[str] = (),
                    timeout: float = TIMEOUT, **spec: Any) -> Any:
        """Sends TensorProtos, or numpy values as the types they have; returns the response."""
        request = self._request(inputs, outputs, **spec)
        return self.call(protos.PREDICTION_SERVICE, "Predict", request, timeout)

    def predict(self, inputs: Mapping[str, Any], **kwargs: Any) -> dict[str, np.ndarray]:
        """Sends Python values as the types that serving_default has; returns the outputs."""
        response = self.predict_raw(_all_typed(inputs), **kwargs)
        return {name: tensors.to_ndarray(proto) for name, proto in response.outputs.items()}

    def request(self, inputs: Mapping[str, Any], outputs: Iterable[str] = (), **spec: Any) -> Any:
        """Returns the PredictRequest that `predict` sends."""
        return self._request(_all_typed(inputs), outputs, **spec)

    def _request(self, inputs: Mapping[str, Any], outputs: Iterable[str], **spec: Any) -> Any:
        request = protos.PredictRequest(model_spec=self.spec(**spec), output_filter=outputs)
        for name, value in inputs.items():
            proto = value if isinstance(value, protos.TensorProto) else (
                tensors.to_tensor_proto(value))
            request.inputs[name].CopyFrom(proto)
        return request

    def states(self, name: str | None = None) -> dict[int, tuple[str, str, str]]:
        """Returns (state, error code, error message) of all versions of a model."""
        response = self.call(protos.MODEL_SERVICE, "GetModelStatus", protos.GetModelStatusRequest(
            model_spec=self.spec(name)))
        state_name = protos.ModelVersionStatus.State.Name
        code_name = protos.StatusProto.DESCRIPTOR.fields_by_name["error_code"].enum_type
        return {
            status.version: (
                state_name(status.state),
                code_name.values_by_number[status.status.error_code].name,
                status.status.error_message)
            for status in response.model_version_status}

    def state(self, version: int, name: str | None = None) -> str | None:
        """Returns the state of one version, None if it or its model is not known."""
        try:
            return self.states(name).get(version, (None,))[0]
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND
            return None

    def rest(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None,
             method: str | None = None) -> tuple[int, Any, http.client.HTTPMessage]:
        """Sends GET, or POST with a body (bytes, or JSON values); returns status, JSON, headers."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self.rest_address}{path}", data=body, headers=dict(headers or {}),
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                data, status, received = response.read(), response.status, response.headers
        except urllib.error.HTTPError as error:
            data, status, received = error.read(), error.code, error.headers
        return status, json.loads(data) if data else None, received

    def rest_predict(self, body: Any, path: str = "") -> Any:
        """Returns the JSON answer to POST /v1/models/MODEL`path`:predict, which must succeed."""
        status, answer, _ = self.rest(f"/v1/models/{self.model}{path}:predict", body)
        assert status == 200, answer
        return answer


_INPUT_TYPES = {
    **dict.fromkeys(("num_steps", "num_outputs", "beam_size", "branch_factor",
                     "steps_per_iteration", "steps_per_chord"), np.int32),
    **dict.fromkeys(("temperature", "qpm"), np.float32),
    "seed": np.int64,
}


def _all_typed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Values in the types that the inputs have; strings as they are."""
    return {name: np.asarray(value, _INPUT_TYPES[name]) if name in _INPUT_TYPES else value
            for name, value in inputs.items()}


def notes(sequence: bytes) -> list[tuple[int, float, float]]:
    """Returns (pitch, start, end) of the notes of a serialized NoteSequence."""
    return [(note.pitch, note.start_time, note.end_time)
            for note in protos.NoteSequence.FromString(sequence).notes]


def wait_for(condition: Callable[[], Any], what: str, timeout: float = TIMEOUT) -> None:
    """Waits until a condition holds; fails the test when it does not within `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f"not within {timeout} s: {what}"
        time.sleep(0.05)
