"""How requests of gRPC calls are read."""

import asyncio

import pytest

from magenta_serving import protos
from magenta_serving.errors import DeadlineExceededError
from magenta_serving.server import grpc_calls
from magenta_serving.server.request_bytes import RequestBytes


class NeverSends:
    """The context of a call whose client sends no request."""

    async def read(self):
        await asyncio.Event().wait()


def test_requests_that_never_come_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(grpc_calls, "_READ_SECONDS", 0.1)
    method = protos.methods(protos.PREDICTION_SERVICE)["Predict"]
    with pytest.raises(DeadlineExceededError, match="did not come within 0.1 seconds"):
        asyncio.run(grpc_calls._read(method, NeverSends(), RequestBytes(100).hold()))
