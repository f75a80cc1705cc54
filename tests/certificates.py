"""Certificates for tests of TLS, made by openssl for a day."""

import pathlib
import subprocess


class Certificates:
    """An authority in a folder, and what it signed: PEM files NAME.key and NAME.pem.

    Attributes:
        ca: the authority's certificate.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.ca = folder / "ca.pem"
        self._request("ca", "-addext", "basicConstraints=critical,CA:TRUE")

    def sign(self, name: str) -> tuple[pathlib.Path, pathlib.Path]:
        """Returns the files of a new key and its certificate, for localhost and 127.0.0.1."""
        self._request(
            name, "-CA", "ca.pem", "-CAkey", "ca.key",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext", "basicConstraints=critical,CA:FALSE")
        return self.folder / f"{name}.key", self.folder / f"{name}.pem"

    def ssl_config(self, client_verify: bool = False) -> str:
        """Returns the path of an SSLConfig for a server, as --ssl_config_file takes it."""
        key, certificate = self.sign("server")
        path = self.folder / f"ssl_{client_verify}.config"
        path.write_text("".join(
            f"{field}: {_quoted(file.read_text())}\n" for field, file in (
                ("server_key", key), ("server_cert", certificate), ("custom_ca", self.ca))
        ) + f"client_verify: {str(client_verify).lower()}\n")
        return str(path)

    def _request(self, name: str, *options: str) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "1", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
             "-out", f"{name}.pem", *options], cwd=self.folder, check=True, capture_output=True)


def _quoted(text: str) -> str:
    return '"' + text.replace("\n", "\\n") + '"'
