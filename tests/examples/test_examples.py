"""The examples as their readers run them, against a real server."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

from magenta_serving import MagentaClient

from ..servers import ROOT

EXAMPLES = ROOT / "examples"
# The command of each example that continues the melody with seed 7, and the API that it calls.
# Every file in examples/ is here or below.
CONTINUATIONS = {
    "python/continue_melody.py": ([sys.executable], "grpc"),
    "python/stock_stubs.py": ([sys.executable], "grpc"),
    "node/grpc.js": (["node"], "grpc"),
    "node/rest.js": (["node"], "rest"),
    "elixir/continue_melody.exs": (["elixir"], "rest"),
    "curl/continue_melody.sh": ([], "rest"),
}
# Elixir wants a locale that knows UTF-8; Python's TensorFlow tells of CPU features.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "TF_CPP_MIN_LOG_LEVEL": "2"}


def run(example: str, address: str, folder: pathlib.Path) -> subprocess.CompletedProcess:
    command, _ = CONTINUATIONS.get(example, ([sys.executable], "grpc"))
    if command and shutil.which(command[0]) is None:
        pytest.fail(f"{command[0]} is not installed; scripts/setup --test installs it")
    return subprocess.run([*command, EXAMPLES / example, address], cwd=folder, text=True,
                          capture_output=True, timeout=120, env=ENVIRONMENT)


def test_every_example_is_tested():
    sources = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*")
               if path.suffix in (".py", ".js", ".exs", ".sh", ".go")
               and "node_modules" not in path.parts}
    assert sources == {*CONTINUATIONS, "python/many_at_once.py"}


@pytest.fixture(scope="module")
def expected(melody_server):
    with MagentaClient(melody_server.grpc_address) as client:
        return client.generate_detailed(
            "melody", primer=[60, -2, 62, -2, 64, -2, 65, -2], num_steps=64, temperature=0.8,
            seed=7)[0]


@pytest.mark.parametrize("example", CONTINUATIONS)
def test_a_continuation_is_the_same_in_every_language(example, melody_server, expected, tmp_path):
    _, api = CONTINUATIONS[example]
    result = run(example, melody_server.grpc_address if api == "grpc"
                 else f"http://{melody_server.rest_address}", tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "melody.mid").read_bytes() == expected.midi
    if example != "python/stock_stubs.py":
        pitches = [note.pitch for note in expected.sequence.notes]
        assert json.loads(result.stdout) == pitches


# TensorFlow takes long to import, and the last of them has gRPC's own error.
@pytest.mark.parametrize("example", [name for name in CONTINUATIONS if "stock_stubs" not in name])
def test_no_server_is_an_error(example, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    prefix = "http://" if CONTINUATIONS[example][1] == "rest" else ""
    result = run(example, prefix + address, tmp_path)
    assert result.returncode != 0 and result.stderr
    assert not (tmp_path / "melody.mid").exists()


def test_many_at_once(melody_server, tmp_path):
    result = run("python/many_at_once.py", melody_server.grpc_address, tmp_path)
    assert result.returncode == 0, result.stderr
    seed = int(result.stdout.split(":")[0].removeprefix("seed "))
    with MagentaClient(melody_server.grpc_address) as client:
        outputs = client.generate_detailed(
            "melody", primer=[60, -2, 62, -2, 64, -2, 65, -2], num_steps=64, num_outputs=8, seed=0)
    best = max(outputs, key=lambda output: output.log_likelihood)
    assert (seed, (tmp_path / "melody.mid").read_bytes()) == (best.seed, best.midi)
