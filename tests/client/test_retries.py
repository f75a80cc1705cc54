"""What the clients do when a server is not there for a moment, or takes its time."""

import asyncio
import threading
import time
from concurrent import futures

import grpc
import pytest

from magenta_serving import AsyncMagentaClient, MagentaClient, errors, protos

METHOD = protos.methods(protos.MODEL_SERVICE)["GetModelStatus"]


@pytest.fixture
def flaky():
    """A gRPC server that answers GetModelStatus with the given codes, one after another, then OK.

    It is started with flaky(codes) and returns its address and the times at which it was called.
    """
    servers = []

    def start(codes, seconds=0.0):
        calls, codes, lock = [], list(codes), threading.Lock()

        def answer(request, context):
            with lock:
                calls.append(time.monotonic())
                code = codes.pop(0) if codes else None
            time.sleep(seconds)
            if code is not None:
                context.abort(code, "not now")
            response = METHOD.response()
            response.model_version_status.add(version=3, state=30)
            return response

        server = grpc.server(futures.ThreadPoolExecutor(2))
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
            protos.MODEL_SERVICE, {"GetModelStatus": grpc.unary_unary_rpc_method_handler(
                answer, METHOD.request.FromString, METHOD.response.SerializeToString)})])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}", calls

    yield start
    for server in servers:
        server.stop(None).wait()


def blocking(address, **settings):
    with MagentaClient(address, **settings) as client:
        return client.status()


def awaited(address, **settings):
    async def main():
        async with AsyncMagentaClient(address, **settings) as client:
            return await client.status()

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("status", [blocking, awaited])


@BOTH
def test_unavailable_twice_is_no_error(flaky, status):
    address, calls = flaky([grpc.StatusCode.UNAVAILABLE] * 2)
    assert [version.version for version in status(address)] == [3]
    assert len(calls) == 3


@BOTH
def test_unavailable_for_good_is_one(flaky, status):
    address, calls = flaky([grpc.StatusCode.UNAVAILABLE] * 9)
    with pytest.raises(errors.UnavailableError, match=f"{address}: not now"):
        status(address)
    assert len(calls) == 3


@BOTH
@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "INTERNAL"])
def test_other_errors_are_not_tried_again(flaky, status, code):
    address, calls = flaky([grpc.StatusCode[code]])
    with pytest.raises(errors.ServableError, match="not now") as error:
        status(address)
    assert error.value.code == code
    assert len(calls) == 1


@BOTH
def test_the_timeout_counts_for_all_attempts(flaky, status):
    address, calls = flaky([grpc.StatusCode.UNAVAILABLE] * 9, seconds=0.6)
    with pytest.raises(errors.DeadlineExceededError, match=address):
        status(address, timeout=1.0)
    assert 1 <= len(calls) < 3


@BOTH
def test_options_of_the_channel_win(flaky, status):
    address, calls = flaky([grpc.StatusCode.UNAVAILABLE])
    with pytest.raises(errors.UnavailableError):
        status(address, options=[("grpc.enable_retries", 0)])
    assert len(calls) == 1
