"""The lines that the server writes to stderr: text, or JSON objects for a machine that reads them.

A record may carry `fields`, a dictionary of what the line says beside its message.
"""

import json
import logging
import sys
from datetime import UTC, datetime

import grpc
from aiohttp.http_exceptions import HttpProcessingError

# What clients make the libraries raise: malformed HTTP, and calls that end (at their deadline, say)
# just as they are answered.
_OF_CLIENTS = (HttpProcessingError, grpc.aio.InternalError)


class JsonFormatter(logging.Formatter):
    """One JSON object for a line: time, level, message, the fields, and an exception's text."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    """Time, level and message, then each field as NAME=VALUE."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname).1s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        line = " ".join([super().formatMessage(record), *(
            f"{name}={json.dumps(value)}" for name, value in fields.items())])
        # What a client sent cannot begin a line of its own.
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def shorten_errors_of_clients(record: logging.LogRecord) -> bool:
    """Keeps only their kind: they are none of the server's, and some quote what was sent."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _OF_CLIENTS):
        record.msg = f"{record.getMessage()}: {type(error).__name__}"
        record.args = record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def set_up(log_format: str) -> None:
    """Sends all log lines of this process to stderr, as text or JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    handler.addFilter(shorten_errors_of_clients)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
