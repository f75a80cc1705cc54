"""The official bundles, from `catalog.json`, and the bundles in a folder of models."""

import dataclasses
import hashlib
import json
import os
import pathlib


@dataclasses.dataclass(frozen=True)
class Bundle:
    """An official bundle.

    Attributes:
        name: of its file, without ".mag", and of the model that it is served as.
        family: the family of Magenta's models.
        config: Magenta's name of the configuration.
        about: what it plays, in a few words.
        git_blob: what `git hash-object` says of the file, in hexadecimal digits.
    """

    name: str
    family: str
    config: str
    about: str
    git_blob: str


_CATALOG = json.loads(pathlib.Path(__file__).with_name("catalog.json").read_text("utf-8"))

# Address of the folder that the official bundles are in.
HOME: str = _CATALOG["home"]
OFFICIAL: dict[str, Bundle] = {
    name: Bundle(name, **fields) for name, fields in _CATALOG["bundles"].items()}


@dataclasses.dataclass(frozen=True)
class Local:
    """A bundle in a folder of models.

    Attributes:
        model: name of its model.
        version: number of its version.
        path: the file.
        size: bytes.
        official: name of the official bundle that it is, byte for byte; None if of none.
    """

    model: str
    version: int
    path: pathlib.Path
    size: int
    official: str | None


def local_bundles(models: pathlib.Path) -> list[Local]:
    """Returns the bundles MODELS/NAME/VERSION/*.mag, by name and version; none without a folder."""
    names = {bundle.git_blob: bundle.name for bundle in OFFICIAL.values()}
    found = [
        Local(path.parent.parent.name, int(path.parent.name), path, path.stat().st_size,
              names.get(git_blob(path)))
        for path in models.glob("[!.]*/*/*.mag")
        if path.parent.name.isascii() and path.parent.name.isdigit() and path.is_file()]
    return sorted(found, key=lambda bundle: (bundle.model, bundle.version))


def git_blob(path: pathlib.Path) -> str:
    """Returns git's id of a file's content, as `git hash-object` does."""
    with open(path, "rb") as file:
        digest = hashlib.sha1(b"blob %d\0" % os.fstat(file.fileno()).st_size)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
