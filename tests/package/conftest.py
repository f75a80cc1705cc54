"""The wheel, and environments that it is installed in."""

import pathlib
import subprocess

import pytest

from ..servers import ROOT
from .environments import Environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The wheel as `make wheel` makes it of what was built."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([ROOT / "scripts" / "wheel", folder], check=True, stdout=subprocess.DEVNULL)
    path, = folder.iterdir()
    return path


@pytest.fixture(scope="session")
def client_environment(
    wheel: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """What `pip install magenta-serving` gives."""
    return Environment(tmp_path_factory.mktemp("client"), wheel)


@pytest.fixture(scope="session")
def server_environment(
    wheel: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """What `pip install magenta-serving[server]` gives."""
    return Environment(tmp_path_factory.mktemp("server"), wheel, "server")
