"""The gRPC side: PredictionService, ModelService, health and reflection."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from magenta_serving import protos
from magenta_serving.errors import UnimplementedError
from magenta_serving.server import requests, tls
from magenta_serving.server.core import ServerCore
from magenta_serving.server.grpc_calls import Call, CallGroup, read_request
from magenta_serving.server.health import Health
from magenta_serving.server.observer import REQUEST_ID, Observer, request_id
from magenta_serving.server.options import ServerOptions
from magenta_serving.server.request_bytes import HeldBytes, RequestBytes
from magenta_serving.server.work_queue import WorkQueue

_LAST_ANSWERS_SECONDS = 0.5
_MAX_PENDING = 4096
_MAX_CALLS_OF_CONNECTION = 128
# Open calls of all methods but Predict, and streams that watch the health.
_MAX_OTHER_CALLS = 64
_MAX_WATCHES = 1024
_SERVICES = (protos.PREDICTION_SERVICE, protos.MODEL_SERVICE, protos.HEALTH_SERVICE)
_REFLECT = protos.Method(
    f"/{reflection.SERVICE_NAME}/ServerReflectionInfo",
    reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse)


class GrpcServer:
    """Answers gRPC requests on one address. All methods belong to one event loop."""

    def __init__(self, options: ServerOptions, core: ServerCore, queue: WorkQueue,
                 request_bytes: RequestBytes, observer: Observer, reloads: WorkQueue,
                 on_refused: Callable[[str], None], ssl_config: Any = None):
        """Args:
          options: address and limits.
          core: the models.
          queue: where Predict runs.
          request_bytes: counts what requests take.
          observer: is told about each Predict.
          reloads: where configurations are replaced.
          on_refused: called with "calls" when too many are open.
          ssl_config: an SSLConfig for TLS; None for plain text.

        Raises:
          OSError: the address cannot be had.
        """
        self._core, self._queue, self._reloads = core, queue, reloads
        self._request_bytes, self._observer = request_bytes, observer
        self._predictions, self._others, self._watches = (
            CallGroup(most, request_bytes, on_refused)
            for most in (queue.capacity, _MAX_OTHER_CALLS, _MAX_WATCHES))
        self._stopping = False
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._server = grpc.aio.server(options=[
            ("grpc.max_receive_message_length", options.max_request_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_allowed_incoming_connections", options.max_connections),
            # gRPC keeps the answers that a client does not take, until its connection ends.
            ("grpc.max_concurrent_streams", _MAX_CALLS_OF_CONNECTION),
            # gRPC inflates messages whatever their size: none are compressed (a bit for each
            # algorithm, the first of which is none).
            ("grpc.compression_enabled_algorithms_bitset", 1),
            # Calls that wait for the event loop. Beyond the bound they would get CANCELLED, with no
            # word of why.
            ("grpc.server.max_pending_requests", _MAX_PENDING),
            ("grpc.server.max_pending_requests_hard_limit", _MAX_PENDING),
            # Two servers on one port would each get some of the requests.
            ("grpc.so_reuseport", 0),
        ])
        self._health = Health()
        self._reflection = reflection.aio.ReflectionServicer(
            [*_SERVICES, reflection.SERVICE_NAME], pool=protos.POOL)
        for service in _SERVICES:
            self._add_service(service, {
                name: self._handler(name, method)
                for name, method in protos.methods(service).items()})
        self._add_service(reflection.SERVICE_NAME, {
            "ServerReflectionInfo":
                self._others.handler_of(
                    _REFLECT, self._reflect, streams=True, then=self._others)})
        host = f"[{options.host}]" if ":" in options.host else options.host
        try:
            if ssl_config is None:
                self._server.add_insecure_port(f"{host}:{options.port}")
            else:
                self._server.add_secure_port(
                    f"{host}:{options.port}", tls.grpc_credentials(ssl_config))
        except RuntimeError as error:
            raise OSError(f"cannot listen for gRPC on {host}:{options.port}") from error

    async def start(self) -> None:
        await self.update_health()
        await self._server.start()

    async def update_health(self) -> None:
        """Says SERVING for what can answer now: predictions need a model, the rest does not."""
        ready = bool(self._core.manager.available()) and not self._stopping
        await self._health.set({
            "": ready, protos.PREDICTION_SERVICE: ready, protos.MODEL_SERVICE: not self._stopping})

    async def stop(self, grace: float) -> None:
        """Says NOT_SERVING, takes no new requests and gives those that run `grace` seconds."""
        self._stopping = True
        await self.update_health()
        stopping = asyncio.create_task(self._server.stop(grace))
        await asyncio.wait(
            (stopping, asyncio.create_task(self._idle.wait())),
            return_when=asyncio.FIRST_COMPLETED)
        # What is still open are streams that clients never end, such as a watch of the health; and
        # perhaps the last answers on their way.
        await self._server.stop(min(grace, _LAST_ANSWERS_SECONDS))
        await stopping

    def _add_service(self, service: str, handlers: Mapping[str, grpc.RpcMethodHandler]) -> None:
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, handlers),))

    def _handler(self, name: str, method: protos.Method) -> grpc.RpcMethodHandler:
        if name == "Watch":
            # Not counted: clients do not end it.
            return self._others.handler_of(
                method, self._health.watch, streams=True, then=self._watches)
        if name == "Predict":
            return self._predictions.handler_of(method, self._counted(self._predict))
        call = {
            "Check": self._health.check,
            "GetModelMetadata": self._get_model_metadata,
            "GetModelStatus": self._get_model_status,
            "HandleReloadConfigRequest": self._handle_reload_config,
        }.get(name) or functools.partial(_unsupported, name)
        return self._others.handler_of(method, self._counted(call))

    def _counted(self, call: Call) -> Call:
        """Keeps `_idle` true to whether calls are running."""

        async def counted(request: Any, context: grpc.aio.ServicerContext, held: HeldBytes) -> Any:
            self._active += 1
            self._idle.clear()
            try:
                return await call(request, context, held)
            finally:
                self._active -= 1
                if not self._active:
                    self._idle.set()

        return counted

    async def _predict(self, request: Any, context: grpc.aio.ServicerContext,
                       held: HeldBytes) -> Any:
        requests.check_model_spec(request)
        remaining = context.time_remaining()
        deadline = None if remaining is None else time.monotonic() + remaining
        metadata = dict(context.invocation_metadata() or ())
        id_ = request_id(metadata.get(REQUEST_ID))
        context.set_trailing_metadata(((REQUEST_ID, id_),))
        with self._observer.request(id_, request.model_spec.name) as record:
            handle = self._core.acquire(request.model_spec)
            record.served_by(handle)
            cancellation = handle.servable.new_cancellation()
            return await self._queue.run(
                functools.partial(
                    requests.predict, handle, request, deadline, cancellation, record),
                deadline, held.hand_over(handle.release), cancellation.cancel)

    async def _get_model_metadata(self, request: Any, *_: Any) -> Any:
        return requests.get_model_metadata(self._core, request)

    async def _get_model_status(self, request: Any, *_: Any) -> Any:
        return requests.get_model_status(self._core, request)

    async def _handle_reload_config(self, request: Any, context: grpc.aio.ServicerContext,
                                    held: HeldBytes) -> Any:
        await self._reloads.run(
            functools.partial(self._core.reload_config, request.config), None,
            held.hand_over(lambda: None))
        response = protos.ReloadConfigResponse()
        response.status.SetInParent()
        return response

    async def _reflect(self, request: Any, context: grpc.aio.ServicerContext,
                       _: HeldBytes) -> None:

        async def requests_of_call() -> AsyncIterator[Any]:
            next_ = request
            while next_ is not None:
                yield next_
                with self._request_bytes.hold() as held:
                    next_ = await read_request(_REFLECT, context, held)

        async for response in self._reflection.ServerReflectionInfo(requests_of_call(), context):
            await context.write(response)


async def _unsupported(name: str, *_: Any) -> Any:
    raise UnimplementedError(f"Magenta bundles have no signature for {name}; use Predict")
