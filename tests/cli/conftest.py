"""The command line as users run it: the installed program in a process of its own."""

import os
import pathlib
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

# Seconds; a command loads TensorFlow's libraries and a bundle.
_TIMEOUT = 120


def program() -> list[str]:
    script = pathlib.Path(sys.executable).with_name("magenta-serving")
    return [str(script)] if script.exists() else [sys.executable, "-m", "magenta_serving.cli"]


@pytest.fixture
def run_cli(tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs `magenta-serving` with the given words, in an empty folder; returns what it did."""

    def run(*words: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*program(), *(str(word) for word in words)], cwd=tmp_path, text=True,
            capture_output=True, timeout=_TIMEOUT, env={**os.environ, "COLUMNS": "100"})

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


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
