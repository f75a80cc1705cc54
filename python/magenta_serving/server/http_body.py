"""Bodies of HTTP requests, which may be compressed with gzip."""

import asyncio
import zlib

from aiohttp import web

from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server.request_bytes import HeldBytes


async def read_body(request: web.Request, held: HeldBytes, largest: int,
                    timeout: float | None) -> bytes:
    """Returns a request's body, inflated.

    Args:
      request: a request of an application that does not inflate bodies itself: it would inflate
        them whatever their size, those that nobody reads, too.
      held: is told what the body takes.
      largest: bytes that it may take.
      timeout: seconds in which it must have come; None for no bound.

    Raises:
      InvalidArgumentError: it cannot be read.
      ResourceExhaustedError: all requests take too much.
      web.HTTPException: 408, it did not come in time; 413, it is too large; 415, it is compressed
        otherwise.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("gzip", "identity"):
        raise web.HTTPUnsupportedMediaType(
            text=f"Content-Encoding is {encoding!r}; gzip is allowed")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    body = bytearray()
    try:
        async with asyncio.timeout(timeout):
            async for part in request.content.iter_any():
                if gzip:
                    part = gzip.decompress(part, largest - len(body) + 1)
                    if gzip.unused_data:
                        raise InvalidArgumentError("The body goes on after its gzip stream")
                if len(body) + len(part) > largest:
                    raise web.HTTPRequestEntityTooLarge(largest, len(body) + len(part))
                held.add(len(part))
                body += part
    except web.RequestPayloadError as error:
        raise InvalidArgumentError(f"The body cannot be read: {error}") from None
    except zlib.error as error:
        raise InvalidArgumentError(f"The body is no gzip stream: {error}") from None
    except TimeoutError:
        raise web.HTTPRequestTimeout(
            text=f"The request did not come within {timeout} seconds") from None
    if gzip and not gzip.eof:
        raise InvalidArgumentError("The body ends before its gzip stream")
    return bytes(body)
