"""The client for asyncio: MagentaClient's methods, to be awaited."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import grpc
import grpc.aio
import numpy as np

from magenta_serving.client import channel
from magenta_serving.client.calls import Call, Calls, Primer, Where
from magenta_serving.client.results import Generation, Score, VersionStatus
from magenta_serving.protos import NoteSequence
from magenta_serving.signatures import Signature

_Result = TypeVar("_Result")


class AsyncMagentaClient:
    """Calls one server; for one event loop, in which it is made; an async context manager.

    Methods take, return and raise what those of `MagentaClient` do. Any number of them may be under
    way at once; one that is cancelled cancels its request.
    """

    def __init__(
        self,
        address: str = "localhost:8500",
        *,
        timeout: float = 30.0,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
    ):
        """Opens a channel; it connects at the first call.

        Args:
            address: HOST:PORT of the server's gRPC port.
            timeout: seconds that a method may take, its retries included; each call may say
                otherwise.
            credentials: for TLS; plain text when None.
            options: gRPC channel options, which win over the client's own.
        """
        self.address = address
        self.timeout = timeout
        self._channel = channel.open_channel(grpc.aio, address, credentials, options)
        self._methods = channel.methods(self._channel)
        self._calls = Calls()

    async def __aenter__(self) -> "AsyncMagentaClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the channel; calls under way are cancelled."""
        await self._channel.close()

    async def generate(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        primer: Primer | None = None,
        num_steps: int | None = None,
        num_outputs: int | None = None,
        qpm: float | None = None,
        temperature: float | None = None,
        beam_size: int | None = None,
        branch_factor: int | None = None,
        steps_per_iteration: int | None = None,
        seed: int | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> list[NoteSequence]:
        """See `MagentaClient.generate`."""
        settings = {
            "num_steps": num_steps, "num_outputs": num_outputs, "qpm": qpm,
            "temperature": temperature, "beam_size": beam_size, "branch_factor": branch_factor,
            "steps_per_iteration": steps_per_iteration, "seed": seed, **inputs,
        }
        return await self._run(
            self._calls.generate(Where(model, version, label), primer, settings), timeout)

    async def generate_detailed(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        primer: Primer | None = None,
        num_steps: int | None = None,
        num_outputs: int | None = None,
        qpm: float | None = None,
        temperature: float | None = None,
        beam_size: int | None = None,
        branch_factor: int | None = None,
        steps_per_iteration: int | None = None,
        seed: int | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> list[Generation]:
        """See `MagentaClient.generate_detailed`."""
        settings = {
            "num_steps": num_steps, "num_outputs": num_outputs, "qpm": qpm,
            "temperature": temperature, "beam_size": beam_size, "branch_factor": branch_factor,
            "steps_per_iteration": steps_per_iteration, "seed": seed, **inputs,
        }
        return await self._run(
            self._calls.generate_detailed(Where(model, version, label), primer, settings), timeout)

    async def score(
        self,
        model: str = "melody",
        sequence: Primer | None = None,
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> Score:
        """See `MagentaClient.score`."""
        return await self._run(
            self._calls.score(Where(model, version, label), sequence, inputs), timeout)

    async def predict(
        self,
        model: str,
        inputs: Mapping[str, Any],
        *,
        signature: str | None = None,
        outputs: Iterable[str] | None = None,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, np.ndarray]:
        """See `MagentaClient.predict`."""
        return await self._run(
            self._calls.predict(Where(model, version, label), inputs, signature, outputs),
            timeout)

    async def signatures(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Signature]:
        """See `MagentaClient.signatures`."""
        return await self._run(self._calls.signatures(Where(model, version, label)), timeout)

    async def status(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> list[VersionStatus]:
        """See `MagentaClient.status`."""
        return await self._run(self._calls.status(Where(model, version, label)), timeout)

    async def _run(
        self, conversation: Generator[Call, Any, _Result], timeout: float | None
    ) -> _Result:
        deadline = channel.Deadline(self.timeout if timeout is None else timeout)
        response = None
        try:
            while True:
                call = conversation.send(response)
                response = await self._methods[call.method](call.request, timeout=deadline.left())
        except StopIteration as end:
            return end.value
        except grpc.RpcError as error:
            raise channel.to_error(error, self.address) from error
