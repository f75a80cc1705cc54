"""TLS for both APIs, from the file that tensorflow_model_server's --ssl_config_file takes, too."""

import os
import ssl
from typing import Any

import grpc
from google.protobuf import text_format

from magenta_serving import protos
from magenta_serving.errors import InvalidArgumentError


def read_ssl_config(path: str) -> Any:
    """Returns the SSLConfig in protobuf text format at `path`: keys and certificates as PEM.

    Raises:
      OSError: the file cannot be read.
      InvalidArgumentError: it is not one, or its keys and certificates do not go together.
    """
    with open(path, encoding="utf-8") as file:
        text = file.read()
    config = protos.SSLConfig()
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        # Its text may quote the key.
        raise InvalidArgumentError(
            f"{path}: not an SSLConfig in text format, line {error.GetLine()}") from None
    for field in ("server_key", "server_cert"):
        if not getattr(config, field):
            raise InvalidArgumentError(f"{path}: {field} is missing")
    if config.client_verify and not config.custom_ca:
        raise InvalidArgumentError(
            f"{path}: client_verify needs custom_ca, which signs the clients' certificates")
    try:
        ssl_context(config)
    except ssl.SSLError as error:
        raise InvalidArgumentError(
            f"{path}: server_key, server_cert or custom_ca cannot be used: {error.reason or error}"
        ) from None
    return config


def grpc_credentials(config: Any) -> grpc.ServerCredentials:
    """Returns what a gRPC server proves itself with, and which clients it lets in."""
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify)


def ssl_context(config: Any) -> ssl.SSLContext:
    """Returns the same for an HTTP server; raises ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Python takes a key from files alone; this one is in memory.
    file = os.memfd_create("server_key")
    try:
        os.write(file, f"{config.server_key}\n{config.server_cert}".encode())
        # A password would be asked for on the terminal.
        context.load_cert_chain(f"/proc/self/fd/{file}", password="")
    finally:
        os.close(file)
    if config.custom_ca:
        context.load_verify_locations(cadata=config.custom_ca)
    if config.client_verify:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
