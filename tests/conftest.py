"""Fixtures that several suites share: bundles to serve, and servers as real processes."""

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from .commands import TIMEOUT, program
from .servers import ROOT, EmbeddedServer, ModelServer, ServerProcess

DEMO_MODELS = ROOT / "demo" / "models"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "a server to test instead of one that the suite starts")
    group.addoption("--grpc-address", help="HOST:PORT of the gRPC API")
    group.addoption("--rest-address", help="HOST:PORT of the REST API")
    group.addoption("--model-name", default="melody", help="a melody model that it serves")
    group.addoption("--model-server", metavar="PATH",
                    help="start this tensorflow_model_server, or image:NAME, in place of the "
                         "embedded server")
    group.addoption("--images", metavar="PREFIX",
                    help="test the images PREFIX, PREFIX-embedded and PREFIX-web in containers")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "embedded: what only the embedded server does")
    config.addinivalue_line("markers", "model_server: what only tensorflow_model_server does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = "embedded" if config.getoption("--model-server") else "model_server"
    others = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def server_class(pytestconfig: pytest.Config) -> type[ServerProcess]:
    """The kind of server that the tests start."""
    ModelServer.binary = pytestconfig.getoption("--model-server")
    return ModelServer if ModelServer.binary else EmbeddedServer


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
def start_server(server_class: type[ServerProcess]) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers with ServerOptions given as keywords; they end with the test."""
    servers: list[ServerProcess] = []

    def start(**options: object) -> ServerProcess:
        servers.append(server_class(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def melody_server(
    server_class: type[ServerProcess], make_models: Callable[..., pathlib.Path]
) -> Iterator[ServerProcess]:
    """A server of the model "melody" (version 1) for tests that change nothing in it."""
    server = server_class(models=str(make_models(melody=[1])))
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
    server_class: type[ServerProcess], family_bundles: dict[str, tuple[str, pathlib.Path]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ServerProcess]:
    """A server of those bundles, each as a model with the name of its config."""
    models = tmp_path_factory.mktemp("families")
    for config, (_, path) in family_bundles.items():
        folder = models / config / "1"
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    server = server_class(models=str(models))
    yield server
    server.stop()


@pytest.fixture
def run_cli(tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs `magenta-serving` with the given words, in an empty folder; returns what it did."""

    def run(*words: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*program(), *(str(word) for word in words)], cwd=tmp_path, text=True,
            capture_output=True, timeout=TIMEOUT, env={**os.environ, "COLUMNS": "100"})

    return run


@pytest.fixture
def fails(run_cli: Callable) -> Callable[..., str]:
    """Runs a command that must fail with an exit code; returns its one line on stderr."""

    def run(code: int, *words: object) -> str:
        result = run_cli(*words)
        assert result.returncode == code, result.stderr
        assert result.stdout == ""
        assert result.stderr.startswith("magenta-serving: "), result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr

    return run
