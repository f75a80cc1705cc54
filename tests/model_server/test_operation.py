"""Warm-up requests, metrics and deadlines of tensorflow_model_server with bundles."""

import contextlib
import pathlib
import re
import socket
import time
from collections.abc import Callable

import grpc
import numpy as np
import pytest
from magenta_serving import protos
from magenta_serving.tensors import to_tensor_proto

from tests.contract.api import Api, wait_for
from tests.metrics import metric
from tests.servers import ServerProcess


def api_of(server: ServerProcess) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")


def write_warmup_requests(version: pathlib.Path, *requests: protos.PredictRequest) -> None:
    """Writes assets.extra/tf_serving_warmup_requests, a TFRecord file of PredictionLogs."""
    import tensorflow as tf  # Slow to import, and needed here alone.

    (version / "assets.extra").mkdir()
    with tf.io.TFRecordWriter(str(version / "assets.extra/tf_serving_warmup_requests")) as writer:
        for request in requests:
            data = request.SerializeToString()
            # PredictionLog { predict_log = 6: PredictLog { request = 1 } }
            writer.write(_field(6, _field(1, data)))


def _field(number: int, data: bytes) -> bytes:
    """A length-delimited field in protobuf's wire format."""
    length, size = b"", len(data)
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


def _request(**inputs: object) -> protos.PredictRequest:
    request = protos.PredictRequest(model_spec=protos.ModelSpec(name="melody"))
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(to_tensor_proto(value))
    return request


def test_warm_up_requests_are_replayed(start_server: Callable, make_models: Callable) -> None:
    models = make_models(melody=[1])
    write_warmup_requests(models / "melody/1", _request(num_steps=np.int32(32)),
                          _request(num_steps=np.int32(16)))
    server = start_server(models=str(models))
    assert api_of(server).predict({"num_steps": 16})
    assert re.search(r"Finished reading warmup data.*Number of warmup records read: 2",
                     server.output())


def test_version_whose_warm_up_fails_is_not_served(
    start_server: Callable, make_models: Callable
) -> None:
    models = make_models(melody=[1])
    server = start_server(models=str(models))
    api = api_of(server)
    draft = make_models(melody=[2]) / "melody/2"
    write_warmup_requests(draft, _request(num_steps=np.int32(-5)))
    draft.rename(models / "melody/2")
    wait_for(lambda: api.state(2) == "END", "version 2 refused")
    assert "num_steps is -5" in api.states()[2][2]
    assert api.predict_raw({}).model_spec.version.value == 1


def test_metrics(start_server: Callable, make_models: Callable, tmp_path: pathlib.Path) -> None:
    config = tmp_path / "monitoring.config"
    config.write_text("prometheus_config { enable: true }")
    server = start_server(models=str(make_models(melody=[1])), monitoring_config_file=str(config))
    api = api_of(server)
    api.predict({"num_steps": 17, "num_outputs": 3})
    with pytest.raises(grpc.RpcError):
        api.predict({"num_steps": 0})
    melody = {"model": "melody", "family": "melody"}
    generate = {**melody, "signature": "generate"}
    assert metric(server, "request_count", **generate, code="OK") == 1
    assert metric(server, "request_count", **generate, code="INVALID_ARGUMENT") == 1
    assert metric(server, "sequence_count", **melody) == 3
    # The default primer, one note, and silence up to the section are three of the 17 steps.
    assert metric(server, "step_count", **melody) == 3 * 14
    assert metric(server, "request_latency_count", **generate) == 2


def test_requests_that_are_too_large(start_server: Callable, make_models: Callable) -> None:
    server = start_server(models=str(make_models(melody=[1])), max_request_bytes=100_000)
    api = api_of(server)
    with pytest.raises(grpc.RpcError) as error:
        api.predict({"primer_midi_bytes": b"x" * 200_000})
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "100000" in error.value.details()
    # However small, what is compressed may be inflated to more.
    channel = grpc.insecure_channel(server.grpc_address, compression=grpc.Compression.Gzip)
    with channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/tensorflow.serving.PredictionService/Predict")(b"x" * 10_000_000)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
    body = b'{"inputs": {"num_steps": 16}}'
    large = b" " * 200_000 + body
    length = b"Content-Length: %d\r\n"
    requests = [length % len(body) + b"\r\n" + body,
                length % len(large) + b"\r\n" + large,
                b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(large), large),
                length % len(body) + b"X: %s\r\n\r\n" % (b"x" * 100_000) + body]
    assert [_http_status(server, request) for request in requests] == ["200", "413", "413", "400"]


def _http_status(server: ServerProcess, request: bytes) -> str:
    """The status of the answer to a request, of which this is all after its Host."""
    host, port = server.rest_address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        # A server that has read enough answers and hangs up.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(
                b"POST /v1/models/melody:predict HTTP/1.1\r\nHost: x\r\n" + request)
        return connection.recv(1000).decode().split(" ")[1]


def test_deadlines(start_server: Callable, make_models: Callable) -> None:
    server = start_server(models=str(make_models(melody=[1])), rest_api_timeout_in_ms=50)
    api = api_of(server)
    long = {"num_steps": 4096, "num_outputs": 64}
    start = time.monotonic()
    with pytest.raises(grpc.RpcError) as error:
        api.predict(long, timeout=0.05)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    status, answer, _ = api.rest("/v1/models/melody:predict", {"inputs": long})
    assert status == 504, answer
    assert "deadline" in answer["error"]
    # Each alone would take several times as long; neither goes on after its deadline.
    assert api.predict({"num_steps": 16}, timeout=10)
    assert time.monotonic() - start < 15
