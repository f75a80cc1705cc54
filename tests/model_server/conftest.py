"""What only tensorflow_model_server has; skipped where --model-server does not say which."""

import pytest


@pytest.fixture(autouse=True)
def _needs_model_server(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("--model-server"):
        pytest.skip("no tensorflow_model_server: see docs/building.md, then use --model-server")
