"""The list of models to serve: TensorFlow Serving's ModelServerConfig, read and checked."""

import os
import pathlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import text_format

from magenta_serving import protos
from magenta_serving.errors import FailedPreconditionError, InvalidArgumentError

PLATFORM = "magenta"

_VERSION = re.compile(r"[0-9]{1,19}")
_MAX_VERSION = 2**63 - 1


def version_number(name: str) -> int | None:
    """Returns the version that a folder name stands for, or None if it is not a version."""
    version = int(name) if _VERSION.fullmatch(name) else None
    return version if version is not None and version <= _MAX_VERSION else None


def parse_model_server_config(text: str) -> Any:
    """Returns the ModelServerConfig in protobuf text format `text`.

    Raises:
      InvalidArgumentError: the text is not one, or names no list of models.
    """
    config = protos.ModelServerConfig()
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        raise InvalidArgumentError(f"Not a ModelServerConfig in text format: {error}") from error
    return config


def single_model_config(name: str, base_path: str) -> Any:
    """Returns the configuration of one model, its latest version served."""
    config = protos.ModelServerConfig()
    config.model_config_list.config.add(
        name=name, base_path=os.path.abspath(base_path), model_platform=PLATFORM)
    return config


def discover_models(folder: str) -> Any:
    """Returns the configuration of every NAME in `folder` that has a version folder.

    Raises:
      InvalidArgumentError: the folder cannot be read.
    """
    config = protos.ModelServerConfig()
    config.model_config_list.SetInParent()
    try:
        models = sorted(path for path in pathlib.Path(folder).absolute().iterdir() if path.is_dir())
    except OSError as error:
        raise InvalidArgumentError(f"Could not read the models folder {folder}: {error}") from error
    for model in models:
        try:
            has_version = any(version_number(child.name) is not None for child in model.iterdir())
        except OSError:
            # Gone or locked between the two looks; the next poll sees it if it comes back.
            continue
        if has_version:
            config.model_config_list.config.add(
                name=model.name, base_path=str(model), model_platform=PLATFORM)
    return config


def validate(config: Any) -> None:
    """Checks a ModelServerConfig, new or sent for a reload.

    Raises:
      InvalidArgumentError: it is not a list of models, or one of them cannot be served here.
    """
    if config.WhichOneof("config") != "model_config_list":
        raise InvalidArgumentError(
            "A ModelServerConfig must have a model_config_list; nothing else is supported")
    names = set()
    for model in config.model_config_list.config:
        if not model.name:
            raise InvalidArgumentError("A model in the config list has no name")
        if model.name in names:
            raise InvalidArgumentError(
                f"Illegal to list model {model.name} multiple times in config list")
        names.add(model.name)
        if not os.path.isabs(model.base_path):
            raise InvalidArgumentError(
                f"Expected model {model.name} to have an absolute path or URI; got "
                f"base_path()={model.base_path}")
        platform = model.model_platform or ("tensorflow" if model.model_type == 1 else PLATFORM)
        if platform == "tensorflow":
            raise InvalidArgumentError(
                f"Model {model.name} requests platform tensorflow, but this server serves Magenta "
                "bundles (platform \"magenta\"); serve SavedModels with tensorflow_model_server")
        if platform != PLATFORM:
            raise InvalidArgumentError(
                f"Model {model.name} requests unsupported platform {platform}")


def version_labels(
    config: Any,
    available: Mapping[str, Collection[int]],
    old_labels: Mapping[str, Mapping[str, int]],
    allow_unavailable: bool,
) -> dict[str, dict[str, int]]:
    """Returns the labels that `config` gives to versions, by model name.

    Args:
      config: a valid ModelServerConfig.
      available: versions that can answer now, by model name.
      old_labels: the labels in force.
      allow_unavailable: whether a label that is new, or stays where it is, may point to a version
        that is not available.

    Raises:
      FailedPreconditionError: a label points to a version that is not available.
    """
    labels: dict[str, dict[str, int]] = {}
    for model in config.model_config_list.config:
        for label, version in model.version_labels.items():
            old = old_labels.get(model.name, {}).get(label, version)
            if version not in available.get(model.name, ()) and not (
                    allow_unavailable and old == version):
                raise FailedPreconditionError(
                    f"Request to assign label to version {version} of model {model.name}, which is "
                    "not currently available for inference")
            labels.setdefault(model.name, {})[label] = version
    return labels
