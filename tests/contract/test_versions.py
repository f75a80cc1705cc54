"""Versions that come, go and break in a model's folder while the server runs."""

import itertools
import pathlib
import shutil
import threading
import time
from collections.abc import Callable

import grpc
import pytest

from .api import Api, wait_for

POLL = {"file_system_poll_wait_seconds": 0.1}


@pytest.fixture
def models(make_models: Callable[..., pathlib.Path]) -> pathlib.Path:
    return make_models(melody=[1])


@pytest.fixture
def api(start_server: Callable, models: pathlib.Path) -> Api:
    server = start_server(models=str(models), **POLL)
    return Api(server.grpc_address, server.rest_address, "melody")


def add_version(model: pathlib.Path, version: int, bundle: pathlib.Path) -> None:
    """Adds a version in one step, as a careful publisher does."""
    draft = model / "draft"
    draft.mkdir()
    shutil.copy(bundle, draft)
    draft.rename(model / str(version))


class Load:
    """Clients that send requests over gRPC and REST without a pause until the block ends."""

    def __init__(self, api: Api, clients: int = 4):
        self.errors: list[object] = []
        self.versions: list[int] = []
        self._api, self._stop = api, threading.Event()
        self._threads = [
            threading.Thread(target=self._grpc if i % 2 else self._rest) for i in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _grpc(self) -> None:
        for seed in itertools.count():
            if self._stop.is_set():
                return
            try:
                response = self._api.predict_raw({}, outputs=["seed"])
                self.versions.append(response.model_spec.version.value)
                self._api.predict({"num_steps": 32, "seed": seed})
            except grpc.RpcError as error:
                self.errors.append(error)

    def _rest(self) -> None:
        while not self._stop.is_set():
            status, answer, _ = self._api.rest(
                f"/v1/models/{self._api.model}:predict", {"inputs": {"num_steps": 32}})
            if status != 200:
                self.errors.append(answer)


def test_hot_swap_under_load_fails_no_request(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    with Load(api) as load:
        wait_for(lambda: load.versions, "a first answer")
        for version in (2, 3):
            add_version(models / "melody", version, melody_bundle)
            wait_for(lambda v=version: api.state(v) == "AVAILABLE", f"version {version} available")
            wait_for(lambda v=version: api.state(v - 1) == "END", f"version {version - 1} gone")
            wait_for(lambda v=version: v in load.versions, f"an answer of version {version}")
    assert load.errors == []
    assert sorted(set(load.versions)) == [1, 2, 3]
    assert api.states() == {version: (state, "OK", "") for version, state in (
        (3, "AVAILABLE"), (2, "END"), (1, "END"))}


def test_removed_version_goes_and_the_one_before_comes_back(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    add_version(models / "melody", 2, melody_bundle)
    wait_for(lambda: api.state(1) == "END", "version 1 gone")
    with Load(api) as load:
        shutil.rmtree(models / "melody" / "2")
        wait_for(lambda: api.state(2) == "END", "version 2 gone")
        wait_for(lambda: 1 in load.versions, "an answer of version 1")
    assert load.errors == []
    assert api.state(1) == "AVAILABLE"


@pytest.mark.embedded
def test_model_that_is_removed_goes(api: Api, models: pathlib.Path):
    shutil.rmtree(models / "melody")
    wait_for(lambda: api.state(1) == "END", "version 1 gone")
    with pytest.raises(grpc.RpcError) as error:
        api.predict({})
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.embedded
def test_new_model_in_the_folder_is_served(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    (models / "second").mkdir()
    add_version(models / "second", 5, melody_bundle)
    wait_for(lambda: api.state(5, "second") == "AVAILABLE", "the new model available")
    assert api.predict_raw({}, name="second").model_spec.version.value == 5


BROKEN = {
    "empty": lambda good: b"",
    "truncated": lambda good: good[:len(good) // 2],
    "random": lambda good: b"\xff" * 10_000,
    "text": lambda good: b"This is no bundle.",
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_broken_version_is_kept_out(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path, damage: Callable[[bytes], bytes]
):
    version = models / "melody" / "2"
    with Load(api, clients=2) as load:
        version.mkdir()
        (version / "bundle.mag").write_bytes(damage(melody_bundle.read_bytes()))
        wait_for(lambda: api.state(2) == "END", "version 2 refused")
        state, code, message = api.states()[2]
        assert (state, code) == ("END", "INVALID_ARGUMENT")
        assert message
        assert api.state(1) == "AVAILABLE"
        with pytest.raises(grpc.RpcError) as error:
            api.predict({}, version=2)
        assert error.value.code() == grpc.StatusCode.NOT_FOUND
        # One that is not broken is taken.
        add_version(models / "melody", 3, melody_bundle)
        wait_for(lambda: 3 in load.versions, "an answer of version 3")
    assert load.errors == []


@pytest.mark.embedded
def test_broken_version_is_taken_when_mended(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    version = models / "melody" / "2"
    with Load(api, clients=2) as load:
        version.mkdir()
        (version / "bundle.mag").write_bytes(b"broken")
        wait_for(lambda: api.state(2) == "END", "version 2 refused")
        (version / "bundle.mag").write_bytes(melody_bundle.read_bytes())
        wait_for(lambda: 2 in load.versions, "an answer of version 2")
    assert load.errors == []


def test_version_that_is_copied_slowly(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    good = melody_bundle.read_bytes()
    version = models / "melody" / "2"
    version.mkdir()
    with Load(api, clients=2) as load, open(version / "bundle.mag", "wb", buffering=0) as file:
        for start in range(0, len(good), len(good) // 4 + 1):
            file.write(good[start:start + len(good) // 4 + 1])
            time.sleep(0.3)
            assert api.state(1) == "AVAILABLE" or start + len(good) // 4 + 1 >= len(good)
        wait_for(lambda: api.state(2) == "AVAILABLE", "version 2 available")
    assert load.errors == []


def test_folders_that_are_no_version(api: Api, models: pathlib.Path, melody_bundle: pathlib.Path):
    for name in ("draft", "-3", "1.5", "99999999999999999999"):
        folder = models / "melody" / name
        folder.mkdir()
        shutil.copy(melody_bundle, folder)
    time.sleep(0.5)
    assert api.states() == {1: ("AVAILABLE", "OK", "")}


def test_version_with_two_bundles_is_refused(
    api: Api, models: pathlib.Path, melody_bundle: pathlib.Path
):
    version = models / "melody" / "2"
    version.mkdir()
    for name in ("a.mag", "b.mag"):
        shutil.copy(melody_bundle, version / name)
    wait_for(lambda: api.state(2) == "END", "version 2 refused")
    assert api.state(1) == "AVAILABLE"


def test_base_path_that_is_away_for_a_moment(api: Api, models: pathlib.Path):
    models.rename(models.with_name("away"))
    time.sleep(0.5)
    assert api.state(1) == "AVAILABLE"
    assert api.predict({"num_steps": 16})


@pytest.mark.embedded
def test_broken_model_at_start_does_not_keep_the_others_out(
    start_server: Callable, make_models: Callable
):
    models = make_models(melody=[1], broken=[1])
    next((models / "broken" / "1").glob("*.mag")).write_bytes(b"broken")
    server = start_server(models=str(models))
    api = Api(server.grpc_address, server.rest_address, "melody")
    assert api.predict({"num_steps": 16})
    assert api.states("broken")[1][:2] == ("END", "INVALID_ARGUMENT")
    assert "broken" in server.output()
