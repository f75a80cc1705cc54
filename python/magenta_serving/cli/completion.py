"""`magenta-serving completion`: the shell's Tab key."""

import click
from click import shell_completion

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Prints a script that completes commands, flags, files and names of official bundles.

    \b
    Examples:
      eval "$(magenta-serving completion bash)"        # in ~/.bashrc
      eval "$(magenta-serving completion zsh)"         # in ~/.zshrc
      magenta-serving completion fish >~/.config/fish/completions/magenta-serving.fish
    """
    from magenta_serving.cli.app import PROGRAM, cli

    variable = f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE"
    complete = shell_completion.get_completion_class(shell)
    click.echo(complete(cli, {}, PROGRAM, variable).source())
