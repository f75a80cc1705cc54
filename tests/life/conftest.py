"""Servers whose limits let a request run for hours."""

import pathlib
from collections.abc import Callable

import pytest

from tests.contract.api import Api
from tests.servers import ServerProcess

# Hours of work: 64 sequences of so many steps.
ENDLESS = {"num_steps": 50_000_000, "num_outputs": 64, "seed": 1}
SHORT = {"num_steps": 16, "seed": 1}

_LIMITS = {"max_steps": 100_000_000, "max_events": 100_000_000}


@pytest.fixture
def start_unlimited(
    start_server: Callable[..., ServerProcess], make_models: Callable[..., pathlib.Path],
) -> Callable[..., ServerProcess]:
    """Starts a server of the model "melody" that takes ENDLESS; options are ServerOptions."""

    def start(**options: object) -> ServerProcess:
        return start_server(models=str(make_models(melody=[1])), limits=_LIMITS, **options)

    return start


def api_of(server: ServerProcess) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")
