"""The health check of the embedded server's image, on servers without a container."""

import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ..certificates import Certificates
from ..contract.api import wait_for
from ..servers import ROOT, EmbeddedServer

pytestmark = pytest.mark.embedded


def is_healthy(server: EmbeddedServer) -> bool:
    ports = [address.rpartition(":")[2] for address in (server.rest_address, server.grpc_address)]
    done = subprocess.run([sys.executable, ROOT / "docker" / "healthcheck.py", *ports],
                          stderr=subprocess.DEVNULL, timeout=60)
    return done.returncode == 0


def options(kind: str, folder: pathlib.Path) -> dict[str, Any]:
    if kind in ("tls", "mutual"):
        return {"ssl_config_file": Certificates(folder).ssl_config(client_verify=kind == "mutual")}
    return {"no rest": {"rest_api_port": 0}}.get(kind, {})


@pytest.mark.parametrize("kind", ["plain", "tls", "mutual", "no rest"])
def test_server(start_server: Callable, make_models: Callable, tmp_path: pathlib.Path, kind: str):
    server = start_server(models=str(make_models(melody=[1])), **options(kind, tmp_path))
    said = len(server.log)
    # Container engines ask again, too, before they say that it is not.
    wait_for(lambda: is_healthy(server), "is healthy")
    server.process.send_signal(signal.SIGSTOP)
    assert not is_healthy(server)
    server.process.send_signal(signal.SIGCONT)
    wait_for(lambda: is_healthy(server), "is healthy again")
    # A look every few seconds must not fill the log.
    assert server.log[said:] == []
    server.stop()
    assert not is_healthy(server)


def test_server_without_models(start_server: Callable, make_models: Callable):
    models = make_models(melody=[1])
    server = start_server(models=str(models), file_system_poll_wait_seconds=0.1)
    wait_for(lambda: is_healthy(server), "is healthy")
    (models / "melody").rename(models.parent / "melody")
    wait_for(lambda: not is_healthy(server), "is unhealthy")
