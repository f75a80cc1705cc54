"""The command group, its exit codes and its one-line errors."""

import importlib
import os
import sys
from collections.abc import Sequence

import click

from magenta_serving.errors import ServableError

PROGRAM = "magenta-serving"

# Exit codes: the command failed; the command line was wrong; the user pressed Ctrl-C.
FAILED, USAGE, INTERRUPTED = 1, 2, 130

# Command -> its line in `magenta-serving --help`; the command is the function of the same name in
# the module of the same name (with a "_" where Python has a function of that name). Written out here
# so that listing commands imports none of them.
_COMMANDS = {
    "serve": "Serve bundles over gRPC and REST.",
    "generate": "Generate MIDI files, from a bundle file or a server.",
    "show": "Describe a bundle file, a version directory or a served model.",
    "list": "List the official bundles, and those that are here.",
    "download": "Download official bundles.",
    "plot": "Draw piano rolls of MIDI files and NoteSequences.",
    "completion": "Print a script for the shell's completion.",
}


class _LazyGroup(click.Group):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"magenta_serving.cli.{cmd_name}")
        return getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib import metadata

        click.echo(f"{PROGRAM} {metadata.version(PROGRAM)}")
        ctx.exit()


@click.group(
    cls=_LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        # Flags are spelled as Magenta's and TensorFlow Serving's; dashes are welcome too.
        "token_normalize_func": lambda token: token.replace("-", "_"),
    },
    epilog="Start with: magenta-serving generate --bundle_file attention_rnn.mag",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Serves and plays the music models that Magenta saved as .mag bundles."""


def _complain(message: str) -> None:
    """Writes one line to stderr, whatever the message looked like."""
    click.echo(f"{PROGRAM}: {' '.join(message.split())}", err=True)


def run(args: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        args: the words after the program's name; `sys.argv[1:]` when None.

    Returns:
        The exit code: 0, FAILED, USAGE or INTERRUPTED. Failures are told in one line on stderr.
    """
    try:
        code = cli.main(
            args=None if args is None else list(args), prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else PROGRAM
        _complain(f"{error.format_message()} (see '{path} --help')")
        return USAGE
    except click.ClickException as error:
        _complain(error.format_message())
        return FAILED
    except ServableError as error:
        _complain(f"{error.code}: {error.message}")
        return FAILED
    except ModuleNotFoundError as error:
        extra = "plot" if error.name == "matplotlib" else "server"
        _complain(f"{error}; pip install '{PROGRAM}[{extra}]' brings all that this command needs")
        return FAILED
    except ImportError as error:
        # A part of the installation is missing; the packages say which.
        _complain(str(error))
        return FAILED
    except BrokenPipeError:
        # The reader of a pipe went away, as `| head` does; let nothing be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
