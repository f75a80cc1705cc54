"""Settings of the embedded server. The flags of `magenta-serving serve` carry the same names."""

import dataclasses
from collections.abc import Mapping

_LOG_FORMATS = ("text", "json")


@dataclasses.dataclass(frozen=True)
class ServerOptions:
    """What to serve, where, and within which limits.

    Exactly one of `models`, `model_config_file` and `model_base_path` says what to serve. Fields
    that tensorflow_model_server has as flags mean what they mean there.
    """

    # Addresses. Port 0 switches that API off.
    host: str = "127.0.0.1"
    port: int = 8500
    rest_api_port: int = 8501

    # What to serve: a folder of models (MODELS/NAME/VERSION/*.mag), a ModelServerConfig in protobuf
    # text format, or one model.
    models: str | None = None
    model_config_file: str | None = None
    model_name: str = "default"
    model_base_path: str | None = None

    # Seconds between looks for new versions (and, with `models`, new names); 0 looks once, at
    # start.
    file_system_poll_wait_seconds: float = 1.0
    # Seconds between readings of `model_config_file`; 0 reads it once, at start.
    model_config_file_poll_wait_seconds: float = 0.0
    # Whether a new label may be given to a version that is not available yet.
    allow_version_labels_for_unavailable_models: bool = False
    # Versions that may load at one time.
    num_load_threads: int = 1

    # Passed to Servable.load.
    engine: str = "native"
    skip_self_check: bool = False
    threads: int = 2
    limits: Mapping[str, int] | None = None

    # Predict requests that run at one time, and that may wait beyond those; one more is refused
    # with RESOURCE_EXHAUSTED. More than there are cores: steps of all that run are computed
    # together.
    request_threads: int = 32
    max_queued_requests: int = 64
    # Predict requests let in a second, over both APIs; 0 for no bound. More are refused alike.
    max_requests_per_second: float = 0.0
    # Largest request, in bytes, over gRPC or REST.
    max_request_bytes: int = 4 * 1024 * 1024
    # Connections open at one time, over each API; more are closed at once.
    max_connections: int = 1024
    # Deadline of a REST request in milliseconds, of its coming and of its answer; 0 for none. (gRPC
    # clients set their own.)
    rest_api_timeout_in_ms: int = 30_000
    # Time in milliseconds after which a REST connection is closed that brings no request, or never
    # more than a part of one's head; 0 for none. More than that of a load balancer before it.
    rest_idle_timeout_in_ms: int = 75_000
    # Origins whose pages may call the REST API ("https://example.org"; "*" for all); none by
    # default.
    rest_cors_origins: tuple[str, ...] = ()

    # How log lines are written: "text", or "json", an object for each.
    log_format: str = "text"
    # TLS for both APIs: an SSLConfig in protobuf text format.
    ssl_config_file: str | None = None

    # Seconds that running requests get to finish after SIGTERM or SIGINT.
    shutdown_grace_seconds: float = 30.0

    def validate(self) -> None:
        """Raises ValueError with a sentence for the user if the settings contradict each other."""
        sources = [self.models, self.model_config_file, self.model_base_path]
        if sum(source is not None for source in sources) != 1:
            raise ValueError(
                "Say what to serve with exactly one of --models, --model_config_file and "
                "--model_base_path")
        for name in ("port", "rest_api_port"):
            if not 0 <= getattr(self, name) <= 65535:
                raise ValueError(f"--{name} must be between 0 and 65535")
        if self.port == self.rest_api_port:
            raise ValueError("--port and --rest_api_port must differ")
        if self.log_format not in _LOG_FORMATS:
            raise ValueError(f"--log_format must be one of {', '.join(_LOG_FORMATS)}")
        for name in ("num_load_threads", "threads", "request_threads", "max_request_bytes",
                     "max_connections"):
            if getattr(self, name) < 1:
                raise ValueError(f"--{name} must be at least 1")
        for name in ("file_system_poll_wait_seconds", "model_config_file_poll_wait_seconds",
                     "max_queued_requests", "max_requests_per_second", "rest_api_timeout_in_ms",
                     "rest_idle_timeout_in_ms", "shutdown_grace_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"--{name} must not be negative")
