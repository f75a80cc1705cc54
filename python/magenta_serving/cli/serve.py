"""`magenta-serving serve`: the embedded server."""

import dataclasses
import json
from typing import Any

import click

from magenta_serving.server import ServerOptions

# Field of ServerOptions -> its help. A field becomes a flag of the same name, type and default.
_HELP = {
    "host": "Address to listen on; 0.0.0.0 for all of this machine's.",
    "port": "Port of the gRPC API; 0 switches it off.",
    "rest_api_port": "Port of the REST API; 0 switches it off.",
    "models": "Folder of models: MODELS/NAME/VERSION/*.mag.",
    "model_config_file": "ModelServerConfig in protobuf text format, as for TensorFlow Serving.",
    "model_name": "Name of the model at --model_base_path.",
    "model_base_path": "Folder of one model: MODEL_BASE_PATH/VERSION/*.mag.",
    "file_system_poll_wait_seconds": "Seconds between looks for new versions; 0 looks once.",
    "model_config_file_poll_wait_seconds":
        "Seconds between readings of --model_config_file; 0 reads it once.",
    "allow_version_labels_for_unavailable_models":
        "Let a new label point to a version that is not available yet.",
    "num_load_threads": "Versions that may load at one time.",
    "engine": "What runs a bundle's network: 'native', or 'tensorflow', the bundle's own graph.",
    "skip_self_check": "Do not compare native networks with their bundle's graph at load.",
    "threads": "Threads that compute one model's steps.",
    "limits": "Bounds on requests as JSON: name to number.",
    "request_threads": "Requests that run at one time; their steps are computed together.",
    "max_queued_requests": "Requests that may wait; more are refused.",
    "max_requests_per_second": "Requests let in a second; more are refused; 0 for no bound.",
    "max_request_bytes": "Largest request in bytes.",
    "max_connections": "Connections open at one time, over each API; more are closed.",
    "rest_api_timeout_in_ms": "Deadline of a REST request in milliseconds; 0 for none.",
    "rest_idle_timeout_in_ms":
        "Milliseconds without a request after which a REST connection is closed; 0 for none.",
    "rest_cors_origins":
        "Origin whose pages may call the REST API, '*' for all; may be repeated.",
    "log_format": "How log lines are written: 'text' or 'json'.",
    "ssl_config_file": "TLS for both APIs: SSLConfig in protobuf text format.",
    "shutdown_grace_seconds": "Seconds that running requests get to finish after Ctrl-C.",
}
_PATHS = {"models", "model_config_file", "model_base_path", "ssl_config_file"}


def _limits(_: click.Context, __: click.Parameter, text: str | None) -> dict[str, int] | None:
    if text is None:
        return None
    try:
        limits = json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}") from error
    if not isinstance(limits, dict) or any(type(value) is not int for value in limits.values()):
        raise click.BadParameter('expected whole numbers by name, such as {"max_steps": 1024}')
    return limits


def _option(field: dataclasses.Field) -> click.Option:
    settings: dict[str, Any] = {"help": _HELP.get(field.name)}
    if field.default is dataclasses.MISSING:
        # Worked out by ServerOptions when it is made.
        settings.update(default=None, type=int)
    elif isinstance(field.default, bool):
        settings.update(is_flag=True, default=field.default)
    elif isinstance(field.default, tuple):
        settings.update(multiple=True)
    elif field.name == "limits":
        settings.update(callback=_limits, metavar="JSON")
    elif field.name in _PATHS:
        settings.update(metavar="PATH", type=click.Path())
    else:
        settings.update(default=field.default, type=type(field.default), show_default=True)
    return click.Option([f"--{field.name}"], **settings)


def _serve(**flags: Any) -> int:
    import os

    from magenta_serving.server import run

    for name in _PATHS:
        if flags[name]:
            flags[name] = os.path.expanduser(flags[name])
    options = ServerOptions(**{
        name: value for name, value in flags.items() if value is not None})
    try:
        options.validate()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return run(options)


serve = click.Command(
    "serve",
    params=[_option(field) for field in dataclasses.fields(ServerOptions)],
    callback=_serve,
    short_help="Serve bundles over gRPC and REST.",
    help="""Serves bundles over gRPC and REST until Ctrl-C, with TensorFlow Serving's own API.

    What to serve is said by one of --models, --model_config_file and --model_base_path. New
    versions are served, and removed ones dropped, while the server runs.

    \b
    Examples:
      magenta-serving serve --models demo/models
      magenta-serving serve --model_name melody --model_base_path /models/melody
      magenta-serving serve --model_config_file models.config --port 9000
    """,
)
