"""A short run of the load tool: mixed requests, version swaps, mishaps, kill -9."""

import subprocess
import sys

import pytest

from tests.servers import ROOT


def test_server_bears_load(pytestconfig: pytest.Config):
    # Every fifth swap has a mishap, of which there are four.
    command = [sys.executable, "-m", "benchmarks.load", "--seconds", "25", "--clients", "24",
               "--swaps", "20", "--restart-seconds", "5", "--memory-growth", "0.2"]
    if binary := pytestconfig.getoption("--model-server"):
        command += ["--model-server", binary, "--options", '{"grpc_max_threads": 64}']
    done = subprocess.run(command, cwd=ROOT, timeout=240, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
