"""Servers under test, as real processes on free ports of the loopback interface."""

import json
import os
import pathlib
import queue
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Seconds within which a server must be ready, and gone after it was told to go.
START_TIMEOUT = 60
STOP_TIMEOUT = 60


class ServerProcess:
    """A server in a process of its own.

    Attributes:
        grpc_address: HOST:PORT of the gRPC API.
        rest_address: HOST:PORT of the REST API.
        process: the process.
        log: the lines that it printed so far.
    """

    # A line that begins so, or has it in it, says that the server answers.
    READY: str

    def __init__(self, **options: object):
        """Starts the server with these options and waits until it is ready."""
        port, rest_api_port = free_ports(2)
        options = {"port": port, "rest_api_port": rest_api_port, **options}
        self.grpc_address = f"127.0.0.1:{options['port']}"
        self.rest_address = f"127.0.0.1:{options['rest_api_port']}"
        self.log: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        command, environment = self.command(options)
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace")
        threading.Thread(target=self._read_output, daemon=True).start()
        self._wait_until_ready()

    def command(self, options: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        """Returns the command that starts the server, and what it adds to the environment."""
        raise NotImplementedError

    def stop(self) -> int:
        """Sends SIGTERM if it still runs; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"The server did not stop:\n{self.output()}") from None

    def output(self) -> str:
        return "".join(self.log)

    def _read_output(self) -> None:
        for line in self.process.stdout:
            self.log.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_until_ready(self) -> None:
        while True:
            try:
                line = self._lines.get(timeout=START_TIMEOUT)
            except queue.Empty:
                self.process.kill()
                line = None
            if line is None:
                raise AssertionError(f"The server did not start:\n{self.output()}")
            if self.READY in line:
                return


class EmbeddedServer(ServerProcess):
    """The server in the Python package; options are those of ServerOptions."""

    READY = "Ready:"

    def command(self, options: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        code = ("import json, sys; from magenta_serving.server import ServerOptions, run; "
                "sys.exit(run(ServerOptions(**json.loads(sys.argv[1]))))")
        return [sys.executable, "-c", code, json.dumps(options)], {}


class ModelServer(ServerProcess):
    """tensorflow_model_server behind the image's entry point, or in the image.

    Options are the embedded server's, or flags of tensorflow_model_server.
    """

    READY = "Exporting HTTP/REST API"
    # Path of the binary, or "image:NAME"; set by --model-server.
    binary: str
    # Where bundles may be that tests serve: a container sees only these folders.
    folders = [ROOT, pathlib.Path(tempfile.gettempdir())]
    # Bundles that do not load are given up within two seconds.
    _FLAGS = {"max_num_load_retries": 4, "load_retry_interval_micros": 500_000}

    def command(self, options: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        options = {**self._FLAGS, **options}
        environment = {}
        settings = _platform_settings(options)
        if settings:
            config = pathlib.Path(tempfile.mkdtemp(prefix="magenta-serving-"), "platforms.config")
            config.write_text(_PLATFORM_CONFIG % settings)
            options["platform_config_file"] = config
        models = options.pop("models", None)
        if models is not None:
            environment["MODELS_DIR"] = str(models)
        flags = [f"--{name}={_flag(value)}" for name, value in options.items()]
        if not self.binary.startswith("image:"):
            self.state_folder = tempfile.mkdtemp(prefix="magenta-serving-")
            return [str(ROOT / "docker/entrypoint.sh"), *flags], {
                **environment, "MODEL_SERVER": self.binary, "STATE_DIR": self.state_folder,
                "TF_CPP_MIN_LOG_LEVEL": "0"}
        command = shlex.split("podman run --rm --network=host --read-only --cap-drop=all")
        # As root sees the tests' folders, which are not for others.
        command.append("--user=0:0")
        command += [f"--volume={folder}:{folder}:ro" for folder in self.folders]
        command += [f"--env={name}={value}" for name, value in environment.items()]
        return [*command, self.binary.removeprefix("image:"), *flags], {}


_PLATFORM_CONFIG = """platform_configs { key: "magenta" value { source_adapter_config {
    [type.googleapis.com/magenta_serving.MagentaSourceAdapterConfig] { %s } } } }"""


def _platform_settings(options: dict[str, object]) -> str:
    """Takes out of the options what a platform config has; returns it as a textproto."""
    settings = [f"limits {{ key: {json.dumps(name)} value: {value} }}"
                for name, value in options.pop("limits", {}).items()]
    settings += [f"{name}: {json.dumps(options.pop(name))}"
                 for name in ("engine", "threads") if name in options]
    if options.pop("log_format", None) == "json":
        settings.append("log_requests: true")
    return " ".join(settings)


def _flag(value: object) -> str:
    """A value as tensorflow_model_server's flags want it: true, false, whole seconds."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(max(1, round(value)) if isinstance(value, float) else value)


def free_ports(count: int) -> list[int]:
    """Returns ports of the loopback interface that nobody listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
