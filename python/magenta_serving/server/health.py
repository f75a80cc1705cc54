"""gRPC's health protocol, grpc.health.v1."""

import asyncio
from collections.abc import Mapping
from typing import Any

import grpc

from magenta_serving import protos
from magenta_serving.errors import InvalidArgumentError, NotFoundError

_MAX_NAME_LENGTH = 256


class Health:
    """Tells clients which services can answer. All methods belong to one event loop.

    (In grpcio-health-checking 1.71 a watch that ends takes from all others of the same service
    what they wait for.)
    """

    def __init__(self) -> None:
        self._serving: Mapping[str, bool] = {}
        self._changed = asyncio.Condition()

    async def set(self, serving: Mapping[str, bool]) -> None:
        """Says of all services by name whether they can answer."""
        async with self._changed:
            self._serving = dict(serving)
            self._changed.notify_all()

    async def check(self, request: Any, *_: Any) -> Any:
        """Answers Check.

        Raises:
          InvalidArgumentError: the service's name is too long.
          NotFoundError: there is no such service.
        """
        service = _service(request)
        if service not in self._serving:
            raise NotFoundError(f"There is no service {service}")
        return self._response(service)

    async def watch(self, request: Any, context: grpc.aio.ServicerContext, *_: Any) -> None:
        """Answers Watch: with the state now and with each later one, until the call ends.

        Raises:
          InvalidArgumentError: the service's name is too long.
        """
        service = _service(request)
        sent = None
        while True:
            response = self._response(service)
            if response != sent:
                await context.write(response)
                sent = response
            async with self._changed:
                await self._changed.wait_for(lambda: self._response(service) != sent)

    def _response(self, service: str) -> Any:
        status = protos.HealthCheckResponse
        if service not in self._serving:
            return status(status=status.SERVICE_UNKNOWN)
        return status(status=status.SERVING if self._serving[service] else status.NOT_SERVING)


def _service(request: Any) -> str:
    length = len(request.service)
    if length > _MAX_NAME_LENGTH:
        raise InvalidArgumentError(
            f"The service's name has {length} characters; at most {_MAX_NAME_LENGTH} are allowed")
    return request.service
