"""The shell's completion."""

import os
import pathlib
import subprocess

import pytest

from ..commands import program


def complete(*words: str) -> list[str]:
    """Returns what bash offers after these words."""
    folder = pathlib.Path(program()[0]).parent
    script = ('eval "$(magenta-serving completion bash)"; COMP_WORDS=("$@"); '
              'COMP_CWORD=$(($# - 1)); _magenta_serving_completion magenta-serving; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(
        ["bash", "-c", script, "bash", "magenta-serving", *words], check=True, text=True,
        capture_output=True, timeout=60,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}).stdout.split()


@pytest.mark.parametrize(("words", "offers"), [
    (["s"], {"serve", "show"}),
    (["download", "perf"], {"performance", "performance_with_dynamics"}),
    (["generate", "--primer_"], {"--primer_melody", "--primer_drums", "--primer_pitches",
                                 "--primer_pianoroll", "--primer_midi"}),
    (["completion", ""], {"bash", "zsh", "fish"}),
])
def test_bash(words, offers):
    assert set(complete(*words)) == offers


@pytest.mark.parametrize(("shell", "text"), [("zsh", "compdef"), ("fish", "complete ")])
def test_other_shells(run_cli, shell, text):
    result = run_cli("completion", shell)
    assert result.returncode == 0 and text in result.stdout


def test_unknown_shell(fails):
    assert "'csh'" in fails(2, "completion", "csh")
