"""Bundles and SavedModels in one server, the entry point that finds them, and platform settings."""

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import grpc
import numpy as np
import pytest
from magenta_serving import protos, tensors

from tests.contract.api import Api, notes
from tests.servers import ROOT, ServerProcess

_SAVE_HALF_PLUS_TWO = """
import sys, tensorflow as tf
class HalfPlusTwo(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def __call__(self, x):
        return {"y": x / 2 + 2}
module = HalfPlusTwo()
tf.saved_model.save(module, sys.argv[1], signatures=module.__call__)
"""


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A SavedModel that computes y = x / 2 + 2."""
    folder = tmp_path_factory.mktemp("saved_model")
    environment = {name: value for name, value in os.environ.items()
                   if name != "TF_USE_LEGACY_KERAS"}
    subprocess.run([sys.executable, "-c", _SAVE_HALF_PLUS_TWO, str(folder)], check=True,
                   env=environment, capture_output=True)
    return folder


@pytest.fixture
def models(make_models: Callable[..., pathlib.Path], saved_model: pathlib.Path) -> pathlib.Path:
    """Folder with the bundle `melody` and the SavedModel `half_plus_two`."""
    models = make_models(melody=[1])
    shutil.copytree(saved_model, models / "half_plus_two" / "7")
    return models


def api_of(server: ServerProcess, model: str = "melody") -> Api:
    return Api(server.grpc_address, server.rest_address, model)


def test_bundle_and_saved_model_in_one_server(start_server: Callable, models: pathlib.Path) -> None:
    (models / "not a model").mkdir()
    (models / "empty" / "1").mkdir(parents=True)
    server = start_server(models=str(models))
    melody, half_plus_two = api_of(server), api_of(server, "half_plus_two")
    assert len(notes(melody.predict({"seed": 1})["sequence_bytes"][0])) > 1
    response = half_plus_two.predict_raw({"x": np.array([1, 5], np.float32)})
    np.testing.assert_array_equal(tensors.to_ndarray(response.outputs["y"]), [2.5, 4.5])
    assert response.model_spec.version.value == 7
    assert half_plus_two.rest_predict({"instances": [1.0, 5.0]}) == {"predictions": [2.5, 4.5]}
    assert melody.rest_predict({"inputs": {"seed": 1, "num_steps": 16}})["outputs"]
    log = server.output()
    assert "melody: magenta model melody" in log
    assert "half_plus_two: tensorflow model half_plus_two" in log
    assert "empty: no VERSION/*.mag and no VERSION/saved_model.pb; left out" in log


def test_one_model_by_flags(start_server: Callable, models: pathlib.Path) -> None:
    server = start_server(model_name="tune", model_base_path=f"{models}/melody")
    assert api_of(server, "tune").predict({"num_steps": 16})
    server = start_server(model_name="half", model_base_path=f"{models}/half_plus_two")
    assert api_of(server, "half").rest_predict({"instances": [2.0]}) == {"predictions": [3.0]}


def test_no_models(server_class: type[ServerProcess], tmp_path: pathlib.Path) -> None:
    with pytest.raises(AssertionError, match="There is no model in"):
        server_class(models=str(tmp_path))


def test_health_check_script(start_server: Callable, models: pathlib.Path) -> None:
    server = start_server(models=str(models))
    if not hasattr(server, "state_folder"):
        pytest.skip("the server is in a container, whose state folder cannot be read from here")
    state = pathlib.Path(server.state_folder)

    def check() -> int:
        return subprocess.run([ROOT / "docker/healthcheck.sh"], capture_output=True, timeout=30,
                              env={**os.environ, "STATE_DIR": str(state)}).returncode

    assert check() == 0
    health = api_of(server).call(protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest())
    assert health.status == protos.HealthCheckResponse.SERVING
    config = state / "models.config"
    config.write_text(config.read_text() + "# name: 'absent'\n")
    assert check() != 0
    server.stop()
    assert check() != 0


def test_platform_config_sets_limits(start_server: Callable, models: pathlib.Path) -> None:
    server = start_server(
        models=str(models), threads=1, limits={"max_steps": 32, "max_outputs": 2})
    api = api_of(server)
    assert api.predict({"num_steps": 32})
    for inputs, mention in (({"num_steps": 33}, "num_steps is 33; it must be from 1 to 32"),
                            ({"num_outputs": 3}, "max_outputs is 2")):
        with pytest.raises(grpc.RpcError) as error:
            api.predict(inputs)
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert mention in error.value.details()
    # The platform that the file does not mention has its defaults.
    assert api_of(server, "half_plus_two").rest_predict({"instances": [2.0]}) == {
        "predictions": [3.0]}


@pytest.mark.parametrize(("settings", "mention"), [
    ({"limits": {"max_notes": 32}}, "unknown limit 'max_notes'"),
    ({"limits": {"max_steps": -1}}, "max_steps is -1"),
    ({"threads": -2}, "threads is -2"),
    ({"engine": "warp"}, "engine is 'warp'"),
])
def test_wrong_platform_config(server_class: type[ServerProcess], models: pathlib.Path,
                               settings: dict[str, object], mention: str) -> None:
    with pytest.raises(AssertionError, match=mention):
        server_class(models=str(models), **settings)


def test_other_methods_are_refused(start_server: Callable, models: pathlib.Path) -> None:
    api = api_of(start_server(models=str(models)))
    for method in ("classify", "regress"):
        status, answer, _ = api.rest(f"/v1/models/melody:{method}", {"examples": [{"x": 1.0}]})
        assert status == 400, answer
        assert answer["error"]
    assert api.predict({"num_steps": 16})
