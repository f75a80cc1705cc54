"""SIGTERM: health says NOT_SERVING, requests that run finish, the process ends with 0."""

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from magenta_serving import protos

from tests.contract.api import Api, wait_for
from tests.long_requests import ENDLESS, find_lasting
from tests.metrics import metric

from .conftest import SHORT, api_of
from .test_cancellation import start_endless, start_endless_rest


def watch_health(api: Any) -> Any:
    path = protos.methods(protos.HEALTH_SERVICE)["Watch"].path
    return api.channel.unary_stream(
        path, protos.HealthCheckRequest.SerializeToString, protos.HealthCheckResponse.FromString,
    )(protos.HealthCheckRequest(), timeout=60)


def test_running_requests_finish(start_unlimited: Callable):
    server = start_unlimited()
    api = api_of(server)
    watch = watch_health(api)
    states = [next(watch).status]
    inputs, expected = find_lasting(api)
    with ThreadPoolExecutor(2) as clients:
        by_grpc = clients.submit(api.predict, inputs)
        by_rest = clients.submit(api.rest_predict, {"inputs": inputs})
        time.sleep(0.3)
        assert not by_grpc.done() and not by_rest.done()
        server.process.send_signal(signal.SIGTERM)
        states.append(next(watch).status)
        assert by_grpc.result()["midi_bytes"].tolist() == expected["midi_bytes"].tolist()
        assert len(by_rest.result()["outputs"]["midi_bytes"]) == inputs["num_outputs"]
    assert states == [protos.HealthCheckResponse.SERVING, protos.HealthCheckResponse.NOT_SERVING]
    # The health watch, which never ends by itself, does not hold the server up.
    assert server.process.wait(20) == 0
    host, port = server.grpc_address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def grpc_code(api: Api) -> grpc.StatusCode:
    """Of a short request."""
    path = protos.methods(protos.PREDICTION_SERVICE)["Predict"].path
    predict = api.channel.unary_unary(path, protos.PredictRequest.SerializeToString)
    return predict.future(api.request(SHORT), timeout=10).code()


def is_refused(connection: http.client.HTTPConnection) -> bool:
    """Whether a short request is, by its status or by the end of the connection."""
    try:
        connection.request("POST", "/v1/models/melody:predict", json.dumps({"inputs": SHORT}))
        response = connection.getresponse()
    except ConnectionError:
        return True
    response.read()
    return response.status == http.HTTPStatus.SERVICE_UNAVAILABLE


def test_new_requests_are_refused(start_unlimited: Callable):
    server = start_unlimited(shutdown_grace_seconds=20)
    api = api_of(server)
    connection = http.client.HTTPConnection(server.rest_address, timeout=10)
    connection.request("GET", "/v1/models/melody")
    assert connection.getresponse().read()
    watch = watch_health(api)
    next(watch)
    running = start_endless(api)
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    assert next(watch).status == protos.HealthCheckResponse.NOT_SERVING

    # The word about the health is out before the doors are shut.
    wait_for(lambda: grpc_code(api) == grpc.StatusCode.UNAVAILABLE, "gRPC refuses", 5)
    wait_for(lambda: is_refused(connection), "REST refuses on an open connection", 5)
    assert not running.done()
    running.cancel()
    assert server.process.wait(10) == 0


def test_requests_get_the_grace_period_only(start_unlimited: Callable):
    server = start_unlimited(shutdown_grace_seconds=1)
    api = api_of(server)
    with ThreadPoolExecutor(1) as clients:
        running = clients.submit(api.predict, ENDLESS)
        time.sleep(0.5)
        assert not running.done()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 1
        assert running.exception().code() in (
            grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    assert "Ending with 1 requests unfinished" in server.output()


@pytest.mark.embedded
def test_rest_requests_get_the_grace_period_only(start_unlimited: Callable):
    server = start_unlimited(shutdown_grace_seconds=10, rest_api_timeout_in_ms=0)
    with start_endless_rest(api_of(server)):
        wait_for(lambda: metric(server, "running_requests") == 1, "it runs")
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(8)
        assert server.process.wait(10) == 1
    assert "Ending with 1 requests unfinished" in server.output()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_server_ends(start_server: Callable, make_models: Callable, number: int):
    server = start_server(models=str(make_models(melody=[1])))
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
