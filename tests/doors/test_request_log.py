"""The log: a line for each request, with nothing of its music."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import pytest

from magenta_serving import protos, tensors

from ..contract.api import Api, wait_for
from ..servers import ServerProcess

@pytest.fixture(scope="module")
def server(server_class: type[ServerProcess], make_models: Callable) -> Iterator[ServerProcess]:
    server = server_class(models=str(make_models(melody=[3])), log_format="json")
    yield server
    server.stop()


@pytest.fixture
def api(server: ServerProcess) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")


def line_of(server: ServerProcess, request_id: str) -> dict[str, Any]:
    """Returns what the log says about a request."""
    found: list[str] = []

    def look() -> bool:
        found[:] = [line for line in server.log if request_id in line]
        return bool(found)

    wait_for(look, f"a line about {request_id}")
    line, = found
    return json.loads(line)


def grpc_predict(api: Api, request_id: str | None, **inputs: Any) -> grpc.Call:
    """Returns the finished call, which may have failed."""
    request = protos.PredictRequest(model_spec=api.spec())
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tensors.to_tensor_proto(value))
    method = protos.methods(protos.PREDICTION_SERVICE)["Predict"]
    call = api.channel.unary_unary(
        method.path, method.request.SerializeToString, method.response.FromString)
    future = call.future(request, timeout=60, metadata=(
        (("x-request-id", request_id),) if request_id is not None else None))
    future.exception()
    return future


@pytest.mark.embedded
def test_every_line_is_json(server: ServerProcess, api: Api):
    assert api.predict({"num_steps": 16})
    lines = [line for line in list(server.log) if not line.startswith("Ready:")]
    assert all(json.loads(line)["level"] for line in lines)


def test_grpc(server: ServerProcess, api: Api):
    call = grpc_predict(api, "tune-1", num_steps=np.int32(17), num_outputs=np.int32(3))
    assert dict(call.trailing_metadata())["x-request-id"] == "tune-1"
    line = line_of(server, "tune-1")
    assert line.pop("milliseconds") > 0
    assert line.pop("time") and line.pop("level") == "INFO"
    # The default primer, one note, and silence up to the section are three of the 17 steps.
    assert line == {
        "message": "request", "request_id": "tune-1", "model": "melody", "version": 3,
        "family": "melody", "signature": "generate", "steps": 3 * 14, "code": "OK"}


def test_grpc_error(server: ServerProcess, api: Api):
    call = grpc_predict(api, "tune-2", num_steps=np.int32(-1))
    assert call.code() == grpc.StatusCode.INVALID_ARGUMENT
    line = line_of(server, "tune-2")
    assert (line["code"], line["steps"], line["version"]) == ("INVALID_ARGUMENT", 0, 3)


@pytest.mark.embedded
def test_rest(server: ServerProcess, api: Api):
    for path, inputs, status, code in (
        ("melody", {"num_steps": 16}, 200, "OK"),
        ("melody", {"num_steps": -1}, 400, "INVALID_ARGUMENT"),
        ("melody", {"no_such_input": 1}, 400, "INVALID_ARGUMENT"),
        ("absent", {}, 404, "NOT_FOUND"),
    ):
        request_id = f"rest-{path}-{status}-{len(inputs)}-{'-'.join(inputs)}"
        answer, _, headers = api.rest(
            f"/v1/models/{path}:predict", {"inputs": inputs},
            {"Content-Type": "application/json", "X-Request-ID": request_id})
        assert (answer, headers["X-Request-ID"]) == (status, request_id)
        line = line_of(server, request_id)
        assert (line["model"], line["code"]) == (path, code)


@pytest.mark.model_server
def test_rest_has_ids_of_its_own(server: ServerProcess, api: Api):
    """TensorFlow Serving's handlers do not see the headers."""
    for inputs, status, code in (({"num_steps": 16}, 200, "OK"),
                                 ({"num_steps": -1}, 400, "INVALID_ARGUMENT")):
        answer, _, headers = api.rest("/v1/models/melody:predict", {"inputs": inputs})
        assert answer == status
        line = line_of(server, headers["X-Request-ID"])
        assert (line["model"], line["version"], line["code"]) == ("melody", 3, code)


@pytest.mark.parametrize("wish", [None, "", "a b", "x" * 65, '"}', "../x"])
def test_ids_that_are_none_are_replaced(server: ServerProcess, api: Api, wish: str | None):
    made = dict(grpc_predict(api, wish, num_steps=np.int32(16)).trailing_metadata())[
        "x-request-id"]
    assert len(made) == 32 and made != wish
    assert line_of(server, made)["code"] == "OK"


@pytest.mark.embedded
def test_hostile_names_stay_in_their_line(server: ServerProcess, api: Api):
    hostile = Api(server.grpc_address, server.rest_address, '\n{"forged": 1}\n\x1b[2J')
    call = grpc_predict(hostile, "hostile-1")
    assert call.code() == grpc.StatusCode.NOT_FOUND
    line = line_of(server, "hostile-1")
    assert (line["model"], line["version"], line["code"]) == (hostile.model, None, "NOT_FOUND")


@pytest.mark.embedded
def test_no_music_in_malformed_http(server: ServerProcess):
    host, port = server.rest_address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"POST /v1/models/melody:predict HTTP/1.1\r\nHost: x\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n[71, -2, 72]\r\n")
        assert connection.recv(1000).split(b" ")[1] == b"400"
    line = line_of(server, "Error handling request from 127.0.0.1")
    assert (line["level"], line["message"]) == (
        "INFO", "Error handling request from 127.0.0.1: BadHttpMessage")
    assert "71, -2" not in server.output()


def test_no_music(server: ServerProcess, api: Api):
    melody = "[71, -2, 72, -2, 73, -2]"
    for inputs in ({"primer_melody": melody, "num_steps": 16},
                   {"primer_melody": melody + "!", "num_steps": 16}):
        status, _, headers = api.rest("/v1/models/melody:predict", {"inputs": inputs})
        line_of(server, headers["X-Request-ID"])
        assert status in (200, 400)
    assert "71, -2" not in server.output()
