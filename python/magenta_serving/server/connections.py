"""The HTTP connections of one address: so many, and none that its client has given up."""

import asyncio
import errno
import logging
import select
import socket
import ssl
from collections.abc import Coroutine

from aiohttp import web

_log = logging.getLogger(__name__)

# In which a client must take something of what is sent to it, and all of an answer.
_STALLED_MILLISECONDS = 60_000
_ANSWER_SECONDS = 60.0
_HANDSHAKE_SECONDS = 10.0
# Between looks for clients that have gone, and tries to accept after an error.
_LOOK_SECONDS = 0.5
_BACKLOG = 128
# A name may have an address of IPv6 on a machine that does without.
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class Listener:
    """Accepts the connections of one address for a server of aiohttp, and watches over them.

    All methods belong to one event loop.
    """

    def __init__(self, server: web.Server, most: int, ssl_context: ssl.SSLContext | None):
        self._server, self._most, self._ssl = server, most, ssl_context
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task] = set()
        # Connections that the server does not know yet, such as those in a handshake of TLS.
        self._beginning = 0

    @classmethod
    async def open(cls, server: web.Server, most: int, host: str, port: int,
                   ssl_context: ssl.SSLContext | None) -> "Listener":
        """Begins to accept.

        Args:
          server: gets the connections.
          most: that may be open at one time; more are closed at once.
          host, port: the address, which may be several for a name.
          ssl_context: for TLS; None for plain text.

        Raises:
          OSError: the address cannot be had.
        """
        listener = cls(server, most, ssl_context)
        try:
            await listener._bind(host, port)
        except OSError:
            listener.close()
            raise
        listener._run(listener._hang_up_on_departed())
        return listener

    @property
    def port(self) -> int:
        """Where it listens, also if it was opened on port 0."""
        return self._sockets[0].getsockname()[1]

    def close(self) -> None:
        """Accepts no more; those that are open stay so."""
        for task in self._tasks:
            task.cancel()
        for listening in self._sockets:
            listening.close()

    async def _bind(self, host: str, port: int) -> None:
        addresses = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        failure = None
        for family, _, _, _, address in sorted(set(addresses)):
            try:
                listening = socket.create_server(address, family=family, backlog=_BACKLOG)
            except OSError as error:
                if error.errno not in _NO_SUCH_ADDRESS:
                    raise
                failure = error
                continue
            self._sockets.append(listening)
            listening.setblocking(False)
            # Connections have it from there.
            listening.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MILLISECONDS)
            self._run(self._accept(listening))
        if failure and not self._sockets:
            raise failure

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError as error:
                # The client has gone, or too many files are open.
                _log.warning("Cannot accept a connection: %s", error)
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            if self._beginning + len(self._server.connections) >= self._most:
                connection.close()
                continue
            self._beginning += 1
            self._run(self._begin(connection))

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._server, connection, ssl=self._ssl,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if self._ssl else None)
        except OSError:
            # It speaks no TLS, has not the certificate that it needs, or has gone.
            connection.close()
        finally:
            self._beginning -= 1

    async def _hang_up_on_departed(self) -> None:
        """Looks for clients that have gone, so that what runs for them is cancelled.

        asyncio sees that itself, but not where aiohttp does not read on, as the client sent many
        requests at once.
        """
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            poll = select.poll()
            unread = {
                transport.get_extra_info("socket").fileno(): transport
                for transport in (connection.transport for connection in self._server.connections)
                if transport and not transport.is_closing() and not transport.is_reading()}
            for file in unread:
                poll.register(file, select.POLLRDHUP)
            for file, _ in poll.poll(0):
                unread[file].abort()

    def _run(self, work: Coroutine) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Answer(web.Response):
    """A response that a client must take within a minute; else the connection is closed."""

    async def write_eof(self, data: bytes = b"") -> None:
        transport = self._req.transport
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await super().write_eof(data)
        except TimeoutError:
            if transport is not None:
                transport.abort()
            raise ConnectionResetError("The answer was not taken") from None
