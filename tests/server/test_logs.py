"""Log lines as text and as JSON."""

import json
import logging
from typing import Any

import pytest

from magenta_serving.server.logs import JsonFormatter, TextFormatter


def record(message: str, **extra: Any) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"msg": message, "levelname": "INFO", "created": 0.5, "msecs": 500, **extra})


def test_json():
    line = JsonFormatter().format(record("request", fields={"model": "a\nb\"", "version": 1}))
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.500+00:00", "level": "INFO", "message": "request",
        "model": "a\nb\"", "version": 1}
    assert "\n" not in line


def test_exceptions_are_one_line_of_json():
    try:
        raise KeyError("x")
    except KeyError as error:
        caught = (KeyError, error, error.__traceback__)
    line = JsonFormatter().format(record("failed", exc_info=caught))
    assert "KeyError: 'x'" in json.loads(line)["exception"]
    assert "\n" not in line


@pytest.mark.parametrize("name", ["melody\n2026-01-01 I forged", "\x1b[2J", "\u2028"])
def test_text_of_a_client_stays_on_its_line(name: str):
    line = TextFormatter().format(record("request", fields={"model": name, "version": None}))
    assert line.isprintable()
    assert line.endswith(f" I request model={json.dumps(name)} version=null")
    assert TextFormatter().format(record(f"No versions of {name} found")).isprintable()
