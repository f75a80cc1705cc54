"""Fixtures that several suites share: bundles to serve, and servers as real processes."""

import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEMO_MODELS = ROOT / "demo" / "models"

# Seconds within which a server must be ready, and gone after it was told to go.
START_TIMEOUT = 60
STOP_TIMEOUT = 60

# The server takes its options as JSON; this is all of its command line.
_SERVE = (
    "import json, sys; from magenta_serving.server import ServerOptions, run; "
    "sys.exit(run(ServerOptions(**json.loads(sys.argv[1]))))"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "a server to test instead of one that the suite starts")
    group.addoption("--grpc-address", help="HOST:PORT of the gRPC API")
    group.addoption("--rest-address", help="HOST:PORT of the REST API")
    group.addoption("--model-name", default="melody", help="a melody model that it serves")


class ServerProcess:
    """The embedded server in a process of its own, on free ports of the loopback interface."""

    def __init__(self, **options: object):
        """Starts the server with these ServerOptions and waits until it is ready."""
        port, rest_api_port = _free_ports(2)
        self.grpc_address = f"127.0.0.1:{port}"
        self.rest_address = f"127.0.0.1:{rest_api_port}"
        options = {"port": port, "rest_api_port": rest_api_port, **options}
        self.log: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, json.dumps(options)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read_output, daemon=True).start()
        self._wait_until_ready()

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
            if line.startswith("Ready:"):
                return


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


@pytest.fixture(scope="session")
def shared_bundles() -> pathlib.Path:
    """The folder of real bundles: $MAGENTA_BUNDLES, else ../shared/bundles; skips without one."""
    folder = pathlib.Path(os.environ.get("MAGENTA_BUNDLES", ROOT.parent / "shared" / "bundles"))
    if not folder.is_dir():
        pytest.skip("no folder of real bundles; set MAGENTA_BUNDLES")
    return folder


@pytest.fixture(scope="session")
def melody_bundle(request: pytest.FixtureRequest) -> pathlib.Path:
    """A melody bundle: the demo's, else a real one."""
    demo = sorted(DEMO_MODELS.glob("melody/1/*.mag"))
    if demo:
        return demo[0]
    return request.getfixturevalue("shared_bundles") / "attention_rnn__swingpants.mag"


@pytest.fixture(scope="session")
def make_models(
    tmp_path_factory: pytest.TempPathFactory, melody_bundle: pathlib.Path
) -> Callable[..., pathlib.Path]:
    """Makes a folder of models, all of the melody bundle: make_models(melody=[1, 2], other=[7])."""

    def make(**versions_by_name: list[int]) -> pathlib.Path:
        models = tmp_path_factory.mktemp("models")
        for name, versions in versions_by_name.items():
            for version in versions:
                folder = models / name / str(version)
                folder.mkdir(parents=True)
                shutil.copy(melody_bundle, folder / melody_bundle.name)
        return models

    return make


@pytest.fixture
def start_server() -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers with ServerOptions given as keywords; they end with the test."""
    servers: list[ServerProcess] = []

    def start(**options: object) -> ServerProcess:
        servers.append(ServerProcess(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def melody_server(make_models: Callable[..., pathlib.Path]) -> Iterator[ServerProcess]:
    """A server of the model "melody" (version 1) for tests that change nothing in it."""
    server = ServerProcess(models=str(make_models(melody=[1])))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def family_bundles() -> dict[str, tuple[str, pathlib.Path]]:
    """A small bundle of each config of each family, made by Magenta: config -> (family, path)."""
    # In a process of its own: TensorFlow is no business of the tests that use them.
    lines = subprocess.run([sys.executable, "-m", "parity"], cwd=ROOT / "tests", check=True,
                           text=True, stdout=subprocess.PIPE).stdout.splitlines()
    return {config: (family, pathlib.Path(path))
            for config, family, path in (line.split(" ", 2) for line in lines)}


@pytest.fixture(scope="session")
def family_server(
    family_bundles: dict[str, tuple[str, pathlib.Path]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server of those bundles, each as a model with the name of its config."""
    models = tmp_path_factory.mktemp("families")
    for config, (_, path) in family_bundles.items():
        folder = models / config / "1"
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    server = ServerProcess(models=str(models))
    yield server
    server.stop()
