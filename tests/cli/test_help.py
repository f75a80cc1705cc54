"""Help, the version and wrong command lines: quick answers without the heavy libraries."""

import subprocess
import sys

import pytest

COMMANDS = ["serve", "generate", "show", "list", "download", "plot", "completion"]


def test_help_lists_the_commands(run_cli):
    result = run_cli("--help")
    assert result.returncode == 0
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_examples(run_cli, command):
    result = run_cli(command, "--help")
    assert result.returncode == 0
    assert f"  magenta-serving {command} " in result.stdout


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys\n"
        "from magenta_serving.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit:\n"
        "    print('imported', *{name.partition('.')[0] for name in sys.modules})\n")
    output = subprocess.run(
        [sys.executable, "-c", code, *words], text=True, capture_output=True, check=True,
        timeout=60).stdout
    imported = set(output.splitlines()[-1].split()[1:])
    assert "click" in imported
    assert not imported & {
        "aiohttp", "google", "grpc", "matplotlib", "mido", "note_seq", "numpy", "requests", "rich",
        "tensorflow"}


def test_flags_of_serve_are_the_server_options():
    import dataclasses

    from magenta_serving.cli import serve
    from magenta_serving.server import ServerOptions

    params = {param.name: param for param in serve.serve.params}
    assert params.keys() == {field.name for field in dataclasses.fields(ServerOptions)}
    assert all(param.help for param in params.values())


def test_version(run_cli):
    result = run_cli("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("magenta-serving ")


def test_dashes_may_stand_for_underscores(fails):
    assert "'--num_steps'" in fails(2, "generate", "--num-steps", "many")


@pytest.mark.parametrize(("words", "text"), [
    (["compose"], "No such command 'compose'"),
    (["generate"], "--bundle_file or --server"),
    (["generate", "--bundle_file", "a.mag", "--server", "localhost:1"], "one of the two"),
    (["generate", "--bundle_file", "a.mag", "--model", "melody"], "--model goes with --server"),
    (["generate", "--server", "localhost:1"], "--server needs --model"),
    (["generate", "--server", "localhost:1", "--model", "m", "--version", "1", "--label", "l"],
     "not both"),
    (["generate", "--bundle_file", "a.mag", "--num_outputs", "0"], "--num_outputs"),
    (["generate", "--bundle_file", "a.mag", "--tempreature", "1"], "--tempreature"),
    (["show"], "one of the two"),
    (["serve"], "--models"),
    (["serve", "--models", "m", "--port", "70000"], "--port"),
    (["serve", "--models", "m", "--limits", "12"], "--limits"),
])
def test_wrong_command_lines(fails, words, text):
    assert text in fails(2, *words)
