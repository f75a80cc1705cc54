"""What several tests of commands share."""

import socket

import pytest


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
