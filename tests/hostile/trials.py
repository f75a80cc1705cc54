"""Puts cases to the test: what they get, from a process of their own and from a server."""

import pathlib
import shutil
import tempfile
import time
from collections.abc import Mapping
from typing import NamedTuple

import grpc

from ..contract.api import Api, wait_for
from ..servers import EmbeddedServer
from .bundles import BundleCase
from .loading import Loaded, Loader
from .requests import RequestCase

# Of a process that loads: TensorFlow and the demo model take 90 MiB, what a graph may make 512.
MAX_LOAD_MEBIBYTES = 1024
# Twice the time after which a graph that does not end is given up, for two sessions.
MAX_LOAD_SECONDS = 60
# Of a server that had all of that done to it.
MAX_SERVER_MEBIBYTES = 1536
# Of a request; what takes longest is what the server waits for.
MAX_REQUEST_SECONDS = 10
_SERVER_WAITS_MILLISECONDS = 1000


class BundleTrials:
    """Good and hostile versions of one model.

    Attributes:
        server: serves the good version, the first, and tries each of the others.
    """

    def __init__(self, good: pathlib.Path):
        self._good = good.read_bytes()
        self._folder = pathlib.Path(tempfile.mkdtemp())
        self._model = self._folder / "melody"
        self._publish(1, {"model.mag": self._good})
        self._version = 1
        self._loader = Loader()
        self.server = EmbeddedServer(models=str(self._folder), file_system_poll_wait_seconds=0.05)
        self._api = Api(self.server.grpc_address, self.server.rest_address, "melody")

    def load(self, case: BundleCase, engine: str = "native") -> Loaded:
        """Loads the bundle in a process of its own; messages come without the file's name."""
        file = self._folder / "hostile.mag"
        file.write_bytes(case.make(self._good))
        loaded = self._loader.load(file, engine)
        file.unlink()
        return loaded._replace(message=loaded.message.removeprefix(f"{file}: "))

    def serve(self, case: BundleCase) -> tuple[str, str]:
        """Puts the bundle beside the good version; returns what the server says of it."""
        return self.serve_files({"model.mag": case.make(self._good)})

    def serve_files(self, files: Mapping[str, bytes]) -> tuple[str, str]:
        """Puts a version of these files beside the good one; returns what the server says of it."""
        self._version += 1
        folder = self._publish(self._version, files)
        wait_for(lambda: self._api.state(self._version) == "END", "the server to refuse it")
        _, code, message = self._api.states()[self._version]
        shutil.rmtree(folder)
        return code, message.removeprefix(f"{folder}/model.mag: ")

    def still_serves(self) -> bool:
        """Whether the good version is there and answers."""
        return self._api.state(1) == "AVAILABLE" and answers(self._api)

    def close(self) -> None:
        self._loader.close()
        self.server.stop()
        shutil.rmtree(self._folder)

    def _publish(self, version: int, files: Mapping[str, bytes]) -> pathlib.Path:
        draft, folder = self._folder / "draft", self._model / str(version)
        for name, data in files.items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self._model.mkdir(exist_ok=True)
        return draft.rename(folder)


class Answered(NamedTuple):
    """What a request got, and in how many seconds."""

    code: str
    message: str
    seconds: float


class RequestTrials:
    """A server that is sent hostile requests.

    Attributes:
        server: the server.
    """

    def __init__(self, good: pathlib.Path):
        self._folder = pathlib.Path(tempfile.mkdtemp())
        (self._folder / "melody" / "1").mkdir(parents=True)
        shutil.copy(good, self._folder / "melody" / "1")
        self.server = EmbeddedServer(
            models=str(self._folder), rest_api_timeout_in_ms=_SERVER_WAITS_MILLISECONDS,
            rest_idle_timeout_in_ms=_SERVER_WAITS_MILLISECONDS)
        self._api = Api(self.server.grpc_address, self.server.rest_address, "melody")

    def send(self, case: RequestCase) -> Answered:
        start = time.monotonic()
        code, message = case.send(self._api)
        return Answered(code, message, time.monotonic() - start)

    def still_serves(self) -> bool:
        """Whether a good request is answered, over both APIs."""
        rest = self._api.rest_predict({"inputs": {"num_steps": 16, "seed": 1}})
        return answers(self._api) and rest["outputs"]["seed"] == [1]

    def close(self) -> None:
        self.server.stop()
        shutil.rmtree(self._folder)


def answers(api: Api) -> bool:
    """Whether a good request is answered."""
    try:
        return api.predict({"num_steps": 16, "seed": 1})["seed"].tolist() == [1]
    except grpc.RpcError:
        return False


def peak_mebibytes(server: EmbeddedServer) -> float:
    """Returns the most memory that a server's process has had resident."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
