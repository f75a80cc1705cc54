"""Images run as a user without rights or capabilities, and find nothing that they could write to.

    make test-images
"""

import json
import re
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import Any

import pytest

from ..contract.api import Api, wait_for
from .container import Container

_SERVERS = {"server": "", "embedded": "-embedded"}


def _start_server(start: Callable[..., Container], suffix: str) -> Container:
    container = start(suffix, ports=(8500, 8501))
    wait_for(lambda: _is_up(container) and _is_healthy(container), "is healthy")
    return container


def _start_web(start: Callable[..., Container]) -> Container:
    container = start("-web", ports=(8080,), SERVER="127.0.0.1:8501")
    wait_for(lambda: _is_up(container) and _answers(container), "answers")
    return container


def _is_up(container: Container) -> bool:
    assert container.inspect()["State"]["Running"], container.log()
    return True


def _is_healthy(container: Container) -> bool:
    """What the image's own check says."""
    kind, *command = container.inspect()["Config"]["Healthcheck"]["Test"]
    assert kind == "CMD"
    return container.run(*command).returncode == 0


def _answers(container: Container) -> bool:
    try:
        return bool(_get(container, "/"))
    except OSError:
        return False


def _get(container: Container, path: str) -> tuple[bytes, Message]:
    """Of the web tier: body and headers."""
    address = f"http://{container.address(8080)}{path}"
    with urllib.request.urlopen(address, timeout=5) as response:
        return response.read(), response.headers


@pytest.fixture(scope="module", params=[*_SERVERS, "web"])
def container(request: Any, start_container: Callable[..., Container]) -> Container:
    """One of each image."""
    if request.param == "web":
        return _start_web(start_container)
    return _start_server(start_container, _SERVERS[request.param])


def test_processes_have_no_rights(container: Container):
    processes = container.run("bash", "-c", "cat /proc/[0-9]*/status").stdout.split("Name:")[1:]
    assert len(processes) > 1
    for process in processes:
        fields = dict(re.findall(r"(?m)^(\w+):\s*(.*)$", process))
        assert fields["Uid"].split() == fields["Gid"].split() == ["10001"] * 4
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(fields[kind], 16) == 0, kind
        assert fields["NoNewPrivs"] == "1"


@pytest.mark.parametrize("folder", ["/", "/etc", "/models/melody", "/tmp", "/usr/bin", "/var"])
def test_nothing_can_be_written(container: Container, folder: str):
    assert container.run("touch", f"{folder}/file").returncode != 0
    # Nor could root.
    mount = container.run("findmnt", "--noheadings", "--output=OPTIONS", f"--target={folder}")
    assert "ro" in mount.stdout.strip().split(",")


@pytest.mark.parametrize("suffix", _SERVERS.values(), ids=_SERVERS)
def test_server_serves_and_drains(start_container: Callable[..., Container], suffix: str):
    container = _start_server(start_container, suffix)
    api = Api(container.address(8500), container.address(8501), "melody")
    inputs = {"seed": 7, "num_steps": 64}
    by_grpc, by_rest = api.predict(inputs), api.rest_predict({"inputs": inputs})
    assert by_rest["outputs"]["log_likelihood"] == pytest.approx(
        by_grpc["log_likelihood"].tolist())
    assert container.stop() == 0, container.log()


def test_web_tier_sends_the_page(start_container: Callable[..., Container]):
    container = _start_web(start_container)
    assert json.loads(_get(container, "/v1/models")[0]) == {"models": ["melody"]}
    page, headers = _get(container, "/")
    assert b"<script" in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert container.stop() == 0, container.log()
