"""TLS: who is let in, who is kept out, over gRPC (both servers) and REST (the embedded server)."""

import asyncio
import pathlib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from magenta_serving import AsyncMagentaClient, MagentaClient
from magenta_serving.errors import UnavailableError

from ..certificates import Certificates
from ..servers import ServerProcess

KeyAndCertificate = tuple[pathlib.Path, pathlib.Path]


@pytest.fixture(scope="module", params=[False, True], ids=["tls", "mutual"])
def secured(
    request: pytest.FixtureRequest, server_class: type[ServerProcess], make_models: Callable,
    certificates: Certificates,
) -> Any:
    """(A server with TLS, whether it wants to see certificates of its clients)."""
    server = server_class(models=str(make_models(melody=[1])),
                          ssl_config_file=certificates.ssl_config(client_verify=request.param))
    yield server, request.param
    server.stop()


@pytest.fixture(scope="module")
def client_certificate(certificates: Certificates) -> KeyAndCertificate:
    return certificates.sign("client")


def credentials(ca: pathlib.Path | None, own: KeyAndCertificate | None) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        ca.read_bytes() if ca else None, *(file.read_bytes() for file in own or ()))


def generates(server: ServerProcess, credentials: grpc.ChannelCredentials | None) -> bool:
    """Whether the server answers over gRPC; False where there was no connection."""
    try:
        with MagentaClient(server.grpc_address, credentials=credentials) as client:
            return len(client.generate("melody", num_steps=16, seed=1)) == 1
    except UnavailableError:
        return False


def test_grpc(secured: Any, certificates: Certificates, client_certificate: KeyAndCertificate,
              stranger: KeyAndCertificate):
    server, mutual = secured
    assert generates(server, credentials(certificates.ca, client_certificate))
    assert generates(server, credentials(certificates.ca, None)) is not mutual
    assert generates(server, credentials(certificates.ca, stranger)) is not mutual
    # The client does not trust a server of an authority that it does not know.
    assert not generates(server, credentials(stranger[1], client_certificate))
    assert not generates(server, None)


def test_asynchronous_client(
    secured: Any, certificates: Certificates, client_certificate: KeyAndCertificate
):
    async def generate() -> int:
        async with AsyncMagentaClient(
            secured[0].grpc_address, credentials=credentials(certificates.ca, client_certificate),
        ) as client:
            return len(await client.generate("melody", num_steps=16, seed=1))

    assert asyncio.run(generate()) == 1


def test_command_line(secured: Any, certificates: Certificates,
                      client_certificate: KeyAndCertificate, run_cli: Callable):
    server, mutual = secured
    words = ["show", "--json", "--server", server.grpc_address, "--model", "melody",
             "--ca_file", certificates.ca]
    key, certificate = client_certificate
    assert run_cli(*words, "--cert_file", certificate, "--key_file", key).returncode == 0
    assert (run_cli(*words, "--timeout", 5).returncode == 0) is not mutual


def context(ca: pathlib.Path, own: KeyAndCertificate | None) -> ssl.SSLContext:
    result = ssl.create_default_context(cafile=ca)
    if own:
        result.load_cert_chain(own[1], own[0])
    return result


def get(server: ServerProcess, context: ssl.SSLContext | None) -> bytes | None:
    """Returns the model's status over REST; None where there was no connection."""
    scheme = "https" if context else "http"
    try:
        with urllib.request.urlopen(
                f"{scheme}://{server.rest_address}/v1/models/melody", context=context,
                timeout=30) as answer:
            return answer.read()
    except (urllib.error.URLError, OSError):
        return None


@pytest.mark.embedded
def test_rest(secured: Any, certificates: Certificates, client_certificate: KeyAndCertificate,
              stranger: KeyAndCertificate):
    server, mutual = secured
    assert b"AVAILABLE" in get(server, context(certificates.ca, client_certificate))
    assert (get(server, context(certificates.ca, None)) is None) is mutual
    assert (get(server, context(certificates.ca, stranger)) is None) is mutual
    assert get(server, context(stranger[1], client_certificate)) is None
    assert get(server, None) is None


@pytest.mark.embedded
def test_idle_connections_stop_nobody(secured: Any, certificates: Certificates,
                                      client_certificate: KeyAndCertificate):
    server = secured[0]
    connections = []
    for address in (server.grpc_address, server.rest_address) * 20:
        host, port = address.split(":")
        connections.append(socket.create_connection((host, int(port)), timeout=30))
    assert generates(server, credentials(certificates.ca, client_certificate))
    assert get(server, context(certificates.ca, client_certificate))
    for connection in connections:
        connection.close()
