"""Connections that are too many, and answers that nobody takes."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from aiohttp import web

from magenta_serving.server import connections

MOST = 3


async def good(_: web.Request) -> web.Response:
    return connections.Answer(body=b"good")


async def large(_: web.Request) -> web.Response:
    return connections.Answer(body=bytes(50_000_000))


async def start(handle: Callable) -> tuple[web.AppRunner, asyncio.Server, int]:
    """Starts a server that answers so, on a free port, which is returned."""
    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    listener = await connections.listen(runner.server, MOST, "127.0.0.1", 0, None)
    return runner, listener, listener.sockets[0].getsockname()[1]


def test_one_too_many():
    async def scenario():
        runner, listener, port = await start(good)
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST)]
        await asyncio.sleep(0.1)
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
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


def test_answer_that_nobody_takes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "_STALLED_MILLISECONDS", 300)

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
        watch = asyncio.create_task(connections.hang_up_on_departed(runner.server))
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        await asyncio.wait_for(started.wait(), 10)
        connection, = runner.server.connections
        assert not connection.transport.is_reading()
        await asyncio.sleep(3 * connections._LOOK_SECONDS)
        assert not cancelled.is_set()
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 10)
        watch.cancel()
        listener.close()
        await runner.cleanup()

    asyncio.run(scenario())
