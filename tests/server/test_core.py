"""ServerCore and ConfigWatcher with a loader that loads nothing."""

import pathlib

import pytest

from magenta_serving import protos
from magenta_serving.errors import (
    DataLossError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    UnknownError,
)
from magenta_serving.server import config
from magenta_serving.server.core import ConfigWatcher, ServerCore
from magenta_serving.server.manager import AspiredVersionsManager


def load(path):
    if (pathlib.Path(path) / "broken").exists():
        raise DataLossError("it is broken")
    return path


@pytest.fixture
def core():
    manager = AspiredVersionsManager(load)
    yield ServerCore(manager)
    manager.close()


def make(folder, *versions):
    for version in versions:
        (folder / version).mkdir(parents=True)
    return folder


def config_of(*models, **labels):
    result = protos.ModelServerConfig()
    result.model_config_list.SetInParent()
    for path in models:
        model = result.model_config_list.config.add(
            name=path.name, base_path=str(path), version_labels=labels)
        model.model_version_policy.all.SetInParent()
    return result


def spec(name, version=None, label=None):
    result = protos.ModelSpec(name=name)
    if version is not None:
        result.version.value = version
    if label is not None:
        result.version_label = label
    return result


def test_lookups(core, tmp_path):
    core.reload_config(config_of(make(tmp_path / "a", "1", "2"), stable=1))
    for request, version in ((spec("a"), 2), (spec("a", 1), 1), (spec("a", label="stable"), 1)):
        with core.acquire(request) as handle:
            assert handle.id.version == version
    assert [state.id.version for state in core.states(spec("a"))] == [2, 1]
    assert [state.id.version for state in core.states(spec("a", label="stable"))] == [1]
    for request, error in ((spec(""), InvalidArgumentError), (spec("b"), NotFoundError),
                           (spec("a", 3), NotFoundError),
                           (spec("a", label="x"), InvalidArgumentError)):
        with pytest.raises(error):
            core.acquire(request)
    with pytest.raises(NotFoundError, match="Could not find version 3 of model a"):
        core.states(spec("a", 3))
    with pytest.raises(NotFoundError, match="Could not find any versions of model b"):
        core.states(spec("b"))


def test_before_any_config(core):
    core.poll()
    with pytest.raises(NotFoundError):
        core.acquire(spec("a"))


def test_reload_touches_only_what_changes(core, tmp_path):
    a, b = make(tmp_path / "a", "1"), make(tmp_path / "b", "1")
    core.reload_config(config_of(a))
    handle = core.acquire(spec("a"))
    core.reload_config(config_of(a, b))
    assert core.acquire(spec("a")).servable is handle.servable
    core.reload_config(config_of(b))
    with pytest.raises(NotFoundError):
        core.acquire(spec("a"))


def test_reload_that_fails_leaves_all_as_it_was(core, tmp_path):
    a = make(tmp_path / "a", "1")
    core.reload_config(config_of(a, stable=1))
    with pytest.raises(InvalidArgumentError, match="base path"):
        core.reload_config(config_of(tmp_path / "gone"))
    with pytest.raises(FailedPreconditionError):
        core.reload_config(config_of(a, stable=2))
    assert core.acquire(spec("a", label="stable")).id.version == 1


def test_new_model_that_does_not_load(core, tmp_path):
    bad = make(tmp_path / "bad", "1")
    (bad / "1" / "broken").touch()
    with pytest.raises(UnknownError, match="1 model.*name: bad version: 1.*it is broken"):
        core.reload_config(config_of(bad))
    with pytest.raises(UnknownError, match="name: empty.*has no version"):
        core.reload_config(config_of(bad, make(tmp_path / "empty", "x")))
    # Mended, it is loaded at the next look.
    (bad / "1" / "broken").unlink()
    core.poll()
    assert core.manager.wait_until_loaded(["bad"], 10)
    assert core.acquire(spec("bad")).id.version == 1


def test_watcher(core, tmp_path):
    make(tmp_path / "a", "1")
    watcher = ConfigWatcher(core, lambda: config.discover_models(str(tmp_path)))
    watcher.start()
    assert core.manager.available() == {"a": [1]}
    make(tmp_path / "b", "3")
    watcher.poll()
    assert core.manager.available() == {"a": [1], "b": [3]}


def test_watcher_tries_again_what_failed(core, tmp_path, caplog):
    a, b = make(tmp_path / "a", "1"), make(tmp_path / "b", "1")
    current = [config_of(a)]
    watcher = ConfigWatcher(core, lambda: current[0])
    watcher.start()
    current[0] = config_of(b, stable=7)
    for _ in range(3):
        watcher.poll()
    assert core.manager.available() == {"a": [1]}
    assert len([r for r in caplog.records if "not changed" in r.message]) == 1
    current[0] = config_of(a, b)
    watcher.poll()
    assert core.manager.available() == {"a": [1], "b": [1]}
