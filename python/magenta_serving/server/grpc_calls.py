"""How a gRPC call is answered: its request is read, errors become status codes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from magenta_serving import protos
from magenta_serving.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    ServableError,
)
from magenta_serving.servable import count_parts
from magenta_serving.server.request_bytes import HeldBytes, RequestBytes

_log = logging.getLogger(__name__)

# Longer texts would not fit into the headers in which gRPC sends them.
_MAX_ERROR_LENGTH = 1024

# In which the request of a call must have come.
_READ_SECONDS = 10.0

# Parts of a request (strings, messages, lists) that are small for their number: a parsed one takes
# some ten times its bytes.
_MAX_SMALL_PARTS = 1 << 14
_USUAL_PART_BYTES = 12

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

# A request, its call's context, and what the request takes.
Call = Callable[[Any, grpc.aio.ServicerContext, HeldBytes], Awaitable[Any]]


def handler_of(method: protos.Method, call: Call, request_bytes: RequestBytes,
               check_room: Callable[[int], None]) -> grpc.RpcMethodHandler:
    """Returns the handler of a unary method that `call` answers; it may raise ServableErrors.

    So may `check_room`, which is told how many calls of the method are open when another one comes,
    whether their requests have come or not.

    As gRPC sees it, requests come as a stream, of which the first is taken. On the wire that is the
    same, but grpc.aio loses memory with each read of a single request that is cancelled
    (https://github.com/grpc/grpc/issues/43360), and only a stream is read by us, who can shield it.
    """

    open_calls = 0

    async def handle(_: Any, context: grpc.aio.ServicerContext) -> Any:
        nonlocal open_calls
        try:
            check_room(open_calls)
            open_calls += 1
            try:
                with request_bytes.hold() as held:
                    return await call(await _read(method, context, held), context, held)
            finally:
                open_calls -= 1
        except ServableError as error:
            # Not the error itself, which would keep the request for as long as it is there.
            number, text = error.number, error.message
        except Exception as error:
            _log.exception("%s failed", method.path)
            internal = InternalError(f"{type(error).__name__}: {error}")
            number, text = internal.number, internal.message
        if len(text) > _MAX_ERROR_LENGTH:
            text = text[:_MAX_ERROR_LENGTH] + "...TRUNCATED"
        await context.abort(_STATUS_CODES[number], text)

    return grpc.stream_unary_rpc_method_handler(
        handle, response_serializer=method.response.SerializeToString)


async def _read(method: protos.Method, context: grpc.aio.ServicerContext,
                held: HeldBytes) -> Any:
    """Returns a call's request."""
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
        raise InvalidArgumentError(f"The call has no {name}")
    held.add(len(data))
    parts = count_parts(data)
    if parts > _MAX_SMALL_PARTS + len(data) // _USUAL_PART_BYTES:
        raise InvalidArgumentError(f"The {name} has {parts} parts in {len(data)} bytes")
    try:
        return method.request.FromString(data)
    except DecodeError:
        raise InvalidArgumentError(f"The request is no {name}") from None
