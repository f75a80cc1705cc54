"""What the tests of TLS share."""

import pathlib

import pytest

from ..certificates import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of our own."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, pathlib.Path]:
    """The key and the certificate of somebody whom another authority knows."""
    return Certificates(tmp_path_factory.mktemp("stranger")).sign("client")
