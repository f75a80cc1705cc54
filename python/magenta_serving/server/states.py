"""States of servable versions, and the policy that says what to load and unload. No I/O in here.

The words and rules are those of TensorFlow Serving's core (ServableState, aspired versions,
AvailabilityPreservingPolicy).
"""

import dataclasses
import enum
from collections.abc import Iterable

from magenta_serving.errors import ServableError


class ManagerState(enum.IntEnum):
    """Where a version is in its life. Numbers are those of ModelVersionStatus.State."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclasses.dataclass(frozen=True, order=True)
class ServableId:
    """A version of a model."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{{name: {self.name} version: {self.version}}}"


@dataclasses.dataclass(frozen=True)
class ServableState:
    """A snapshot of a version: its state and, if something went wrong with it, the error."""

    id: ServableId
    manager_state: ManagerState
    error: ServableError | None = None


@dataclasses.dataclass(frozen=True)
class AspiredState:
    """What the policy needs to know of a version."""

    version: int
    manager_state: ManagerState
    aspired: bool


class Action(enum.Enum):
    LOAD = "load"
    UNLOAD = "unload"


def next_action(versions: Iterable[AspiredState]) -> tuple[Action, int] | None:
    """Returns what to do next for one model, or None when there is nothing to do now.

    A version that is no longer aspired goes only when an aspired one is available, so that the
    model stays available; more than one of them is never kept. Higher versions load first. A
    version that failed to load (END) is neither loaded again here nor counted as available.
    """
    versions = list(versions)
    aspired = [v for v in versions if v.aspired]
    leaving = [v.version for v in versions
               if not v.aspired and v.manager_state is ManagerState.AVAILABLE]
    aspired_available = any(v.manager_state is ManagerState.AVAILABLE for v in aspired)
    if leaving and (not aspired or aspired_available or len(leaving) > 1):
        return Action.UNLOAD, min(leaving)
    new = [v.version for v in aspired if v.manager_state is ManagerState.START]
    return (Action.LOAD, max(new)) if new else None
