"""How a gRPC call is answered: its request is read, errors become status codes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from magenta_serving import protos
from magenta_serving.errors import InternalError, InvalidArgumentError, ServableError

_log = logging.getLogger(__name__)

# Longer texts would not fit into the headers in which gRPC sends them.
_MAX_ERROR_LENGTH = 1024

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

Call = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]


def handler_of(method: protos.Method, call: Call) -> grpc.RpcMethodHandler:
    """Returns the handler of a unary method that `call` answers; it may raise ServableErrors.

    As gRPC sees it, requests come as a stream, of which the first is taken. On the wire that is the
    same, but grpc.aio loses memory with each read of a single request that is cancelled
    (https://github.com/grpc/grpc/issues/43360), and only a stream is read by us, who can shield it.
    """

    async def handle(_: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            data = await asyncio.shield(context.read())
            return await call(_parsed(method, data), context)
        except ServableError as failure:
            error = failure
        except Exception as failure:
            _log.exception("%s failed", method.path)
            error = InternalError(f"{type(failure).__name__}: {failure}")
        text = error.message
        if len(text) > _MAX_ERROR_LENGTH:
            text = text[:_MAX_ERROR_LENGTH] + "...TRUNCATED"
        await context.abort(_STATUS_CODES[error.number], text)

    return grpc.stream_unary_rpc_method_handler(
        handle, response_serializer=method.response.SerializeToString)


def _parsed(method: protos.Method, data: Any) -> Any:
    name = method.request.DESCRIPTOR.name
    if data is grpc.aio.EOF:
        raise InvalidArgumentError(f"The call has no {name}")
    try:
        return method.request.FromString(data)
    except DecodeError:
        raise InvalidArgumentError(f"The request is no {name}") from None
