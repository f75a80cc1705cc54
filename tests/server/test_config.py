"""The list of models: parsing, checks, labels, discovery."""

import pytest

from magenta_serving import protos
from magenta_serving.errors import FailedPreconditionError, InvalidArgumentError
from magenta_serving.server import config

TEXT = """
model_config_list {
  config {
    name: "melody"
    base_path: "/models/melody"
    model_platform: "magenta"
    model_version_policy { specific { versions: 1 versions: 2 } }
    version_labels { key: "stable" value: 1 }
  }
  config { name: "second" base_path: "/models/second" }
}
"""


def test_text_format():
    parsed = config.parse_model_server_config(TEXT)
    config.validate(parsed)
    first, second = parsed.model_config_list.config
    assert first.model_version_policy.specific.versions == [1, 2]
    assert dict(first.version_labels) == {"stable": 1}
    assert second.name == "second"


@pytest.mark.parametrize("text", ["model_config_list {", "no_such_field: 1", "\0"])
def test_text_that_is_none(text):
    with pytest.raises(InvalidArgumentError, match="ModelServerConfig"):
        config.parse_model_server_config(text)


@pytest.mark.parametrize(("text", "message"), [
    ("", "model_config_list"),
    ("custom_model_config {}", "model_config_list"),
    ('model_config_list { config { base_path: "/a" } }', "no name"),
    ('model_config_list { config { name: "a" } }', "absolute"),
    ('model_config_list { config { name: "a" base_path: "b/c" } }', "absolute"),
    ('model_config_list { config { name: "a" base_path: "/a" } '
     'config { name: "a" base_path: "/b" } }', "multiple times"),
    ('model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" } }',
     "tensorflow_model_server"),
    ('model_config_list { config { name: "a" base_path: "/a" model_type: TENSORFLOW } }',
     "tensorflow_model_server"),
    ('model_config_list { config { name: "a" base_path: "/a" model_platform: "x" } }',
     "unsupported platform x"),
])
def test_validate(text, message):
    with pytest.raises(InvalidArgumentError, match=message):
        config.validate(config.parse_model_server_config(text))


def labelled(**labels):
    server_config = protos.ModelServerConfig()
    server_config.model_config_list.config.add(name="m", version_labels=labels)
    return server_config


def test_labels_point_to_available_versions():
    labels = config.version_labels(labelled(a=1, b=2), {"m": [1, 2]}, {}, False)
    assert labels == {"m": {"a": 1, "b": 2}}
    with pytest.raises(FailedPreconditionError, match="version 3 of model m"):
        config.version_labels(labelled(a=1, b=3), {"m": [1, 2]}, {}, False)


@pytest.mark.parametrize(("old", "ok"), [({}, True), ({"m": {"a": 9}}, True),
                                         ({"m": {"a": 1}}, False), ({"other": {"a": 1}}, True)])
def test_labels_for_unavailable_versions(old, ok):
    if ok:
        assert config.version_labels(labelled(a=9), {"m": [1]}, old, True) == {"m": {"a": 9}}
    else:
        with pytest.raises(FailedPreconditionError):
            config.version_labels(labelled(a=9), {"m": [1]}, old, True)


@pytest.mark.parametrize(("name", "number"), [
    ("1", 1), ("0", 0), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("", None),
    ("-1", None), ("1.0", None), ("1_0", None), (" 1", None), ("\u0661", None), ("one", None)])
def test_version_number(name, number):
    assert config.version_number(name) == number


def test_discover_models(tmp_path):
    for folder in ("b/2", "a/1", "no_version/x", "empty"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "file").touch()
    found = config.discover_models(str(tmp_path)).model_config_list.config
    assert [(model.name, model.base_path) for model in found] == [
        ("a", str(tmp_path / "a")), ("b", str(tmp_path / "b"))]
    with pytest.raises(InvalidArgumentError, match="no_such_folder"):
        config.discover_models(str(tmp_path / "no_such_folder"))
