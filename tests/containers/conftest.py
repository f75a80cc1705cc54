"""Containers of the images that --images names, with the demo's models."""

from collections.abc import Callable, Iterator

import pytest

from ..conftest import DEMO_MODELS
from .container import Container


@pytest.fixture(scope="module")
def start_container(pytestconfig: pytest.Config) -> Iterator[Callable[..., Container]]:
    """Starts the image whose name has this suffix; see Container for the other arguments."""
    prefix = pytestconfig.getoption("--images")
    if not prefix:
        pytest.skip("it needs images, which `make test-images` builds")
    containers: list[Container] = []

    def start(suffix: str, **options: object) -> Container:
        containers.append(Container(prefix + suffix, DEMO_MODELS, **options))
        return containers[-1]

    yield start
    for container in containers:
        container.remove()
