"""Loads bundles in processes of their own and tells what came of it, in how much memory and time.

This process reads "ENGINE PATH" lines and writes a line of JSON for each. Every load is a fork of
it, which costs no new start of Python.
"""

import json
import os
import subprocess
import sys
import time
from typing import NamedTuple

from ..servers import ROOT


class Loaded(NamedTuple):
    """What came of a load: an error's code and message, or "OK" and the family."""

    code: str
    message: str
    mebibytes: float
    seconds: float


class Loader:
    """Loads bundles, each in a fresh process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def load(self, path: os.PathLike, engine: str = "native") -> Loaded:
        self._process.stdin.write(f"{engine} {path}\n")
        return Loaded(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


def _load(engine: str, path: str) -> tuple[str, str]:
    from magenta_serving import Servable, errors
    try:
        return "OK", Servable.load(path, engine=engine).info["family"]
    except errors.ServableError as error:
        return error.code, error.message


def _main() -> None:
    from magenta_serving import Servable  # noqa: F401  (for all children)
    for line in sys.stdin:
        engine, path = line.rstrip("\n").split(" ", 1)
        start = time.monotonic()
        read, write = os.pipe()
        child = os.fork()
        if not child:
            code, message = _load(engine, path)
            os.write(write, json.dumps({"code": code, "message": message}).encode())
            os._exit(0)
        os.close(write)
        with open(read, "rb") as answer:
            text = answer.read()
        _, status, usage = os.wait4(child, 0)
        outcome = json.loads(text or "{}") or {"code": "CRASHED", "message": f"status {status}"}
        print(json.dumps({**outcome, "mebibytes": usage.ru_maxrss / 1024,
                          "seconds": time.monotonic() - start}), flush=True)


if __name__ == "__main__":
    _main()
