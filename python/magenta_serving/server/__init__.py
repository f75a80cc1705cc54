"""The embedded server: TensorFlow Serving's APIs over Magenta bundles, without a build.

    from magenta_serving.server import ServerOptions, run

    run(ServerOptions(models="demo/models"))
"""

from magenta_serving.server.options import ServerOptions

__all__ = ["ServerOptions", "run"]


def run(options: ServerOptions) -> int:
    """Serves until SIGTERM or SIGINT; returns the process's exit status. See `main.run`."""
    # Here, because the network libraries are not needed to read the options.
    from magenta_serving.server import main

    return main.run(options)
