"""SSLConfig files: what is refused, without a word of the key."""

import pathlib

import pytest

from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server.tls import read_ssl_config

from ..certificates import Certificates


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    return pathlib.Path(certificates.ssl_config(client_verify=True)).read_text()


def field(config: str, name: str) -> str:
    return next(line for line in config.splitlines() if line.startswith(name))


def test_reads(config: str, tmp_path: pathlib.Path):
    (tmp_path / "config").write_text(config)
    read = read_ssl_config(str(tmp_path / "config"))
    assert read.client_verify and read.server_key.startswith("-----BEGIN PRIVATE KEY-----\n")


def test_refuses(config: str, tmp_path: pathlib.Path):
    key, cert, ca = (field(config, name) for name in ("server_key", "server_cert", "custom_ca"))
    other = field(pathlib.Path(Certificates(tmp_path).ssl_config()).read_text(), "server_key")
    for text, mention in (
        (cert, "server_key is missing"),
        (key, "server_cert is missing"),
        (f"{key}\n{cert}\nclient_verify: true", "client_verify needs custom_ca"),
        (config.replace("server_key", "server_keys"), "not an SSLConfig in text format, line 1"),
        (f"{key[:-9]}\n{cert}", "not an SSLConfig in text format, line"),
        (f"{other}\n{cert}", "cannot be used: KEY_VALUES_MISMATCH"),
        (f"{cert.replace('server_cert', 'server_key')}\n{cert}", "cannot be used"),
        (f"{key}\n{cert}\ncustom_ca: 'x'", "cannot be used"),
    ):
        (tmp_path / "config").write_text(text)
        with pytest.raises(InvalidArgumentError) as error:
            read_ssl_config(str(tmp_path / "config"))
        assert mention in str(error.value)
        assert key.split("\\n")[1][:10] not in str(error.value)
    with pytest.raises(OSError, match="absent"):
        read_ssl_config(str(tmp_path / "absent"))
