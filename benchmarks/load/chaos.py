"""What operators and disks do to a model's folder while it is served."""

import pathlib
import shutil
import tempfile
import threading

import grpc

from tests.contract.api import Api, wait_for

# Every so many swaps, one of the mishaps comes before.
_MISHAP_EVERY = 5


class Folder:
    """The folder of a served model, whose versions all hold the same bundle."""

    def __init__(self, path: pathlib.Path, bundle: pathlib.Path, api: Api):
        """Args:
            path: NAME/ with the version 1 in it.
            bundle: what is published.
            api: of the server.
        """
        self._path, self._bundle, self._api = path, bundle, api
        self._newest, self._good = 1, 1
        self.swaps, self.mishaps = 0, 0

    def disturb(self, stop: threading.Event, swaps: int) -> None:
        """Publishes new versions, good and bad, until told to stop, or so many have come."""
        mishaps = (self._broken, self._half_copied, self._vanishing, self._file_vanishes)
        while not stop.is_set() and self.swaps < swaps:
            if self.swaps % _MISHAP_EVERY == _MISHAP_EVERY - 1:
                mishaps[self.mishaps % len(mishaps)]()
                self.mishaps += 1
            self._swap()

    def _swap(self) -> None:
        version = self._publish(self._bundle.read_bytes())
        self._wait(version, "AVAILABLE")
        self._remove_others(version)
        self.swaps += 1

    def _broken(self) -> None:
        version = self._publish(b"no bundle")
        self._wait(version, "END")
        shutil.rmtree(self._path / str(version))

    def _half_copied(self) -> None:
        """A copy without a rename: the server sees half a file first."""
        data = self._bundle.read_bytes()
        version = self._publish(data[:len(data) // 2])
        wait_for(lambda: self._state(version) is not None, f"version {version} seen")
        with open(self._path / str(version) / self._bundle.name, "ab") as file:
            file.write(data[len(data) // 2:])
        self._wait(version, "AVAILABLE")
        self._remove_others(version)

    def _vanishing(self) -> None:
        """A version goes as soon as it has come."""
        shutil.rmtree(self._path / str(self._publish(self._bundle.read_bytes())))

    def _file_vanishes(self) -> None:
        """The file of the version that is served goes."""
        (self._path / str(self._good) / self._bundle.name).unlink()

    def _publish(self, data: bytes) -> int:
        self._newest += 1
        with tempfile.TemporaryDirectory(dir=self._path.parent.parent) as draft:
            version = pathlib.Path(draft, str(self._newest))
            version.mkdir()
            (version / self._bundle.name).write_bytes(data)
            version.rename(self._path / str(self._newest))
        return self._newest

    def _wait(self, version: int, state: str) -> None:
        wait_for(lambda: self._state(version) == state, f"version {version} in state {state}")

    def _state(self, version: int) -> str | None:
        try:
            return self._api.states().get(version, (None,))[0]
        except grpc.RpcError as error:
            # A busy tensorflow_model_server refuses this, too.
            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise
            return None

    def _remove_others(self, version: int) -> None:
        self._good = version
        for folder in self._path.iterdir():
            if folder.name != str(version):
                shutil.rmtree(folder)
