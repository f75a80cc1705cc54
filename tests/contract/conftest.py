"""The server under test: by default one that the suite starts, else the one that options name."""

import pytest

from .api import Api


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest) -> Api:
    grpc_address = request.config.getoption("--grpc-address")
    rest_address = request.config.getoption("--rest-address")
    if bool(grpc_address) != bool(rest_address):
        raise pytest.UsageError("--grpc-address and --rest-address go together")
    if not grpc_address:
        server = request.getfixturevalue("melody_server")
        return Api(server.grpc_address, server.rest_address, "melody")
    return Api(grpc_address, rest_address, request.config.getoption("--model-name"))
