"""Fetches an official bundle into a folder of models."""

import fcntl
import os
import pathlib
import shutil
import time
from collections.abc import Callable
from typing import BinaryIO

import requests

from magenta_serving.bundles.catalog import Bundle, git_blob

# Called with the bytes there are and those there will be (None where the server does not say).
Progress = Callable[[int, int | None], None]

# Connections made until the file is complete; each goes on where the last one ended.
_ATTEMPTS = 5
# Seconds until a connection stands, and between two pieces of its data.
_TIMEOUT = (10, 30)
_CHUNK = 1 << 16


class DownloadError(Exception):
    """A bundle that could not be fetched; the message is for the user."""


def download(
    bundle: Bundle, models: pathlib.Path, version: int, home: str, progress: Progress
) -> pathlib.Path:
    """Puts a bundle into MODELS/NAME/VERSION/NAME.mag, complete and checked, or not at all.

    What was fetched before a failure stays in MODELS/.NAME.download and is not fetched again.

    Args:
        bundle: which one.
        models: the folder of models; made if it is not there.
        version: number of the version directory.
        home: address of the folder that has NAME.mag.
        progress: hears how far it is.

    Returns:
        The path of the file, which may have been there already.

    Raises:
        DownloadError: the server has no such file or another one, or does not answer; the file
            system is full; the version directory holds something else.
    """
    target = models / bundle.name / str(version)
    path = target / f"{bundle.name}.mag"
    if target.exists():
        if path.is_file() and git_blob(path) == bundle.git_blob:
            return path
        raise DownloadError(
            f"{target} is there already and is not the official {bundle.name}; take another "
            "--version or remove it")
    folder = models / f".{bundle.name}.download"
    try:
        _fetch_checked(bundle, folder, f"{home.rstrip('/')}/{path.name}", progress)
        # A server that looks meanwhile sees the whole version or none.
        target.parent.mkdir(exist_ok=True)
        os.rename(folder, target)
    except OSError as error:
        raise DownloadError(f"{models}: {error.strerror or error}") from error
    return path


def _fetch_checked(
    bundle: Bundle, folder: pathlib.Path, url: str, progress: Progress
) -> None:
    """Makes FOLDER/NAME.mag the official bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{bundle.name}.mag"
    # Opened to append: what an earlier run fetched is kept.
    with open(path, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(f"{bundle.name} is being downloaded by another process") from None
        resumed = file.tell() > 0
        _fetch(url, file, progress)
        if resumed and git_blob(path) != bundle.git_blob:
            # The beginning may have been of another file.
            _empty(file)
            _fetch(url, file, progress)
        found = git_blob(path)
        if found != bundle.git_blob:
            shutil.rmtree(folder)
            raise DownloadError(
                f"{url} is another file than the official {bundle.name}: its git blob id is "
                f"{found}, not {bundle.git_blob}; nothing was kept")
        os.fsync(file.fileno())


def _fetch(url: str, file: BinaryIO, progress: Progress) -> None:
    """Appends what is missing, over as many connections as it takes."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(0.2 * 2**attempt)
        try:
            _fetch_once(url, file, progress)
            return
        except requests.HTTPError as error:
            status = error.response.status_code
            if status < 500 or attempt == _ATTEMPTS - 1:
                raise DownloadError(
                    f"{url}: the server answers {status} {error.response.reason}") from error
        except requests.RequestException as error:
            # What the local file system refuses is an OSError, too, but none of these.
            if attempt == _ATTEMPTS - 1:
                kept = f"; {file.tell():,} bytes are kept for the next time" * bool(file.tell())
                raise DownloadError(f"{url}: {_reason(error)}{kept}") from error


def _fetch_once(url: str, file: BinaryIO, progress: Progress) -> None:
    have = file.tell()
    # Without compression, the bytes that come are those of the file.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        if have and response.status_code == requests.codes.requested_range_not_satisfiable:
            # There is nothing after what is here: the file is complete, or not that file.
            return
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            # All of it, also from a server that does not know ranges.
            _empty(file)
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length is not None else None
        progress(have, total)
        for chunk in response.iter_content(_CHUNK):
            file.write(chunk)
            have += len(chunk)
            progress(have, total)
    file.flush()


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _reason(error: requests.RequestException) -> str:
    """Returns the cause in a few words, without the library's own nesting."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__
    return str(cause) or type(cause).__name__
