"""A container of podman or docker, confined as SECURITY.md tells operators to."""

import json
import pathlib
import shutil
import subprocess
from typing import Any

from ..servers import STOP_TIMEOUT

ENGINE = shutil.which("podman") or "docker"


class Container:
    """A container that runs an image with a folder of models and no other right."""

    def __init__(self, image: str, models: pathlib.Path, ports: tuple[int, ...] = (), **env: str):
        """Starts it.

        Args:
            image: its name.
            models: mounted as /models.
            ports: of the container, to be reached on the loopback interface.
            env: variables of its environment.
        """
        command = [
            "run", "--detach", "--read-only", "--cap-drop=all",
            "--security-opt=no-new-privileges", f"--volume={models}:/models:ro",
            *(f"--publish=127.0.0.1::{port}" for port in ports),
            *(f"--env={name}={value}" for name, value in env.items())]
        if "podman" in ENGINE:
            # It would mount file systems to write to, which docker does not.
            command.append("--read-only-tmpfs=false")
        self._id = _engine(*command, image)

    def address(self, port: int) -> str:
        """HOST:PORT where a port of the container is reached."""
        return _engine("port", self._id, str(port)).splitlines()[0]

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """Runs a command in it, as its user."""
        return subprocess.run([ENGINE, "exec", self._id, *command], text=True, capture_output=True,
                              timeout=60)

    def inspect(self) -> dict[str, Any]:
        return json.loads(_engine("inspect", self._id))[0]

    def log(self) -> str:
        done = subprocess.run([ENGINE, "logs", self._id], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60)
        return done.stdout

    def stop(self) -> int:
        """Sends SIGTERM; returns the exit status."""
        _engine("stop", f"--time={STOP_TIMEOUT}", self._id)
        return self.inspect()["State"]["ExitCode"]

    def remove(self) -> None:
        _engine("rm", "--force", self._id)


def _engine(*words: str) -> str:
    done = subprocess.run([ENGINE, *words], text=True, capture_output=True,
                          timeout=2 * STOP_TIMEOUT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
