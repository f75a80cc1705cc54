"""Loads, hands out and unloads versions of models as a source aspires to them."""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from magenta_serving.errors import InternalError, NotFoundError, ServableError
from magenta_serving.server.source import Fingerprint, fingerprint
from magenta_serving.server.states import (
    Action,
    AspiredState,
    ManagerState,
    ServableId,
    ServableState,
    next_action,
)

_log = logging.getLogger(__name__)

# Versions of a model that have gone but still have a state to be asked for.
MAX_ENDED = 100


@dataclasses.dataclass(eq=False)
class _Harness:
    """A version that the manager knows, and how many requests hold it."""

    id: ServableId
    path: str
    state: ManagerState = ManagerState.START
    aspired: bool = True
    error: ServableError | None = None
    # Of the files as they were before the last load.
    fingerprint: Fingerprint = ()
    servable: Any = None
    handles: int = 0


def _forget_oldest(harnesses: dict[int, _Harness]) -> None:
    """Drops the lowest versions that have gone when they are too many: a server runs for months."""
    ended = sorted(version for version, harness in harnesses.items()
                   if harness.state is ManagerState.END and not harness.aspired)
    for version in ended[:-MAX_ENDED]:
        del harnesses[version]


class ServableHandle:
    """A loaded version, kept loaded until `release` is called (once) or the `with` block ends."""

    def __init__(self, manager: "AspiredVersionsManager", harness: _Harness):
        self.id = harness.id
        self.servable = harness.servable
        self._manager = manager
        self._harness: _Harness | None = harness

    def release(self) -> None:
        harness, self._harness, self.servable = self._harness, None, None
        if harness is not None:
            self._manager._release(harness)

    def __enter__(self) -> "ServableHandle":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class AspiredVersionsManager:
    """Keeps the loaded versions equal to the aspired ones without a gap in service.

    A new version loads while the old one answers; the old one goes when the new one is available
    and the requests that hold the old one are done. A version that fails to load is kept out (state
    END, with the error) and tried again when its files change. All methods are thread-safe.
    """

    def __init__(
        self,
        load: Callable[[str], Any],
        num_load_threads: int = 1,
        on_change: Callable[[], None] = lambda: None,
        on_load: Callable[[ServableId, str], None] = lambda version, code: None,
    ):
        """Args:
          load: makes a servable of a version folder; raises ServableError.
          num_load_threads: versions that load at one time.
          on_change: called after states changed, from any thread; must be quick.
          on_load: called with each version that was tried and "OK" or its error's code.
        """
        self._load = load
        self._on_change = on_change
        self._on_load = on_load
        self._executor = ThreadPoolExecutor(num_load_threads, "load")
        self._condition = threading.Condition(threading.RLock())
        self._harnesses: dict[str, dict[int, _Harness]] = {}
        self._closed = False

    def set_aspired_versions(self, name: str, paths: Mapping[int, str]) -> None:
        """Says which versions of a model should be loaded, with their folders; none unloads it."""
        # Looking at files can take long, so it is done before the lock is taken.
        prints = {version: fingerprint(paths[version]) for version in self._failed(name, paths)}
        with self._condition:
            harnesses = self._harnesses.setdefault(name, {})
            for version, harness in harnesses.items():
                if version not in paths:
                    harness.aspired = False
                    if harness.state is ManagerState.START:
                        self._set_state(harness, ManagerState.END)
            _forget_oldest(harnesses)
            for version, path in paths.items():
                harness = harnesses.get(version)
                if harness is None:
                    harnesses[version] = _Harness(ServableId(name, version), path)
                    continue
                stale = not harness.aspired or (
                    version in prints and (path, prints[version]) != (
                        harness.path, harness.fingerprint))
                harness.aspired = True
                if harness.state is ManagerState.END and stale:
                    harness.path = path
                    self._set_state(harness, ManagerState.START)
            self._act(name)

    def acquire(self, name: str, version: int | None = None) -> ServableHandle:
        """Returns a handle of a version, by default the highest one available.

        Raises:
          NotFoundError: it is not available.
        """
        with self._condition:
            available = [v for v, harness in self._harnesses.get(name, {}).items()
                         if harness.state is ManagerState.AVAILABLE]
            if version is None and available:
                version = max(available)
            if version not in available:
                request = f"Latest({name})" if version is None else f"Specific({name}, {version})"
                raise NotFoundError(f"Servable not found for request: {request}")
            harness = self._harnesses[name][version]
            harness.handles += 1
            return ServableHandle(self, harness)

    def states(self, name: str) -> list[ServableState]:
        """Returns the states of this model's versions, the last ended ones too, highest first."""
        with self._condition:
            return [ServableState(harness.id, harness.state, harness.error)
                    for _, harness in sorted(self._harnesses.get(name, {}).items(), reverse=True)]

    def available(self) -> dict[str, list[int]]:
        """Returns the available versions, in order, of every model that has any."""
        with self._condition:
            versions = {
                name: sorted(v for v, h in harnesses.items() if h.state is ManagerState.AVAILABLE)
                for name, harnesses in sorted(self._harnesses.items())}
            return {name: numbers for name, numbers in versions.items() if numbers}

    def wait_until_loaded(self, names: Iterable[str], timeout: float | None = None) -> bool:
        """Waits until every aspired version of these models has loaded or failed."""
        names = list(names)

        def settled() -> bool:
            return self._closed or not any(
                harness.aspired and harness.state in (ManagerState.START, ManagerState.LOADING)
                for name in names for harness in self._harnesses.get(name, {}).values())

        with self._condition:
            return self._condition.wait_for(settled, timeout)

    def close(self) -> None:
        """Ends the load threads after the loads that run now; what waits is dropped."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._executor.shutdown(cancel_futures=True)

    def _failed(self, name: str, paths: Mapping[int, str]) -> list[int]:
        with self._condition:
            return [version for version, harness in self._harnesses.get(name, {}).items()
                    if harness.error is not None and version in paths]

    def _set_state(
        self, harness: _Harness, state: ManagerState, error: ServableError | None = None
    ) -> None:
        harness.state, harness.error = state, error
        self._condition.notify_all()
        self._on_change()

    def _act(self, name: str) -> None:
        """Does all that the policy wants done for a model now. The lock is held."""
        harnesses = self._harnesses[name]
        while not self._closed and (action := next_action(
                AspiredState(version, h.state, h.aspired) for version, h in harnesses.items())):
            harness = harnesses[action[1]]
            if action[0] is Action.LOAD:
                self._set_state(harness, ManagerState.LOADING)
                self._executor.submit(self._load_servable, harness)
            else:
                self._set_state(harness, ManagerState.UNLOADING)
                self._unload_if_idle(harness)

    def _load_servable(self, harness: _Harness) -> None:
        prints = fingerprint(harness.path)
        start = time.monotonic()
        error, servable = None, None
        try:
            servable = self._load(harness.path)
        except ServableError as failure:
            # Kept for long, and its traceback would keep the frames.
            error = failure.with_traceback(None)
        except Exception as failure:
            _log.exception("Loading servable version %s failed", harness.id)
            error = InternalError(f"{type(failure).__name__}: {failure}")
        if error is None:
            _log.info("Loaded servable version %s from %s in %.2f s",
                      harness.id, harness.path, time.monotonic() - start)
        else:
            _log.error("Servable %s cannot be loaded: %s: %s", harness.id, error.code, error)
        self._on_load(harness.id, error.code if error else "OK")
        with self._condition:
            harness.fingerprint, harness.servable = prints, servable
            self._set_state(
                harness, ManagerState.END if error else ManagerState.AVAILABLE, error)
            self._act(harness.id.name)

    def _release(self, harness: _Harness) -> None:
        with self._condition:
            harness.handles -= 1
            if harness.state is ManagerState.UNLOADING:
                self._unload_if_idle(harness)

    def _unload_if_idle(self, harness: _Harness) -> None:
        if harness.handles == 0 and not self._closed:
            self._executor.submit(self._unload_servable, harness)

    def _unload_servable(self, harness: _Harness) -> None:
        servable, harness.servable = harness.servable, None
        # Freed here, in a load thread and outside the lock: it may take a while.
        del servable
        _log.info("Unloaded servable version %s", harness.id)
        with self._condition:
            self._set_state(harness, ManagerState.END)
            if harness.aspired:
                # Wanted again while it was going.
                self._set_state(harness, ManagerState.START)
            self._act(harness.id.name)
