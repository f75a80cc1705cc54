"""The command line as users run it: the installed program in a process of its own."""

import pathlib
import sys

# Seconds that a command may take; it loads TensorFlow's libraries and a bundle.
TIMEOUT = 120


def program() -> list[str]:
    """Returns the words that start `magenta-serving`."""
    script = pathlib.Path(sys.executable).with_name("magenta-serving")
    return [str(script)] if script.exists() else [sys.executable, "-m", "magenta_serving.cli"]
