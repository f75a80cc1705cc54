"""What the machine can do at most, as measured by limits.cc."""

import json
import pathlib
import subprocess
from collections.abc import Iterable

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_BINARY = _ROOT / ".bazel/bin/benchmarks/limits/limits"


def measure(threads: int, sizes: Iterable[int]) -> dict:
    """{"fma": multiply-adds per second, "bandwidth": {str(bytes): bytes per second}}.

    Args:
        threads: that work at the same time.
        sizes: of buffers, in bytes.
    """
    output = subprocess.run([_BINARY, str(threads), *map(str, sizes)], check=True,
                            capture_output=True, text=True).stdout
    return json.loads(output)


def processor() -> str:
    """The name of the machine's processor."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"
