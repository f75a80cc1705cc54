"""Servers whose limits let a request run for hours."""

import json
import pathlib
from collections.abc import Callable

import pytest

from tests.contract.api import Api
from tests.servers import ModelServer, ServerProcess

# Hours of work: 64 sequences of so many steps.
ENDLESS = {"num_steps": 50_000_000, "num_outputs": 64, "seed": 1}
SHORT = {"num_steps": 16, "seed": 1}

_LIMITS = {"max_steps": 100_000_000, "max_events": 100_000_000}


@pytest.fixture
def start_unlimited(
    start_server: Callable[..., ServerProcess], server_class: type[ServerProcess],
    make_models: Callable[..., pathlib.Path], tmp_path: pathlib.Path,
) -> Callable[..., ServerProcess]:
    """Starts a server of the model "melody" that takes ENDLESS; options are ServerOptions."""

    def start(**options: object) -> ServerProcess:
        if server_class is ModelServer:
            config = tmp_path / "platforms.config"
            config.write_text(_platform_config(_LIMITS))
            options["platform_config_file"] = config
        else:
            options["limits"] = _LIMITS
        return start_server(models=str(make_models(melody=[1])), **options)

    return start


def _platform_config(limits: dict[str, int]) -> str:
    text = " ".join(f"limits {{ key: {json.dumps(name)} value: {value} }}"
                    for name, value in limits.items())
    return f"""platform_configs {{ key: "magenta" value {{ source_adapter_config {{
        [type.googleapis.com/magenta_serving.MagentaSourceAdapterConfig] {{ {text} }} }} }} }}"""


def api_of(server: ServerProcess) -> Api:
    return Api(server.grpc_address, server.rest_address, "melody")
