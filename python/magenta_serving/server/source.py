"""Finds versions of models in the file system, and tells whether their files changed."""

import os
import pathlib
from typing import Any

from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server.config import version_number

# What tells whether the files of a version changed: (path, size, time of change in ns) of each.
Fingerprint = tuple[tuple[str, int, int], ...]


def select_versions(found: dict[int, str], policy: Any) -> dict[int, str]:
    """Returns those of `found` that a ServableVersionPolicy aspires: by default the latest."""
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return dict(found)
    if choice == "specific":
        return {version: found[version] for version in policy.specific.versions if version in found}
    count = max(policy.latest.num_versions, 1)
    return {version: found[version] for version in sorted(found)[-count:]}


def aspired_versions(model: Any) -> dict[int, str]:
    """Looks into a ModelConfig's base path; returns the folders of the aspired versions by number.

    Raises:
      InvalidArgumentError: the base path does not exist or cannot be read.
    """
    try:
        children = sorted(os.listdir(model.base_path))
    except OSError as error:
        raise InvalidArgumentError(
            f"Could not find base path {model.base_path} for servable {model.name} with error "
            f"{error.strerror}") from error
    found: dict[int, str] = {}
    for child in children:
        version = version_number(child)
        if version is None:
            continue
        # Of "1" and "01" the last in order counts.
        found[version] = os.path.join(model.base_path, child)
    return select_versions(found, model.model_version_policy)


def fingerprint(folder: str) -> Fingerprint:
    """Returns the fingerprint of a version folder; empty if it cannot be read."""
    entries = []
    try:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            stat = path.stat()
            entries.append((str(path), stat.st_size, stat.st_mtime_ns))
    except OSError:
        return ()
    return tuple(entries)
