"""The REST side: TensorFlow Serving's paths and JSON."""

import asyncio
import contextlib
import functools
import json
import logging
import re
import threading
import time
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from magenta_serving import protos
from magenta_serving.errors import InternalError, InvalidArgumentError, ServableError
from magenta_serving.server import requests, rest_json, tls
from magenta_serving.server.connections import Answer, Listener
from magenta_serving.server.core import ServerCore
from magenta_serving.server.http_body import read_body
from magenta_serving.server.manager import ServableHandle
from magenta_serving.server.metrics import PATH, Metrics
from magenta_serving.server.observer import REQUEST_ID, Observer, RequestRecord, request_id
from magenta_serving.server.options import ServerOptions
from magenta_serving.server.page import Page
from magenta_serving.server.request_bytes import HeldBytes, RequestBytes
from magenta_serving.server.work_queue import WorkQueue

_log = logging.getLogger(__name__)

_JSON = "application/json"

_MODEL = r"(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"/v1/models/{_MODEL}:(?P<method>classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(rf"/v1/models/{_MODEL}(?P<metadata>/metadata)?", re.IGNORECASE)

# Held while a large body is parsed, which takes twenty times its memory. Several are parsed no
# faster at once, since Python runs one thread at a time.
_PARSING = threading.Lock()
_LARGE_BYTES = 256 * 1024

# By canonical code, as TensorFlow Serving maps them; all others are 500.
_HTTP_STATUS = {
    "CANCELLED": 499,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class RestServer:
    """Answers HTTP requests on one address. All methods belong to one event loop."""

    def __init__(self, options: ServerOptions, core: ServerCore, queue: WorkQueue,
                 request_bytes: RequestBytes, observer: Observer, page: Page, metrics: Metrics,
                 ssl_config: Any = None):
        """Args:
          options: address and limits.
          core: the models.
          queue: where Predict runs.
          request_bytes: counts what requests take.
          observer: is told about each Predict.
          page: the web page.
          metrics: shown on their page.
          ssl_config: an SSLConfig for HTTPS; None for HTTP.
        """
        self._ssl = None if ssl_config is None else tls.ssl_context(ssl_config)
        self._options, self._core, self._queue = options, core, queue
        self._request_bytes = request_bytes
        self._observer, self._metrics = observer, metrics
        # Seconds; None for no bound.
        self._timeout = options.rest_api_timeout_in_ms / 1000 or None
        app = web.Application(
            client_max_size=options.max_request_bytes,
            middlewares=[self._cors, _with_errors])
        page.add_routes(app.router)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get(PATH, self._metrics_page)
        app.on_response_prepare.append(_add_request_id)
        app.router.add_route("*", "/{path:(?i:v1)/.*}", self._api)
        # A request whose client has gone is cancelled.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, auto_decompress=False,
            keepalive_timeout=options.rest_idle_timeout_in_ms / 1000,
            # aiohttp waits so long for requests, and as long again for those that have come whole.
            shutdown_timeout=options.shutdown_grace_seconds / 2)
        self._listener: Listener | None = None

    async def start(self) -> None:
        """Raises OSError if the address cannot be had."""
        host, port = self._options.host, self._options.rest_api_port
        await self._runner.setup()
        try:
            self._listener = await Listener.open(
                self._runner.server, self._options.max_connections, host, port, self._ssl)
        except OSError as error:
            raise OSError(f"cannot listen for REST on {host}:{port}") from error

    async def stop(self) -> None:
        """Takes no new requests and waits for those that run, as long as the options allow."""
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        """Lists the models as KServe's protocol does; TensorFlow Serving's has no such request."""
        return _json({"models": sorted(self._core.manager.available())})

    async def _api(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path
        pattern = {"POST": _POST, "GET": _GET}.get(request.method)
        match = pattern.fullmatch(path) if pattern else None
        if match is None:
            if request.method == "GET" and path.lower() == "/v1/models/":
                raise InvalidArgumentError("Missing model name in request.")
            raise InvalidArgumentError(f"Malformed request: {request.method} {path}")
        spec = _model_spec(match)
        if request.method == "GET":
            return self._metadata(spec) if match["metadata"] else self._status(spec)
        if match["method"].lower() != "predict":
            raise InvalidArgumentError(
                f"Magenta bundles have no signature for {match['method']}; use predict")
        size, largest = request.content_length, self._options.max_request_bytes
        if size is not None and size > largest:
            raise web.HTTPRequestEntityTooLarge(largest, size)
        with self._request_bytes.hold() as held:
            body = await read_body(request, held, largest, self._timeout)
            request[REQUEST_ID] = request_id(request.headers.get(REQUEST_ID))
            with self._observer.request(request[REQUEST_ID], spec.name) as record:
                return await self._predict(spec, body, record, held)

    async def _predict(self, spec: Any, body: bytes, record: RequestRecord,
                       held: HeldBytes) -> web.Response:
        deadline = time.monotonic() + self._timeout if self._timeout else None
        handle = self._core.acquire(spec)
        record.served_by(handle)
        cancellation = handle.servable.new_cancellation()
        text = await self._queue.run(
            functools.partial(_predict_json, handle, body, deadline, cancellation, record),
            deadline, held.hand_over(handle.release), cancellation.cancel)
        return Answer(text=text, content_type=_JSON)

    async def _metrics_page(self, _: web.Request) -> web.Response:
        return Answer(body=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _status(self, spec: Any) -> web.Response:
        response = requests.get_model_status(
            self._core, protos.GetModelStatusRequest(model_spec=spec))
        return _json(rest_json.message_json(response), indent=1)

    def _metadata(self, spec: Any) -> web.Response:
        response = requests.get_model_metadata(self._core, protos.GetModelMetadataRequest(
            model_spec=spec, metadata_field=[protos.SIGNATURE_DEF_FIELD]))
        return Answer(text=rest_json.metadata_response(response), content_type=_JSON)

    @web.middleware
    async def _cors(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Lets pages of the allowed origins in; browsers keep out all others.

        What a form can send they let any page post, though, and only hide the answer. So pages must
        send JSON as such, as this server's own does, for which browsers ask first.
        """
        origin, allowed = request.headers.get("Origin", ""), self._options.rest_cors_origins
        if not origin or not ({"*", origin} & set(allowed)):
            if origin and request.method == "POST" and request.content_type != _JSON:
                return _error(
                    f"Content-Type is {request.content_type!r}; pages must send {_JSON!r}", 415)
            return await handler(request)
        response = web.Response() if request.method == "OPTIONS" else await handler(request)
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
        response.headers["Access-Control-Allow-Methods"] = "POST, GET"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Vary"] = "Origin"
        return response


def _predict_json(
    handle: ServableHandle, body: bytes, deadline: float | None, cancellation: Any,
    record: RequestRecord,
) -> str:
    """Answers the body of a predict request; runs in a worker thread."""
    with _PARSING if len(body) > _LARGE_BYTES else contextlib.nullcontext():
        document = rest_json.parse_object(body)
        name = rest_json.signature_name(document)
        signature = handle.servable.signature_defs.get(name)
        if signature is None:
            raise InvalidArgumentError(
                f'Serving signature name: "{name}" not found in signature def')
        record.runs(name)
        inputs, rows = rest_json.predict_inputs(document, signature)
        del document
    outputs = requests.run_signature(
        handle.servable, name, inputs, (), deadline, cancellation, record)
    return rest_json.predict_response(outputs, rows)


def _model_spec(match: re.Match) -> Any:
    spec = protos.ModelSpec(name=unquote(match["name"]))
    if match["version"]:
        if len(match["version"]) > 19 or int(match["version"]) >= 2**63:
            raise InvalidArgumentError(
                f"Failed to convert version: {match['version']} to numeric.")
        spec.version.value = int(match["version"])
    if match["label"]:
        spec.version_label = unquote(match["label"])
    return spec


async def _add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    if REQUEST_ID in request:
        response.headers[REQUEST_ID] = request[REQUEST_ID]


@web.middleware
async def _with_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turns errors into TensorFlow Serving's JSON, {"error": TEXT}, and HTTP status codes."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _error(error.text or error.reason, error.status)
    except ServableError as error:
        return _error(error.message, _HTTP_STATUS.get(error.code, 500))
    except Exception as error:
        # As it was sent: decoded, it could hold lines of its own.
        _log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return _error(InternalError(f"{type(error).__name__}: {error}").message, 500)


def _error(text: str, status: int) -> web.Response:
    return _json({"error": requests.shortened(text)}, status)


def _json(value: Any, status: int = 200, indent: int = 4) -> web.Response:
    return Answer(
        text=json.dumps(value, indent=indent), status=status, content_type=_JSON)
