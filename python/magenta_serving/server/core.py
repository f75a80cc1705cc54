"""The server without its network side: models as configured, labels, and lookups by ModelSpec."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from magenta_serving.errors import (
    InvalidArgumentError,
    NotFoundError,
    ServableError,
    UnknownError,
)
from magenta_serving.server import config as model_config
from magenta_serving.server.manager import AspiredVersionsManager, ServableHandle
from magenta_serving.server.source import aspired_versions
from magenta_serving.server.states import ServableState

_log = logging.getLogger(__name__)


class ServerCore:
    """Serves the models of a ModelServerConfig, which can be replaced at any time. Thread-safe."""

    def __init__(self, manager: AspiredVersionsManager,
                 allow_labels_for_unavailable: bool = False):
        self.manager = manager
        self._allow_labels_for_unavailable = allow_labels_for_unavailable
        # Held while the configuration or the aspired versions change.
        self._config_lock = threading.Lock()
        self._config: Any = None
        self._labels: dict[str, dict[str, int]] = {}
        # What the last poll complained about, by model, so that it is logged once.
        self._complaints: dict[str, str] = {}

    def reload_config(self, config: Any) -> None:
        """Replaces the list of models; models that stay are not touched. Waits for the new ones.

        Labels are checked against the versions that are available before the change; those of the
        first configuration against what it loaded.

        Raises:
          InvalidArgumentError: the configuration is wrong. Nothing changes.
          FailedPreconditionError: a label points to a version that is not available. Nothing
            changes (the first configuration is in force, without labels).
          UnknownError: a new model did not become available. The configuration is in force.
        """
        model_config.validate(config)
        models = list(config.model_config_list.config)
        with self._config_lock:
            first = self._config is None
            aspired = {model.name: aspired_versions(model) for model in models}
            if not first:
                self._set_labels(config)
            old = set() if first else {
                model.name for model in self._config.model_config_list.config}
            self._config = config
            for name in old - aspired.keys():
                self.manager.set_aspired_versions(name, {})
            for name, versions in aspired.items():
                self.manager.set_aspired_versions(name, versions)
        new = aspired.keys() - old
        self.manager.wait_until_loaded(new)
        if first:
            with self._config_lock:
                self._set_labels(config)
        self._check_available(sorted(new))

    def poll(self) -> None:
        """Looks for versions that came or went, and for changed files of those that failed."""
        with self._config_lock:
            for model in self._config.model_config_list.config if self._config else ():
                try:
                    versions = aspired_versions(model)
                except InvalidArgumentError as error:
                    # Perhaps a disk that is away for a moment: what is loaded stays.
                    self._complain(model.name, error.message)
                    continue
                self._complain(model.name, "" if versions else (
                    f"No versions of servable {model.name} found under base path "
                    f"{model.base_path}"))
                self.manager.set_aspired_versions(model.name, versions)

    def acquire(self, model_spec: Any) -> ServableHandle:
        """Returns a handle of the version that a ModelSpec asks for.

        Raises:
          InvalidArgumentError: it has no name, or a label that does not exist.
          NotFoundError: the version is not available.
        """
        if not model_spec.name:
            raise InvalidArgumentError("ModelSpec has no name specified.")
        return self.manager.acquire(model_spec.name, self._version(model_spec))

    def states(self, model_spec: Any) -> list[ServableState]:
        """Returns the states of the version that a ModelSpec asks for, or of all of the model's.

        Raises:
          InvalidArgumentError: a label that does not exist.
          NotFoundError: there is no such model or version.
        """
        states = self.manager.states(model_spec.name)
        version = self._version(model_spec)
        if version is not None:
            states = [state for state in states if state.id.version == version]
            if not states:
                raise NotFoundError(
                    f"Could not find version {version} of model {model_spec.name}")
        if not states:
            raise NotFoundError(f"Could not find any versions of model {model_spec.name}")
        return states

    def _version(self, model_spec: Any) -> int | None:
        choice = model_spec.WhichOneof("version_choice")
        if choice == "version":
            return model_spec.version.value
        if choice == "version_label":
            label = model_spec.version_label
            try:
                return self._labels[model_spec.name][label]
            except KeyError:
                raise InvalidArgumentError(
                    f"Unrecognized servable version label: {label}") from None
        return None

    def _set_labels(self, config: Any) -> None:
        self._labels = model_config.version_labels(
            config, self.manager.available(), self._labels, self._allow_labels_for_unavailable)

    def _check_available(self, names: list[str]) -> None:
        available = self.manager.available()
        missing = []
        for name in names:
            if name in available:
                continue
            errors = [f"{state.id} due to error: {state.error.code}: {state.error.message}"
                      for state in self.manager.states(name) if state.error]
            missing.append(", ".join(errors) or f"{{name: {name}}} has no version")
        if missing:
            raise UnknownError(
                f"{len(missing)} model(s) did not become available: {{{', '.join(missing)}}}")

    def _complain(self, name: str, text: str) -> None:
        if text and self._complaints.get(name) != text:
            _log.warning("%s", text)
        self._complaints[name] = text


class ConfigWatcher:
    """Applies a configuration that lives elsewhere (a file, a folder of models) when it changes."""

    def __init__(self, core: ServerCore, read: Callable[[], Any]):
        """Args:
          core: what to reconfigure.
          read: returns the current ModelServerConfig; raises ServableError or OSError.
        """
        self._core, self._read = core, read
        self._applied: Any = None
        self._complaint = ""

    def start(self) -> None:
        """Applies the first configuration; raises what `read` and `reload_config` raise."""
        config = self._read()
        self._applied = config
        self._core.reload_config(config)

    def poll(self) -> None:
        """Applies the configuration if it changed; one that fails is logged and tried again."""
        try:
            config = self._read()
            if config == self._applied:
                return
            self._core.reload_config(config)
        except UnknownError as error:
            # It is in force all the same; the versions that fail are watched like any other.
            _log.error("%s", error)
        except (ServableError, OSError) as error:
            if str(error) != self._complaint:
                _log.error("Model configuration not changed: %s", error)
            self._complaint = str(error)
            return
        self._applied, self._complaint = config, ""
