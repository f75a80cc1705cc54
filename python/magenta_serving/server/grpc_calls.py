"""How gRPC calls are answered: their requests are read, errors become status codes."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from magenta_serving import protos
from magenta_serving.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    ResourceExhaustedError,
    ServableError,
)
from magenta_serving.servable import count_parts
from magenta_serving.server.request_bytes import HeldBytes, RequestBytes
from magenta_serving.server.requests import shortened

_log = logging.getLogger(__name__)

# In which a request must have come.
_READ_SECONDS = 10.0

# Parts of a request (strings, messages, lists) that are small for their number: a parsed one takes
# some ten times its bytes.
_MAX_SMALL_PARTS = 1 << 14
_USUAL_PART_BYTES = 12

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

# A request, its call's context, and what the request takes. The answer is returned, or written to
# the context if there are several.
Call = Callable[[Any, grpc.aio.ServicerContext, HeldBytes], Awaitable[Any]]


class CallGroup:
    """Calls of some methods, of which so many may be open at one time, together."""

    def __init__(self, most: int, request_bytes: RequestBytes,
                 on_refused: Callable[[str], None] = lambda reason: None):
        """Args:
          most: calls that may be open, whether their requests have come or not.
          request_bytes: counts what requests take.
          on_refused: called with "calls" when a call is refused.
        """
        self._most, self._request_bytes, self._on_refused = most, request_bytes, on_refused
        self._open = 0

    def handler_of(self, method: protos.Method, call: Call, streams: bool = False,
                   then: "CallGroup | None" = None) -> grpc.RpcMethodHandler:
        """Returns the handler of a method that `call` answers; it may raise ServableErrors.

        As gRPC sees it, requests come as a stream, of which the first is taken. On the wire that is
        the same, but grpc.aio loses memory with each read of a single request that is cancelled
        (https://github.com/grpc/grpc/issues/43360), and only a stream is read by us, who can shield
        it.

        Args:
          method: the method.
          call: answers it.
          streams: whether there may be several answers.
          then: where calls belong once their request has come, which counts no more then; None if
            they stay here.
        """

        async def handle(_: Any, context: grpc.aio.ServicerContext) -> Any:
            try:
                return await self._answer(method, call, context, then)
            except ServableError as error:
                # Not the error itself, which would keep the request for as long as it is there.
                number, text = error.number, error.message
            except Exception as error:
                _log.exception("%s failed", method.path)
                internal = InternalError(f"{type(error).__name__}: {error}")
                number, text = internal.number, internal.message
            await context.abort(_STATUS_CODES[number], shortened(text))

        handler = (grpc.stream_stream_rpc_method_handler if streams
                   else grpc.stream_unary_rpc_method_handler)
        return handler(handle, response_serializer=method.response.SerializeToString)

    async def _answer(self, method: protos.Method, call: Call, context: grpc.aio.ServicerContext,
                      then: "CallGroup | None") -> Any:
        with self._one_more(), self._request_bytes.hold() as held:
            request = await read_request(method, context, held)
            if request is None:
                raise InvalidArgumentError(f"The call has no {method.request.DESCRIPTOR.name}")
            if then is None:
                return await call(request, context, held)
        with then._one_more():
            return await call(request, context, held)

    @contextlib.contextmanager
    def _one_more(self) -> Iterator[None]:
        if self._open >= self._most:
            self._on_refused("calls")
            raise ResourceExhaustedError(f"The server is busy: {self._open} calls are open")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


async def read_request(method: protos.Method, context: grpc.aio.ServicerContext,
                       held: HeldBytes) -> Any:
    """Returns the next request of a call, or None if there is none.

    Raises:
      DeadlineExceededError: it did not come within 10 seconds.
      InvalidArgumentError: it is no such message, or has too many parts for its size.
      ResourceExhaustedError: all requests take too much.
    """
    name = method.request.DESCRIPTOR.name
    read = asyncio.ensure_future(context.read())
    # It goes on until the call has ended, and then fails where nobody waits for it any more.
    read.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        async with asyncio.timeout(_READ_SECONDS):
            data = await asyncio.shield(read)
    except TimeoutError:
        raise DeadlineExceededError(
            f"The request did not come within {_READ_SECONDS:g} seconds") from None
    if data is grpc.aio.EOF:
        return None
    held.add(len(data))
    parts = count_parts(data)
    if parts > _MAX_SMALL_PARTS + len(data) // _USUAL_PART_BYTES:
        raise InvalidArgumentError(f"The {name} has {parts} parts in {len(data)} bytes")
    try:
        return method.request.FromString(data)
    except DecodeError:
        raise InvalidArgumentError(f"The request is no {name}") from None
