"""How gRPC calls are answered."""

import asyncio

import grpc
import pytest

from magenta_serving import protos
from magenta_serving.errors import DeadlineExceededError
from magenta_serving.server import grpc_calls
from magenta_serving.server.request_bytes import RequestBytes


METHOD = protos.methods(protos.PREDICTION_SERVICE)["Predict"]


class Context:
    """The context of a call that sends these messages."""

    def __init__(self, *messages: bytes):
        self._messages = list(messages)

    async def read(self):
        return self._messages.pop(0) if self._messages else grpc.aio.EOF

    async def abort(self, code: grpc.StatusCode, text: str):
        self.code, self.text = code, text


class NeverSends:
    """The context of a call whose client sends no request."""

    async def read(self):
        await asyncio.Event().wait()


def test_requests_that_never_come_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(grpc_calls, "_READ_SECONDS", 0.1)
    with pytest.raises(DeadlineExceededError, match="did not come within 0.1 seconds"):
        asyncio.run(grpc_calls.read_request(METHOD, NeverSends(), RequestBytes(100).hold()))


def test_calls_of_a_group_are_bounded_together():
    async def scenario():
        refused, go = [], asyncio.Event()
        group = grpc_calls.CallGroup(2, RequestBytes(100), refused.append)

        async def wait(*_):
            await go.wait()
            return "answer"

        handlers = [group.handler_of(METHOD, wait).stream_unary,
                    group.handler_of(METHOD, wait, streams=True).stream_stream]
        open_ = [asyncio.create_task(handler(None, Context(b""))) for handler in handlers]
        await asyncio.sleep(0)
        for handler in handlers:
            context = Context(b"")
            await handler(None, context)
            assert (context.code, context.text) == (
                grpc.StatusCode.RESOURCE_EXHAUSTED, "The server is busy: 2 calls are open")
        assert refused == ["calls"] * 2
        go.set()
        assert await asyncio.gather(*open_) == ["answer"] * 2
        assert await handlers[0](None, Context(b"")) == "answer"

    asyncio.run(scenario())


@pytest.mark.parametrize("messages, text", [
    ([], "The call has no PredictRequest"), ([b"\xff"], "The request is no PredictRequest")])
def test_calls_without_a_request(messages: list[bytes], text: str):
    async def scenario():
        context = Context(*messages)
        group = grpc_calls.CallGroup(1, RequestBytes(100))
        await group.handler_of(METHOD, None).stream_unary(None, context)
        assert (context.code, context.text) == (grpc.StatusCode.INVALID_ARGUMENT, text)

    asyncio.run(scenario())


def test_long_texts_of_errors_are_cut():
    async def fail(*_):
        raise DeadlineExceededError("🎵" * 5000)

    async def scenario():
        context = Context(b"")
        group = grpc_calls.CallGroup(1, RequestBytes(100))
        await group.handler_of(METHOD, fail).stream_unary(None, context)
        assert context.text == "🎵" * 256 + "...TRUNCATED"

    asyncio.run(scenario())


def test_calls_that_have_been_read_belong_to_another_group():
    async def scenario():
        held_bytes, go = RequestBytes(10), asyncio.Event()
        first, then = (grpc_calls.CallGroup(1, held_bytes) for _ in range(2))
        method = protos.methods(protos.HEALTH_SERVICE)["Watch"]
        message = protos.HealthCheckRequest(service="12345678").SerializeToString()

        async def wait(*_):
            await go.wait()

        handler = first.handler_of(method, wait, streams=True, then=then).stream_stream
        watch = asyncio.create_task(handler(None, Context(message)))
        await asyncio.sleep(0.01)
        # Its bytes count no more, and there is room for another to be read, but for no other watch.
        context = Context(message)
        await handler(None, context)
        assert context.text == "The server is busy: 1 calls are open"
        go.set()
        await watch
        await handler(None, Context(message))

    asyncio.run(scenario())
