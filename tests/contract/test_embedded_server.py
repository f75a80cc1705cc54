"""What is the embedded server's own: limits, reflection, CORS, start."""

import contextlib
import gzip
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from magenta_serving import protos

from ..long_requests import ENDLESS, LIMITS, find_lasting
from ..metrics import metric
from .api import Api, wait_for

pytestmark = pytest.mark.embedded


@pytest.fixture
def models(make_models: Callable[..., pathlib.Path]) -> str:
    return str(make_models(melody=[1]))


def api_of(server: Any) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")


def check_health(api: Api, service: str = "") -> int:
    return api.call(protos.HEALTH_SERVICE, "Check",
                    protos.HealthCheckRequest(service=service)).status


@pytest.mark.parametrize("service", ["", protos.PREDICTION_SERVICE, protos.MODEL_SERVICE])
def test_health_of_services(melody_server: Any, service: str):
    assert check_health(api_of(melody_server), service) == protos.HealthCheckResponse.SERVING


def test_health_of_unknown_service(melody_server: Any):
    with pytest.raises(grpc.RpcError) as error:
        check_health(api_of(melody_server), "no.such.Service")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection(melody_server: Any):
    stub = reflection_pb2_grpc.ServerReflectionStub(api_of(melody_server).channel)
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=protos.PREDICTION_SERVICE),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=protos.HEALTH_SERVICE),
    ]
    services, *files = stub.ServerReflectionInfo(iter(requests), timeout=30)
    assert {protos.PREDICTION_SERVICE, protos.MODEL_SERVICE, protos.HEALTH_SERVICE} <= {
        service.name for service in services.list_services_response.service}
    for response in files:
        assert response.file_descriptor_response.file_descriptor_proto


def test_list_of_models(melody_server: Any):
    status, answer, _ = api_of(melody_server).rest("/v1/models")
    assert (status, answer) == (200, {"models": ["melody"]})


def test_more_requests_than_may_wait(start_server: Callable, models: str):
    api = api_of(start_server(
        models=models, limits=LIMITS, request_threads=1, max_queued_requests=1))
    inputs, _ = find_lasting(api, 1)
    with ThreadPoolExecutor(6) as clients:
        answers = [clients.submit(api.predict, inputs) for _ in range(6)]
        # The small calls do not queue behind the big ones.
        assert check_health(api) == protos.HealthCheckResponse.SERVING
        assert api.states()[1][0] == "AVAILABLE"
        assert not all(answer.done() for answer in answers)
    codes = [answer.exception().code() if answer.exception() else None for answer in answers]
    assert set(codes) == {None, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert codes.count(None) >= 2
    assert api.predict({"num_steps": 16})


def test_cancelled_request_that_waits_is_dropped(start_server: Callable, models: str):
    api = api_of(start_server(
        models=models, limits=LIMITS, request_threads=1, max_queued_requests=1))
    inputs, _ = find_lasting(api)
    method = protos.methods(protos.PREDICTION_SERVICE)["Predict"]
    call = api.channel.unary_unary(
        method.path, method.request.SerializeToString, method.response.FromString)
    with ThreadPoolExecutor(1) as clients:
        running = clients.submit(api.predict, inputs)
        time.sleep(0.2)
        for _ in range(5):
            waiting = call.future(protos.PredictRequest(model_spec=api.spec()), timeout=60)
            time.sleep(0.05)
            waiting.cancel()
            time.sleep(0.05)
        assert not running.done()
        # Its place is free again.
        assert api.predict({"num_steps": 16})
        running.result()


def test_rest_timeout(start_server: Callable, models: str):
    api = api_of(start_server(models=models, limits=LIMITS, rest_api_timeout_in_ms=50))
    status, answer, _ = api.rest("/v1/models/melody:predict", {"inputs": ENDLESS})
    assert status == 504 and answer.keys() == {"error"}


def test_calls_whose_requests_never_come(start_server: Callable, models: str):
    server = start_server(models=models, request_threads=1, max_queued_requests=1)
    api = api_of(server)
    ended = threading.Event()

    def nothing():
        ended.wait()
        yield from ()

    with grpc.insecure_channel(server.grpc_address) as channel:
        predict = channel.stream_unary("/tensorflow.serving.PredictionService/Predict")
        calls = [predict.future(nothing()) for _ in range(2)]

        def is_refused() -> bool:
            try:
                api.predict({"num_steps": 16})
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                assert "2 calls are open" in error.details()
                return True
            return False

        wait_for(is_refused, "a call refused")
        ended.set()
        for call in calls:
            assert call.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert api.predict({"num_steps": 16})


@pytest.mark.parametrize("api", ["grpc_address", "rest_address"])
def test_more_connections_than_may_be_open(start_server: Callable, models: str, api: str):
    server = start_server(models=models, max_connections=4)
    host, port = getattr(server, api).split(":")
    with contextlib.ExitStack() as open_:

        def is_refused() -> bool:
            connection = open_.enter_context(
                socket.create_connection((host, int(port)), timeout=0.5))
            try:
                while connection.recv(1000):
                    pass
            except TimeoutError:
                return False
            except ConnectionResetError:
                pass
            return True

        assert not is_refused()
        wait_for(is_refused, "a connection refused")
    # There is room again, which a channel finds when it tries again.
    client = api_of(server)
    wait_for(lambda: client.predict({"num_steps": 16}), "an answer over gRPC")

    def answers() -> bool:
        try:
            return client.rest("/v1/models")[0] == 200
        except OSError:
            return False

    wait_for(answers, "an answer over REST")


def test_requests_that_are_too_large_together(start_server: Callable, models: str):
    server = start_server(models=models, max_request_bytes=10_000)
    host, port = server.rest_address.split(":")
    head = (b"POST /v1/models/melody:predict HTTP/1.1\r\nHost: x\r\n"
            b"Content-Length: 10000\r\n\r\n")
    api = api_of(server)
    # More than the bytes that those leave.
    inputs = {"num_steps": 16, "seed": 1, "temperature": 1.0, "qpm": 120.0}
    with contextlib.ExitStack() as open_:
        connections = [open_.enter_context(socket.create_connection((host, int(port))))
                       for _ in range(64)]
        for connection in connections:
            connection.sendall(head)
        # What is announced takes nothing.
        assert api.predict(inputs)
        for connection in connections:
            connection.sendall(b" " * 9_999)
        wait_for(lambda: api.rest("/v1/models/melody:predict", {"inputs": inputs})[0] == 429,
                 "a request refused")
        with pytest.raises(grpc.RpcError) as error:
            api.predict(inputs)
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "it holds 639936 bytes of requests" in error.value.details()
        assert metric(server, "rejected_count", reason="bytes") >= 2
    wait_for(lambda: api.rest("/v1/models/melody:predict", {"inputs": inputs})[0] == 200,
             "an answer after they have gone")


def test_request_that_is_too_large(start_server: Callable, models: str):
    api = api_of(start_server(models=models, max_request_bytes=100_000))
    with pytest.raises(grpc.RpcError) as error:
        api.predict({"primer_midi_bytes": b"x" * 200_000})
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    status, answer, _ = api.rest(
        "/v1/models/melody:predict", {"inputs": {"primer_melody": "x" * 200_000}})
    assert status == 413 and answer.keys() == {"error"}
    assert api.predict({"num_steps": 16})


def test_compressed_requests(start_server: Callable, models: str):
    server = start_server(models=models, max_request_bytes=100_000)
    api = api_of(server)
    path, body = "/v1/models/melody:predict", b'{"inputs": {"num_steps": 16}}'
    headers = {"Content-Encoding": "gzip"}
    assert api.rest(path, gzip.compress(body), headers)[0] == 200
    # Its bytes count as they are when they are inflated.
    status, answer, _ = api.rest(path, gzip.compress(b" " * 10_000_000 + body), headers)
    assert status == 413 and answer.keys() == {"error"}
    channel = grpc.insecure_channel(server.grpc_address, compression=grpc.Compression.Gzip)
    with channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/tensorflow.serving.PredictionService/Predict")(b"x" * 10_000_000)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def assert_cors(server: Any, origin: str, expected: str | None) -> None:
    """Checks which origin the answers to a page of `origin` allow."""
    api = api_of(server)
    headers = {"Origin": origin, "Content-Type": "application/json"}
    answers = [
        api.rest("/v1/models/melody:predict", {"inputs": {"num_steps": 16}}, headers),
        api.rest("/v1/models/no_such_model:predict", {"inputs": {}}, headers),
        api.rest("/v1/models/melody:predict", None, headers, method="OPTIONS"),
    ]
    for _, _, received in answers:
        assert received.get("Access-Control-Allow-Origin") == expected
    assert (answers[2][0] == 200) == (expected is not None)


def test_no_cors_by_default(melody_server: Any):
    assert_cors(melody_server, "https://a.example", None)


def test_cors_for_one_origin(start_server: Callable, models: str):
    server = start_server(models=models, rest_cors_origins=["https://a.example"])
    assert_cors(server, "https://a.example", "https://a.example")
    assert_cors(server, "https://b.example", None)


def test_cors_for_all(start_server: Callable, models: str):
    assert_cors(start_server(models=models, rest_cors_origins=["*"]), "https://a.example", "*")


def test_one_api_alone(start_server: Callable, models: str):
    server = start_server(models=models, rest_api_port=0)
    assert api_of(server).predict({"num_steps": 16})


def test_single_model_by_base_path(start_server: Callable, models: str):
    server = start_server(model_name="tune", model_base_path=f"{models}/melody")
    assert Api(server.grpc_address, server.rest_address, "tune").predict({"num_steps": 16})


def fail_to_start(**options: Any) -> tuple[int, str]:
    """Returns exit status and output of a server that must not start."""
    code = ("import json, sys; from magenta_serving.server import ServerOptions, run; "
            "sys.exit(run(ServerOptions(**json.loads(sys.argv[1]))))")
    result = subprocess.run(
        [sys.executable, "-c", code, json.dumps(options)], timeout=60, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert "Traceback" not in result.stdout
    return result.returncode, result.stdout


def test_nothing_to_serve(tmp_path: pathlib.Path, models: str):
    assert fail_to_start()[0] == 2
    assert fail_to_start(models=models, model_base_path=models)[0] == 2
    status, output = fail_to_start(models=str(tmp_path / "no_such_folder"))
    assert status == 1 and "no_such_folder" in output
    status, output = fail_to_start(model_base_path=str(tmp_path / "no_such_folder"))
    assert status == 1 and "no_such_folder" in output
    status, output = fail_to_start(model_config_file=str(tmp_path / "no_such_file"))
    assert status == 1 and "no_such_file" in output
    (tmp_path / "bad").write_text("model_config_list { no_such_field: 1 }")
    status, output = fail_to_start(model_config_file=str(tmp_path / "bad"))
    assert status == 1 and "no_such_field" in output
    (tmp_path / "model" / "1").mkdir(parents=True)
    (tmp_path / "model" / "1" / "broken.mag").write_bytes(b"broken")
    status, output = fail_to_start(model_base_path=str(tmp_path / "model"))
    assert status == 1 and "did not become available" in output


def test_port_that_is_taken(melody_server: Any, models: str):
    for name, address in (("port", melody_server.grpc_address),
                          ("rest_api_port", melody_server.rest_address)):
        ports = {"port": 0, "rest_api_port": 0, name: int(address.split(":")[1])}
        status, output = fail_to_start(models=models, **ports)
        assert status == 1 and address in output


def test_many_clients(melody_server: Any):
    api = api_of(melody_server)
    expected = api.predict({"num_steps": 32, "seed": 5})["log_likelihood"]
    answers: list[Any] = []

    def client() -> None:
        for _ in range(5):
            answers.append(api.predict({"num_steps": 32, "seed": 5})["log_likelihood"])

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    assert all(answer == expected for answer in answers)
