"""Runs the embedded server in this process."""

import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from magenta_serving.errors import ServableError, UnknownError
from magenta_serving.server import config, logs, tls
from magenta_serving.server.core import ConfigWatcher, ServerCore
from magenta_serving.server.grpc_server import GrpcServer
from magenta_serving.server.loader import BundleLoader
from magenta_serving.server.manager import AspiredVersionsManager
from magenta_serving.server.metrics import Metrics
from magenta_serving.server.observer import Observer
from magenta_serving.server.options import ServerOptions
from magenta_serving.server.page import FOLDER, Page
from magenta_serving.server.request_bytes import RequestBytes
from magenta_serving.server.rest_server import RestServer
from magenta_serving.server.work_queue import WorkQueue

_log = logging.getLogger(__name__)

# How many requests of the largest size may be held at one time.
_LARGEST_REQUESTS = 64
_MAX_QUEUED_RELOADS = 4
# Files that are open beside connections: libraries, bundles that load, pipes, the log.
_OTHER_FILES = 256


def run(options: ServerOptions) -> int:
    """Serves until SIGTERM or SIGINT, then drains.

    Prints one line that starts with "Ready:" to stdout when requests are answered.

    Returns:
      The exit status: 0 after a drain, 1 if the server could not start or requests were still
      running at the end of the grace period (then the process ends here), 2 if the options are
      wrong.
    """
    try:
        options.validate()
    except ValueError as error:
        print(f"magenta-serving: {error}", file=sys.stderr)
        return 2
    logs.set_up(options.log_format)
    _allow_open_files(2 * options.max_connections + _OTHER_FILES)
    try:
        return asyncio.run(Server(options).serve())
    except (ServableError, OSError) as error:
        print(f"magenta-serving: Failed to start server: {error}", file=sys.stderr)
        return 1


def _allow_open_files(count: int) -> None:
    """Raises this process's own limit as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        _log.warning("Only %d files may be open, which is less than --max_connections needs: %d",
                     hard, count)
        count = hard
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _print(line: str) -> None:
    """Writes to stdout past its buffer; that its disk is full is no reason not to serve."""
    try:
        os.write(sys.stdout.fileno(), f"{line}\n".encode())
    except OSError as error:
        _log.warning("Cannot write to stdout: %s", error)


class Server:
    """The parts of the server and their life together."""

    def __init__(self, options: ServerOptions):
        self._options = options
        self._metrics = Metrics()
        self._observer = Observer(self._metrics)
        self._queue = WorkQueue(
            options.request_threads, options.max_queued_requests, options.max_requests_per_second,
            self._metrics.rejected.add)
        self._request_bytes = RequestBytes(
            _LARGEST_REQUESTS * options.max_request_bytes, self._metrics.rejected.add)
        self._metrics.running.set_function(lambda: self._queue.running)
        self._metrics.queued.set_function(lambda: self._queue.waiting)
        # For polls, which wait for loads and file systems.
        self._control = ThreadPoolExecutor(4, "control")
        self._reloads = WorkQueue(threads=1, max_queued=_MAX_QUEUED_RELOADS)
        self._manager = AspiredVersionsManager(
            BundleLoader(options),
            options.num_load_threads, self._on_change,
            lambda version, code: self._metrics.loads.add(version.name, code))
        self._core = ServerCore(
            self._manager, options.allow_version_labels_for_unavailable_models)
        self._watcher = ConfigWatcher(self._core, self._read_config)
        self._page = Page(FOLDER)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._grpc: GrpcServer | None = None
        # Kept, because the event loop alone does not keep tasks alive.
        self._health_updates: set[asyncio.Task] = set()

    async def serve(self) -> int:
        """Starts, waits for a signal, drains; returns the exit status."""
        self._loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stopped.set)
        tasks, rest = [], None
        path = self._options.ssl_config_file
        ssl_config = tls.read_ssl_config(path) if path is not None else None
        try:
            if not await self._load_first_models(stopped):
                return 0
            if self._options.port:
                self._grpc = GrpcServer(
                    self._options, self._core, self._queue, self._request_bytes, self._observer,
                    self._reloads, self._metrics.rejected.add, ssl_config)
                await self._grpc.start()
            if self._options.rest_api_port:
                rest = RestServer(
                    self._options, self._core, self._queue, self._request_bytes, self._observer,
                    self._page, self._metrics, ssl_config)
                await rest.start()
            tasks = self._start_polling()
            _print(self._ready_line())
            await stopped.wait()
            # Whoever presses Ctrl+C again does not want to wait.
            self._loop.add_signal_handler(signal.SIGINT, os._exit, 130)
            _log.info("Draining: %d requests unfinished", self._queue.unfinished)
        finally:
            for task in tasks:
                task.cancel()
            grpc_server, self._grpc = self._grpc, None
            stops = [grpc_server.stop(self._options.shutdown_grace_seconds)] if grpc_server else []
            stops += [rest.stop()] if rest else []
            unfinished = self._queue.unfinished
            start = self._loop.time()
            await asyncio.gather(*stops)
            # What the end of the grace period cut off may have stopped since.
            is_late = self._loop.time() - start >= self._options.shutdown_grace_seconds
            self._close(unfinished if is_late else 0)
        return 0

    async def _load_first_models(self, stopped: asyncio.Event) -> bool:
        """Loads what is configured; returns False if a signal came first."""
        load = self._loop.run_in_executor(self._control, self._start_watcher)
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait((load, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if load.done():
            load.result()
        return load.done()

    def _start_watcher(self) -> None:
        try:
            self._watcher.start()
        except UnknownError as error:
            # Some models failed to load. The others are served; but with none there is no point.
            if not self._manager.available():
                raise
            _log.error("%s", error)

    def _read_config(self) -> Any:
        options = self._options
        if options.models is not None:
            return config.discover_models(options.models)
        if options.model_config_file is not None:
            with open(options.model_config_file, encoding="utf-8") as file:
                return config.parse_model_server_config(file.read())
        return config.single_model_config(options.model_name, options.model_base_path)

    def _start_polling(self) -> list[asyncio.Task]:
        files = self._options.file_system_poll_wait_seconds
        polls = [(self._core.poll, files)]
        if self._options.models is not None:
            polls.append((self._watcher.poll, files))
        elif self._options.model_config_file is not None:
            polls.append((self._watcher.poll, self._options.model_config_file_poll_wait_seconds))
        return [asyncio.create_task(self._poll(function, seconds))
                for function, seconds in polls if seconds > 0]

    async def _poll(self, function: Callable[[], None], seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await self._loop.run_in_executor(self._control, function)
            except Exception:
                _log.exception("Polling failed; it goes on")

    def _on_change(self) -> None:
        """States of models changed, in some thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._update_health)

    def _update_health(self) -> None:
        if self._grpc is not None:
            task = self._loop.create_task(self._grpc.update_health())
            self._health_updates.add(task)
            task.add_done_callback(self._health_updates.discard)

    def _ready_line(self) -> str:
        options = self._options
        host = f"[{options.host}]" if ":" in options.host else options.host
        scheme = "http" if options.ssl_config_file is None else "https"
        parts = []
        if options.port:
            parts.append(f"gRPC on {host}:{options.port}")
        if options.rest_api_port:
            parts.append(f"REST on {scheme}://{host}:{options.rest_api_port}")
            parts.append(f"web page on {scheme}://{host}:{options.rest_api_port}/"
                         if self._page.is_built else "no web page (`make page` builds it)")
        models = ", ".join(f"{name} ({', '.join(map(str, versions))})"
                           for name, versions in self._manager.available().items())
        return f"Ready: {', '.join(parts)}; models: {models or 'none'}"

    def _close(self, cut_off: int) -> None:
        unfinished = cut_off or self._queue.unfinished
        self._queue.close()
        self._reloads.close()
        self._control.shutdown(wait=False, cancel_futures=True)
        self._manager.close()
        if unfinished:
            # Python would wait for their threads before it exits.
            _log.error("Ending with %d requests unfinished", unfinished)
            logging.shutdown()
            os._exit(1)
