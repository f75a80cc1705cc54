"""A request that nobody waits for any more stops at its next step.

The requests would run for hours. That they have stopped is told by the one request thread of the
embedded server, which is free again, and by the metrics of tensorflow_model_server, which count a
request when it ends.
"""

import json
import pathlib
import socket
import time
from collections.abc import Callable

import grpc
import pytest
from magenta_serving import protos

from tests.contract.api import Api, wait_for
from tests.long_requests import ENDLESS
from tests.metrics import metric

from .conftest import SHORT, api_of


def start_endless(api: Api, timeout: float | None = None) -> grpc.Future:
    method = protos.methods(protos.PREDICTION_SERVICE)["Predict"]
    call = api.channel.unary_unary(method.path, method.request.SerializeToString)
    return call.future(api.request(ENDLESS), timeout=timeout)


def start_endless_rest(api: Api) -> socket.socket:
    """Sends the request over a connection that is returned."""
    host, port = api.rest_address.split(":")
    connection = socket.create_connection((host, int(port)))
    body = json.dumps({"inputs": ENDLESS}).encode()
    connection.sendall(b"POST /v1/models/melody:predict HTTP/1.1\r\nHost: localhost\r\n"
                       b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    return connection


def cancel(api: Api) -> None:
    call = start_endless(api)
    time.sleep(0.5)
    assert not call.done()
    call.cancel()


def go_away(api: Api) -> None:
    call = start_endless(api)
    time.sleep(0.5)
    assert not call.done()
    api.channel.close()


def miss_deadline(api: Api) -> None:
    assert start_endless(api, timeout=0.5).code() == grpc.StatusCode.DEADLINE_EXCEEDED


def hang_up(api: Api) -> None:
    connection = start_endless_rest(api)
    time.sleep(0.5)
    connection.close()


@pytest.mark.embedded
@pytest.mark.parametrize("leave", [cancel, go_away, miss_deadline, hang_up])
def test_thread_of_embedded_server_is_free_again(start_unlimited: Callable, leave: Callable):
    server = start_unlimited(request_threads=1, rest_api_timeout_in_ms=0)
    leave(api_of(server))
    assert api_of(server).predict(SHORT)


@pytest.mark.embedded
def test_running_request_keeps_its_thread(start_unlimited: Callable):
    """What the tests above rely on: as long as the client waits, the one thread is taken."""
    api = api_of(start_unlimited(request_threads=1, shutdown_grace_seconds=0))
    call = start_endless(api)
    time.sleep(0.5)
    with pytest.raises(grpc.RpcError) as error:
        api.predict(SHORT, timeout=2)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert not call.done()


@pytest.mark.model_server
@pytest.mark.parametrize("leave, labels", [
    (cancel, {"code": "CANCELLED"}), (go_away, {"code": "CANCELLED"}), (miss_deadline, {}),
    (hang_up, {"code": "DEADLINE_EXCEEDED"})])
def test_model_server_counts_it_as_ended(
    start_unlimited: Callable, tmp_path: pathlib.Path, leave: Callable, labels: dict
):
    config = tmp_path / "monitoring.config"
    config.write_text("prometheus_config { enable: true }")
    # REST alone has no other end: see servable/model_server/client_watch.h.
    server = start_unlimited(monitoring_config_file=config, rest_api_timeout_in_ms=1000)
    leave(api_of(server))
    wait_for(lambda: metric(server, "request_count", **labels) == 1, "the request has ended")
    # It was at work before.
    assert metric(server, "step_count") > 0
