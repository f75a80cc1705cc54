"""The model that a command works with: a bundle in this process, or a model on a server."""

import contextlib
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import click


class Model(Protocol):
    """What `Servable` has and a served model is given here."""

    @property
    def signatures(self) -> Mapping[str, Any]:
        """Signatures by name, each with `inputs` and `outputs`: TensorSpecs by name."""

    def predict(
        self, inputs: Mapping[str, Any], signature: str, outputs: list[str]
    ) -> dict[str, Any]:
        """Returns arrays by output name."""


class _ServedModel:
    """One model of a server."""

    def __init__(self, client: Any, where: dict[str, Any]):
        self.client, self.where = client, where
        self.signatures = client.signatures(**where)

    def predict(
        self, inputs: Mapping[str, Any], signature: str, outputs: list[str]
    ) -> dict[str, Any]:
        return self.client.predict(
            inputs=inputs, signature=signature, outputs=outputs, **self.where)


def server_options(command: Callable) -> Callable:
    """Adds the flags that choose a model on a server."""
    for option in (
        click.option("--key_file", metavar="FILE", type=click.Path(),
                     help="PEM file with the key of --cert_file."),
        click.option("--cert_file", metavar="FILE", type=click.Path(),
                     help="PEM file with the certificate that a server with client_verify wants."),
        click.option("--ca_file", metavar="FILE", type=click.Path(),
                     help="PEM file with the authorities that may have signed the server's "
                          "certificate; implies --tls."),
        click.option("--tls", is_flag=True, help="Talk TLS with the server."),
        click.option(
            "--timeout", type=float, default=60.0, show_default=True, metavar="SECONDS",
            help="How long one call of the server may take."),
        click.option("--label", help="Label of the model's version."),
        click.option("--version", type=int, help="Number of the model's version [newest]."),
        click.option("--model", help="Name of the model on the server."),
        click.option("--server", metavar="HOST:PORT", help="gRPC address of a server."),
    ):
        command = option(command)
    return command


@contextlib.contextmanager
def open_served(
    server: str, model: str | None, version: int | None, label: str | None, timeout: float,
    tls: bool, ca_file: str | None, cert_file: str | None, key_file: str | None,
) -> Iterator[_ServedModel]:
    """Opens a model on a server; arguments are the flags of `server_options`."""
    from magenta_serving.client import MagentaClient

    if model is None:
        raise click.UsageError("--server needs --model, the name of a model that it serves")
    if version is not None and label is not None:
        raise click.UsageError("give --version or --label, not both")
    credentials = _credentials(tls, ca_file, cert_file, key_file)
    with MagentaClient(server, timeout=timeout, credentials=credentials) as client:
        yield _ServedModel(client, {"model": model, "version": version, "label": label})


def _credentials(
    tls: bool, ca_file: str | None, cert_file: str | None, key_file: str | None
) -> Any:
    """Returns gRPC credentials, or None for plain text."""
    if (cert_file is None) != (key_file is None):
        raise click.UsageError("--cert_file and --key_file go together")
    if not (tls or ca_file or cert_file):
        return None
    import grpc

    ca, key, cert = (None if path is None else pathlib.Path(path).expanduser().read_bytes()
                     for path in (ca_file, key_file, cert_file))
    return grpc.ssl_channel_credentials(ca, key, cert)


def open_bundle(path: str) -> Any:
    """Loads a bundle file, or a version directory with one, into this process."""
    path = os.path.expanduser(path)
    # Before the seconds that loading takes.
    os.stat(path)

    from rich.console import Console

    with Console(stderr=True).status(f"Loading {os.path.basename(path)}"):
        from magenta_serving.servable import Servable

        return Servable.load(path)
