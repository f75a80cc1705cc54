"""The `magenta-serving` command: serve, generate and show.

Every command has a file of its own, imported only when it runs, and imports what is heavy only
inside the function that does the work: `--help` answers at once.
"""

from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command line and exits the process (the console script's entry point).

    Args:
        args: the words after the program's name; `sys.argv[1:]` when None.
    """
    from magenta_serving.cli import app

    raise SystemExit(app.run(args))
