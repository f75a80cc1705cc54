"""The gRPC side: PredictionService, ModelService, health and reflection."""

import asyncio
import functools
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from magenta_serving import protos
from magenta_serving.errors import UnimplementedError
from magenta_serving.server import requests, tls
from magenta_serving.server.core import ServerCore
from magenta_serving.server.grpc_calls import Call, handler_of
from magenta_serving.server.observer import REQUEST_ID, Observer, request_id
from magenta_serving.server.options import ServerOptions
from magenta_serving.server.request_bytes import HeldBytes, RequestBytes
from magenta_serving.server.work_queue import WorkQueue

_LAST_ANSWERS_SECONDS = 0.5
_MAX_PENDING = 4096


class GrpcServer:
    """Answers gRPC requests on one address. All methods belong to one event loop."""

    def __init__(self, options: ServerOptions, core: ServerCore, queue: WorkQueue,
                 request_bytes: RequestBytes, observer: Observer, control: Executor,
                 ssl_config: Any = None):
        """Args:
          options: address and limits.
          core: the models.
          queue: where Predict runs.
          request_bytes: counts what requests take.
          observer: is told about each Predict.
          control: where the slow calls that change the server run.
          ssl_config: an SSLConfig for TLS; None for plain text.

        Raises:
          OSError: the address cannot be had.
        """
        self._core, self._queue, self._control = core, queue, control
        self._request_bytes, self._observer = request_bytes, observer
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._server = grpc.aio.server(options=[
            ("grpc.max_receive_message_length", options.max_request_bytes),
            ("grpc.max_send_message_length", -1),
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
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._add_service(protos.PREDICTION_SERVICE, {
            "Predict": self._predict,
            "GetModelMetadata": self._get_model_metadata,
            **{name: functools.partial(_unsupported, name)
               for name in ("Classify", "Regress", "MultiInference")},
        })
        self._add_service(protos.MODEL_SERVICE, {
            "GetModelStatus": self._get_model_status,
            "HandleReloadConfigRequest": self._handle_reload_config,
        })
        reflection.enable_server_reflection(
            [protos.PREDICTION_SERVICE, protos.MODEL_SERVICE, protos.HEALTH_SERVICE,
             reflection.SERVICE_NAME], self._server, pool=protos.POOL)
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
        ready = bool(self._core.manager.available())
        for service, serving in (("", ready), (protos.PREDICTION_SERVICE, ready),
                                 (protos.MODEL_SERVICE, True)):
            status = health_pb2.HealthCheckResponse
            await self._health.set(service, status.SERVING if serving else status.NOT_SERVING)

    async def stop(self, grace: float) -> None:
        """Says NOT_SERVING, takes no new requests and gives those that run `grace` seconds."""
        await self._health.enter_graceful_shutdown()
        stopping = asyncio.create_task(self._server.stop(grace))
        await asyncio.wait(
            (stopping, asyncio.create_task(self._idle.wait())),
            return_when=asyncio.FIRST_COMPLETED)
        # What is still open are streams that clients never end, such as a watch of the health; and
        # perhaps the last answers on their way.
        await self._server.stop(min(grace, _LAST_ANSWERS_SECONDS))
        await stopping

    def _add_service(self, service: str, calls: Mapping[str, Call]) -> None:
        handlers = {
            name: handler_of(
                method, self._counted(calls[name]), self._request_bytes, self._queue.check_room)
            for name, method in protos.methods(service).items()}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, handlers),))

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

    async def _handle_reload_config(self, request: Any, *_: Any) -> Any:
        await asyncio.get_running_loop().run_in_executor(
            self._control, self._core.reload_config, request.config)
        response = protos.ReloadConfigResponse()
        response.status.SetInParent()
        return response


async def _unsupported(name: str, *_: Any) -> Any:
    raise UnimplementedError(f"Magenta bundles have no signature for {name}; use Predict")
