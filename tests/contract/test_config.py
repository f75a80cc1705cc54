"""A model config file, version policies, labels, and reloads by RPC and by file."""

import pathlib
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import text_format

from magenta_serving import protos

from .api import Api, wait_for

POLL = {"file_system_poll_wait_seconds": 0.1}


def model_config(models: pathlib.Path, *names: str, policy: str = "",
                 labels: dict[str, int] | None = None, platform: str = "magenta") -> Any:
    """Returns a ModelServerConfig of these models, all with the same policy and labels."""
    config = protos.ModelServerConfig()
    config.model_config_list.SetInParent()
    for name in names:
        model = config.model_config_list.config.add(
            name=name, base_path=str(models / name), model_platform=platform,
            version_labels=labels or {})
        text_format.Parse(policy, model.model_version_policy)
    return config


def reload(api: Api, config: Any) -> Any:
    return api.call(protos.MODEL_SERVICE, "HandleReloadConfigRequest",
                    protos.ReloadConfigRequest(config=config))


def assert_reload_fails(api: Api, config: Any, code: grpc.StatusCode, mention: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        reload(api, config)
    assert error.value.code() == code
    assert mention in error.value.details()


@pytest.fixture
def serve(start_server: Callable, tmp_path: pathlib.Path) -> Callable[..., Api]:
    """Starts a server with a config file that says `config`, and returns its API."""

    def start(config: Any, **options: Any) -> Api:
        path = tmp_path / "models.config"
        path.write_text(text_format.MessageToString(config))
        server = start_server(model_config_file=str(path), **{**POLL, **options})
        return Api(server.grpc_address, server.rest_address, "melody")

    return start


def wait_for_all(api: Api, count: int) -> None:
    """Waits until `count` versions are available; a server may answer when the first one is."""
    wait_for(lambda: [state for state, _, _ in api.states().values()] == ["AVAILABLE"] * count,
             f"{count} versions available")


@pytest.mark.parametrize(("policy", "served"), [
    ("", [3]),
    ("latest { num_versions: 2 }", [2, 3]),
    ("all {}", [1, 2, 3]),
    ("specific { versions: 1 versions: 3 }", [1, 3]),
])
def test_version_policy(serve: Callable, make_models: Callable, policy: str, served: list[int]):
    api = serve(model_config(make_models(melody=[1, 2, 3]), "melody", policy=policy))
    wait_for_all(api, len(served))
    assert sorted(api.states()) == served
    assert api.predict_raw({}).model_spec.version.value == max(served)
    for version in served:
        assert api.predict_raw({}, version=version).model_spec.version.value == version


def test_labels_of_the_first_config(serve: Callable, make_models: Callable):
    api = serve(model_config(
        make_models(melody=[1, 2]), "melody", policy="all {}", labels={"stable": 1, "canary": 2}))
    wait_for_all(api, 2)
    assert api.predict_raw({}, label="stable").model_spec.version.value == 1
    assert api.predict_raw({}, label="canary").model_spec.version.value == 2
    assert api.rest_predict({"inputs": {"num_steps": 16}}, "/labels/stable")["outputs"]
    status, answer, _ = api.rest("/v1/models/melody/labels/stable/metadata")
    assert status == 200 and answer["model_spec"]["version"] == "1"
    status, answer, _ = api.rest("/v1/models/melody/labels/canary")
    assert "2" in [version["version"] for version in answer["model_version_status"]]


def test_labels_move(serve: Callable, make_models: Callable):
    models = make_models(melody=[1, 2])
    api = serve(model_config(models, "melody", policy="all {}", labels={"stable": 1}))
    wait_for_all(api, 2)
    reload(api, model_config(models, "melody", policy="all {}", labels={"stable": 2}))
    assert api.predict_raw({}, label="stable").model_spec.version.value == 2
    reload(api, model_config(models, "melody", policy="all {}"))
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw({}, label="stable")
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_label_for_a_version_that_is_not_available(serve: Callable, make_models: Callable):
    models = make_models(melody=[1])
    api = serve(model_config(models, "melody", labels={"stable": 1}))
    assert_reload_fails(api, model_config(models, "melody", labels={"stable": 9}),
                        grpc.StatusCode.FAILED_PRECONDITION, "version 9 of model melody")
    # Nothing changed.
    assert api.predict_raw({}, label="stable").model_spec.version.value == 1


def test_new_label_for_an_unavailable_version_if_allowed(serve: Callable, make_models: Callable):
    models = make_models(melody=[1])
    api = serve(model_config(models, "melody", labels={"stable": 1}),
                allow_version_labels_for_unavailable_models=True)
    reload(api, model_config(models, "melody", labels={"stable": 1, "next": 9}))
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw({}, label="next")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
    # A label in use still does not move to nowhere.
    assert_reload_fails(api, model_config(models, "melody", labels={"stable": 9}),
                        grpc.StatusCode.FAILED_PRECONDITION, "version 9")


def test_reload_adds_keeps_and_removes_models(serve: Callable, make_models: Callable):
    models = make_models(melody=[1], second=[4], third=[1])
    api = serve(model_config(models, "melody", "second"))
    response = reload(api, model_config(models, "melody", "third"))
    assert response.status.error_code == 0
    # The reload waits for what is new.
    assert api.predict_raw({}, name="third").model_spec.version.value == 1
    assert api.states() == {1: ("AVAILABLE", "OK", "")}
    wait_for(lambda: api.state(4, "second") == "END", "the model that is no longer listed gone")
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw({}, name="second")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_reload_changes_a_policy(serve: Callable, make_models: Callable):
    models = make_models(melody=[1, 2])
    api = serve(model_config(models, "melody"))
    reload(api, model_config(models, "melody", policy="specific { versions: 1 }"))
    wait_for(lambda: api.state(2) == "END", "version 2 gone")
    assert api.predict_raw({}).model_spec.version.value == 1


def test_reload_with_a_broken_model(serve: Callable, make_models: Callable):
    models = make_models(melody=[1], broken=[1])
    next((models / "broken" / "1").glob("*.mag")).write_bytes(b"broken")
    api = serve(model_config(models, "melody"))
    assert_reload_fails(api, model_config(models, "melody", "broken"),
                        grpc.StatusCode.UNKNOWN, "name: broken version: 1")
    assert api.predict({"num_steps": 16})
    assert api.states("broken")[1][:2] == ("END", "INVALID_ARGUMENT")


def test_reload_that_is_wrong_changes_nothing(serve: Callable, make_models: Callable):
    models = make_models(melody=[1])
    api = serve(model_config(models, "melody"))
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert_reload_fails(api, protos.ModelServerConfig(), invalid, "")
    assert_reload_fails(api, model_config(models, "melody", "melody"), invalid, "multiple times")
    assert_reload_fails(api, model_config(pathlib.Path("relative"), "melody"), invalid, "absolute")
    assert_reload_fails(api, model_config(models, "melody", platform="other"), invalid, "platform")
    assert api.states() == {1: ("AVAILABLE", "OK", "")}


@pytest.mark.embedded
def test_reload_that_the_embedded_server_refuses(serve: Callable, make_models: Callable):
    models = make_models(melody=[1])
    api = serve(model_config(models, "melody"))
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    # tensorflow_model_server waits for the folder to appear.
    assert_reload_fails(api, model_config(models, "no_such_folder"), invalid, "base path")
    assert_reload_fails(api, model_config(models, "melody", platform="tensorflow"), invalid,
                        "tensorflow_model_server")
    assert api.states() == {1: ("AVAILABLE", "OK", "")}


def test_config_file_is_read_again(serve: Callable, make_models: Callable, tmp_path: pathlib.Path):
    models = make_models(melody=[1], second=[1])
    api = serve(model_config(models, "melody"), model_config_file_poll_wait_seconds=0.1)
    path = tmp_path / "models.config"
    path.write_text("this is no config")
    path.write_text(text_format.MessageToString(model_config(models, "melody", "second")))
    wait_for(lambda: api.state(1, "second") == "AVAILABLE", "the model that is new in the file")
    assert api.states() == {1: ("AVAILABLE", "OK", "")}


@pytest.mark.embedded
def test_empty_list_of_models(serve: Callable, make_models: Callable):
    api = serve(model_config(pathlib.Path("/")))
    health = api.call(protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest())
    assert health.status == protos.HealthCheckResponse.NOT_SERVING
    reload(api, model_config(make_models(melody=[1]), "melody"))
    assert api.predict({"num_steps": 16})
    wait_for(lambda: api.call(
        protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest()).status
        == protos.HealthCheckResponse.SERVING, "SERVING")
