"""Requests let in a second, over sockets (the bucket itself: tests/server/test_rate_limit.py)."""

from collections.abc import Callable

import grpc
import pytest

from magenta_serving import protos

from ..contract.api import Api

pytestmark = pytest.mark.embedded


def test_both_apis_share_the_rate(start_server: Callable, make_models: Callable):
    # Slow enough that nothing is refilled while the test runs.
    server = start_server(models=str(make_models(melody=[1])), max_requests_per_second=0.001)
    api = Api(server.grpc_address, server.rest_address, "melody")
    assert api.predict({"num_steps": 16})
    with pytest.raises(grpc.RpcError) as error:
        api.predict({"num_steps": 16})
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "0.001 requests a second" in error.value.details()
    status, answer, _ = api.rest("/v1/models/melody:predict", {"inputs": {"num_steps": 16}})
    assert status == 429 and "0.001 requests a second" in answer["error"]
    # What tells about the server is not limited.
    assert api.states()[1][0] == "AVAILABLE"
    health = api.call(protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest())
    assert health.status == protos.HealthCheckResponse.SERVING
