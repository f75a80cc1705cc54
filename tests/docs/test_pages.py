"""Every block of code in the documentation is run, as a reader would, against a real server."""

import json
import os
import re
import subprocess
import sys

import pytest

from ..commands import program
from ..servers import ROOT, EmbeddedServer
from .pages import ANSWER, MARK, PAGES, REASONS, RUN, SHOWN, blocks, prose

# Models of the server: what the pages call them, and the config of the bundle that plays them.
MODELS = {
    "chord_pitches_improv": "chord_pitches_improv",
    "drum_kit": "drum_kit",
    "multiconditioned_performance_with_dynamics": "multiconditioned_performance_with_dynamics",
    "pianoroll_rnn_nade": "rnn-nade_attn",
    "polyphony_rnn": "polyphony",
}
# Bundle files in the reader's folder.
FILES = ("attention_rnn", "chord_pitches_improv", "drum_kit")

by_page = pytest.mark.parametrize(
    "page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


@pytest.fixture(scope="module")
def server(tmp_path_factory, family_bundles):
    """The demo's melody model and one of each other family."""
    models = tmp_path_factory.mktemp("models")
    (models / "melody").symlink_to(ROOT / "demo" / "models" / "melody")
    for name, config in MODELS.items():
        (models / name / "1").mkdir(parents=True)
        (models / name / "1" / f"{name}.mag").symlink_to(family_bundles[config][1])
    server = EmbeddedServer(models=str(models))
    yield server
    server.stop()


@pytest.fixture
def checkout(tmp_path, family_bundles):
    """A folder that looks like the checkout, with some bundles in it; what is written stays here."""
    for path in ROOT.iterdir():
        if path.name not in (".git", "models", "dist"):
            (tmp_path / path.name).symlink_to(path)
    for name in FILES:
        (tmp_path / f"{name}.mag").symlink_to(family_bundles[name][1])
    return tmp_path


@by_page
def test_blocks(page, request):
    ours = [block for block in blocks(page)
            if block.language == ANSWER or block.language in RUN and block.reason() is None]
    if not ours:
        return
    server = request.getfixturevalue("server")
    folder = request.getfixturevalue("checkout")
    environment = {
        **os.environ, "COLUMNS": "100",
        "PATH": f"{os.path.dirname(program()[0])}:{os.environ['PATH']}"}
    output = ""
    for block in ours:
        if block.language == ANSWER:
            assert shape(json.loads(output)) == shape(json.loads(block.text)), block
            continue
        text = block.text.replace("localhost:8500", server.grpc_address).replace(
            "localhost:8501", server.rest_address)
        command = (["bash", "-euo", "pipefail", "-c", text] if block.language == "sh"
                   else [sys.executable, "-W", "ignore", "-c", text])
        result = subprocess.run(
            command, cwd=folder, env=environment, text=True, capture_output=True, timeout=300,
            stdin=subprocess.DEVNULL)
        output = result.stdout
        assert result.returncode == 0, f"{block}\n{output}\n{result.stderr}"
        assert '"error"' not in output, f"{block}\n{output}"


def shape(value):
    """Returns a JSON value with its numbers that are not whole reduced to their kind."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return float if isinstance(value, float) else value


@by_page
def test_what_is_not_run_says_why(page):
    for block in blocks(page):
        assert block.language in RUN | SHOWN | {ANSWER}, block
        assert MARK not in block.text or block.reason() in REASONS, block
        if block.language in SHOWN:
            # Nothing that a reader would type.
            assert not re.search(r"(?m)^(make|curl|pip|npm|docker|magenta-serving|\$) ", block.text)


@by_page
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path = target.partition("#")[0]
            assert not path or (page.parent / path).exists(), target


@by_page
def test_commands_in_sentences_exist(page):
    targets = set(re.findall(r"(?m)^([a-z-]+(?: [a-z-]+)*):(?!=)", (ROOT / "Makefile").read_text()))
    targets = {name for line in targets for name in line.split()}
    commands = {"serve", "generate", "show", "list", "download", "plot", "completion"}
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        words = code.split()
        if words[0] == "make":
            assert {word for word in words[1:] if word.isalpha()} <= targets, code
        elif words[0] == "magenta-serving" and len(words) > 1 and words[1].isalpha():
            assert words[1] in commands, code


def test_messages_in_troubleshooting_are_the_programs():
    """Each heading there is a message; what is not ... in it stands in the sources."""
    sources = "\n".join(
        path.read_text("utf-8") for folder in ("python", "servable", "scripts", "docker")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".cc", ".h", "") and path.is_file()
        and "node_modules" not in path.parts and ".so" not in path.name)
    # Strings that go over several lines of source.
    sources = re.sub(r'"\s*\n\s*(?:f?"|<<\s*")', "", sources)
    page = ROOT / "docs" / "troubleshooting.md"
    messages = re.findall(r"(?m)^### `(.*)`$", page.read_text("utf-8"))
    assert len(messages) > 10
    for message in messages:
        for piece in message.split("..."):
            assert piece.strip(" :;,'\"") in sources, (message, piece)
