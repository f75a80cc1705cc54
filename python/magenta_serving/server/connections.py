"""The HTTP connections of one address: so many, and none that its client has given up."""

import asyncio
import select
import socket
import ssl

from aiohttp import web

# After which a client is given up that takes nothing of what is sent to it.
_STALLED_MILLISECONDS = 60_000

_LOOK_SECONDS = 0.5


class _Refused(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()


async def listen(server: web.Server, most: int, host: str, port: int,
                 ssl_context: ssl.SSLContext | None) -> asyncio.Server:
    """Accepts connections for a server of aiohttp, and closes those beyond `most` at once.

    (Some more may be open if they come in one turn of the event loop.)

    Raises:
      OSError: the address cannot be had.
    """

    def protocol() -> asyncio.Protocol:
        return server() if len(server.connections) < most else _Refused()

    listener = await asyncio.get_running_loop().create_server(
        protocol, host, port, ssl=ssl_context)
    for listening in listener.sockets:
        # Connections have it from there.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MILLISECONDS)
    return listener


async def hang_up_on_departed(server: web.Server) -> None:
    """Looks for clients that have gone, for ever, so that what runs for them is cancelled.

    asyncio sees that itself, but not where aiohttp does not read on, as the client sent many
    requests at once.
    """
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        poll = select.poll()
        unread = {transport.get_extra_info("socket").fileno(): transport
                  for transport in (connection.transport for connection in server.connections)
                  if transport and not transport.is_closing() and not transport.is_reading()}
        for file in unread:
            poll.register(file, select.POLLRDHUP)
        for file, _ in poll.poll(0):
            unread[file].abort()


class Answer(web.Response):
    """A response that a client must take within a minute; else the connection is closed."""

    async def write_eof(self, data: bytes = b"") -> None:
        transport = self._req.transport
        try:
            async with asyncio.timeout(_STALLED_MILLISECONDS / 1000):
                await super().write_eof(data)
        except TimeoutError:
            if transport is not None:
                transport.abort()
            raise ConnectionResetError("The answer was not taken") from None
