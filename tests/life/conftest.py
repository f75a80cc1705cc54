"""Servers whose limits let a request run for hours."""

import pathlib
from collections.abc import Callable

import pytest

from tests.contract.api import Api
from tests.long_requests import LIMITS
from tests.servers import ServerProcess

SHORT = {"num_steps": 16, "seed": 1}


@pytest.fixture
def start_unlimited(
    start_server: Callable[..., ServerProcess], make_models: Callable[..., pathlib.Path],
) -> Callable[..., ServerProcess]:
    """Starts a server of the model "melody" that takes long requests; options are ServerOptions."""

    def start(**options: object) -> ServerProcess:
        return start_server(models=str(make_models(melody=[1])), limits=LIMITS, **options)

    return start


def api_of(server: ServerProcess) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")
