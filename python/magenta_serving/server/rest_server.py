"""The REST side: TensorFlow Serving's paths and JSON."""

import functools
import json
import logging
import re
import time
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from magenta_serving import protos
from magenta_serving.errors import InternalError, InvalidArgumentError, ServableError
from magenta_serving.server import requests, rest_json
from magenta_serving.server.core import ServerCore
from magenta_serving.server.manager import ServableHandle
from magenta_serving.server.options import ServerOptions
from magenta_serving.server.work_queue import WorkQueue

_log = logging.getLogger(__name__)

_MODEL = r"(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"/v1/models/{_MODEL}:(?P<method>classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(rf"/v1/models/{_MODEL}(?P<metadata>/metadata)?", re.IGNORECASE)

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

    def __init__(self, options: ServerOptions, core: ServerCore, queue: WorkQueue):
        self._options, self._core, self._queue = options, core, queue
        app = web.Application(
            client_max_size=options.max_request_bytes,
            middlewares=[self._cors, _with_errors])
        app.router.add_get("/", self._index)
        app.router.add_route("*", "/{path:(?i:v1)/.*}", self._api)
        # A request whose client has gone is cancelled.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True,
            shutdown_timeout=options.shutdown_grace_seconds)

    async def start(self) -> None:
        """Raises OSError if the address cannot be had."""
        host, port = self._options.host, self._options.rest_api_port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            raise OSError(f"cannot listen for REST on {host}:{port}") from error

    async def stop(self) -> None:
        """Takes no new requests and waits for those that run, as long as the options allow."""
        await self._runner.cleanup()

    async def _index(self, _: web.Request) -> web.Response:
        available = self._core.manager.available()
        return _json({
            "server": "Magenta Serving",
            "models": {
                name: {"versions": versions, "predict": f"/v1/models/{name}:predict",
                       "status": f"/v1/models/{name}", "metadata": f"/v1/models/{name}/metadata"}
                for name, versions in available.items()},
        })

    async def _api(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path
        pattern = {"POST": _POST, "GET": _GET}.get(request.method)
        match = pattern.fullmatch(path) if pattern else None
        if match is None:
            if request.method == "GET" and path.rstrip("/").lower() == "/v1/models":
                raise InvalidArgumentError("Missing model name in request.")
            raise InvalidArgumentError(f"Malformed request: {request.method} {path}")
        spec = _model_spec(match)
        if request.method == "GET":
            return self._metadata(spec) if match["metadata"] else self._status(spec)
        if match["method"].lower() != "predict":
            raise InvalidArgumentError(
                f"Magenta bundles have no signature for {match['method']}; use predict")
        return await self._predict(spec, await request.read())

    async def _predict(self, spec: Any, body: bytes) -> web.Response:
        timeout = self._options.rest_api_timeout_in_ms / 1000
        deadline = time.monotonic() + timeout if timeout else None
        handle = self._core.acquire(spec)
        text = await self._queue.run(
            functools.partial(_predict_json, handle, body, deadline), deadline, handle.release)
        return web.Response(text=text, content_type="application/json")

    def _status(self, spec: Any) -> web.Response:
        response = requests.get_model_status(
            self._core, protos.GetModelStatusRequest(model_spec=spec))
        return _json(rest_json.message_json(response), indent=1)

    def _metadata(self, spec: Any) -> web.Response:
        response = requests.get_model_metadata(self._core, protos.GetModelMetadataRequest(
            model_spec=spec, metadata_field=[protos.SIGNATURE_DEF_FIELD]))
        return web.Response(
            text=rest_json.metadata_response(response), content_type="application/json")

    @web.middleware
    async def _cors(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Lets pages of the allowed origins in; browsers keep out all others."""
        origin, allowed = request.headers.get("Origin", ""), self._options.rest_cors_origins
        if not origin or not ({"*", origin} & set(allowed)):
            return await handler(request)
        response = web.Response() if request.method == "OPTIONS" else await handler(request)
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
        response.headers["Access-Control-Allow-Methods"] = "POST, GET"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Vary"] = "Origin"
        return response


def _predict_json(handle: ServableHandle, body: bytes, deadline: float | None) -> str:
    """Answers the body of a predict request; runs in a worker thread."""
    document = rest_json.parse_object(body)
    name = rest_json.signature_name(document)
    signature = handle.servable.signature_defs.get(name)
    if signature is None:
        raise InvalidArgumentError(f'Serving signature name: "{name}" not found in signature def')
    inputs, rows = rest_json.predict_inputs(document, signature)
    outputs = requests.run_signature(handle.servable, name, inputs, (), deadline)
    return rest_json.predict_response(outputs, rows)


def _model_spec(match: re.Match) -> Any:
    spec = protos.ModelSpec(name=unquote(match["name"]))
    if match["version"]:
        version = int(match["version"])
        if version >= 2**63:
            raise InvalidArgumentError(
                f"Failed to convert version: {match['version']} to numeric.")
        spec.version.value = version
    if match["label"]:
        spec.version_label = unquote(match["label"])
    return spec


@web.middleware
async def _with_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turns errors into TensorFlow Serving's JSON, {"error": TEXT}, and HTTP status codes."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _json({"error": error.text or error.reason}, status=error.status)
    except ServableError as error:
        return _json({"error": error.message}, status=_HTTP_STATUS.get(error.code, 500))
    except Exception as error:
        _log.exception("%s %s failed", request.method, request.path)
        internal = InternalError(f"{type(error).__name__}: {error}")
        return _json({"error": internal.message}, status=500)


def _json(value: Any, status: int = 200, indent: int = 4) -> web.Response:
    return web.Response(
        text=json.dumps(value, indent=indent), status=status, content_type="application/json")
