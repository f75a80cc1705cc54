"""gRPC's health protocol."""

import asyncio

import pytest

from magenta_serving import protos
from magenta_serving.errors import InvalidArgumentError, NotFoundError
from magenta_serving.server.health import Health

STATUS = protos.HealthCheckResponse


class Watcher:
    """The context of a watch."""

    def __init__(self, health: Health, service: str):
        self.seen: list[int] = []
        request = protos.HealthCheckRequest(service=service)
        self.task = asyncio.create_task(health.watch(request, self, None))

    async def write(self, response: STATUS) -> None:
        self.seen.append(response.status)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_check():
    async def scenario():
        health = Health()
        await health.set({"a": True, "b": False})
        for service, status in (("a", STATUS.SERVING), ("b", STATUS.NOT_SERVING)):
            request = protos.HealthCheckRequest(service=service)
            assert (await health.check(request, None, None)).status == status
        long = protos.HealthCheckRequest(service="a" * 257)
        for call in (health.check, health.watch):
            with pytest.raises(InvalidArgumentError, match="257 characters; at most 256"):
                await call(long, None, None)
        with pytest.raises(NotFoundError, match="no service c"):
            await health.check(protos.HealthCheckRequest(service="c"), None, None)

    asyncio.run(scenario())


def test_watches_see_each_change_once_and_do_not_need_each_other():
    async def scenario():
        health = Health()
        await health.set({"a": False})
        first, second, other = (Watcher(health, service) for service in ("a", "a", "b"))
        await settled()
        await health.set({"a": True})
        await settled()
        await health.set({"a": True})
        await settled()
        first.task.cancel()
        await settled()
        await health.set({"a": False, "b": True})
        await settled()
        assert first.seen == [STATUS.NOT_SERVING, STATUS.SERVING]
        assert second.seen == [STATUS.NOT_SERVING, STATUS.SERVING, STATUS.NOT_SERVING]
        assert other.seen == [STATUS.SERVICE_UNKNOWN, STATUS.SERVING]
        for watcher in (second, other):
            watcher.task.cancel()

    asyncio.run(scenario())
