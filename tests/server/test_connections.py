"""Connections that are too many, and answers that nobody takes."""

import asyncio
import socket
import ssl
from collections.abc import Callable

import pytest
from aiohttp import web

from magenta_serving.server import connections

MOST = 3


async def good(_: web.Request) -> web.Response:
    return connections.Answer(body=b"good")


async def start(handle: Callable, ssl_context: ssl.SSLContext | None = None,
                ) -> tuple[web.AppRunner, connections.Listener, int]:
    """Starts a server that answers so, on a free port, which is returned."""
    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    listener = await connections.Listener.open(
        runner.server, MOST, "127.0.0.1", 0, ssl_context)
    return runner, listener, listener.port


def test_addresses(monkeypatch: pytest.MonkeyPatch):
    """A machine may lack some addresses of a name, not all, and none may be taken."""

    def resolve(*addresses: str):
        async def getaddrinfo(*_: object, **__: object):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
                    for address in addresses]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    async def scenario():
        runner, listener, port = await start(good)
        for host in ("127.0.0.1", "192.0.2.1"):
            with pytest.raises(OSError):
                await connections.Listener.open(runner.server, MOST, host, port, None)
        resolve("127.0.0.1", "192.0.2.1")
        other = await connections.Listener.open(runner.server, MOST, "name", 0, None)
        assert len(other._sockets) == 1
        for each in (listener, other):
            each.close()
        await runner.cleanup()

    asyncio.run(scenario())


def test_one_too_many():
    async def scenario():
        runner, listener, port = await start(good)
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST + 1)]
        reader, _ = streams.pop()
        assert await asyncio.wait_for(reader.read(), 10) == b""
        # Those that were there before are good, and make room when they go.
        for reader, writer in streams:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"good")
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"good")
        listener.close()
        await runner.cleanup()

    asyncio.run(scenario())


def test_handshakes_that_do_not_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "_HANDSHAKE_SECONDS", 1)

    async def scenario():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        runner, listener, port = await start(good, context)
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST + 1)]
        # One too many is closed at once, the others after a while.
        assert await asyncio.wait_for(streams[MOST][0].read(), 10) == b""
        assert listener._beginning == MOST
        for reader, _ in streams:
            assert await asyncio.wait_for(reader.read(), 10) == b""
        assert listener._beginning == 0
        listener.close()
        await runner.cleanup()

    asyncio.run(scenario())


@pytest.mark.parametrize("bound, value, response", [
    ("_STALLED_MILLISECONDS", 300, web.Response), ("_ANSWER_SECONDS", 0.3, connections.Answer)])
def test_answer_that_nobody_takes(monkeypatch: pytest.MonkeyPatch, bound: str, value: float,
                                  response: type[web.Response]):
    monkeypatch.setattr(connections, bound, value)

    async def large(_: web.Request) -> web.Response:
        return response(body=bytes(50_000_000))

    async def scenario():
        runner, listener, port = await start(large)
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in range(100):
                await asyncio.sleep(0.1)
                if not runner.server.connections and runner.server.requests_count:
                    break
            assert (runner.server.requests_count, runner.server.connections) == (1, [])
        listener.close()
        await runner.cleanup()

    asyncio.run(scenario())


def test_client_that_asked_for_much_and_left():
    async def scenario():
        started, cancelled = asyncio.Event(), asyncio.Event()

        async def endless(_: web.Request) -> web.Response:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        runner, listener, port = await start(endless)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        await asyncio.wait_for(started.wait(), 10)
        connection, = runner.server.connections
        assert not connection.transport.is_reading()
        await asyncio.sleep(3 * connections._LOOK_SECONDS)
        assert not cancelled.is_set()
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 10)
        listener.close()
        await runner.cleanup()

    asyncio.run(scenario())
