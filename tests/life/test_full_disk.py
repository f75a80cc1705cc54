"""A disk that is full where the server writes its log."""

import shlex
from collections.abc import Callable, Mapping

from magenta_serving import protos
from tests.contract.api import Api, wait_for
from tests.servers import ServerProcess

from .conftest import SHORT, api_of


def test_log_on_a_full_disk(server_class: type[ServerProcess], make_models: Callable):
    class FullDisk(server_class):
        """Its output goes to a device that is always full."""

        def command(self, options: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
            command, environment = super().command(options)
            script = f"exec {shlex.join(command)} >/dev/full 2>&1"
            return ["sh", "-c", script], environment

        def _wait_until_ready(self) -> None:
            wait_for(lambda: self.process.poll() is not None or _is_serving(api_of(self)), "serves")

    server = FullDisk(models=str(make_models(melody=[1])), log_format="json")
    try:
        assert api_of(server).predict(SHORT)
        status, answer, _ = api_of(server).rest("/v1/models/melody/versions/7")
        assert status == 404, answer
    finally:
        status = server.stop()
    assert status == 0


def _is_serving(api: Api) -> bool:
    health = api.call(protos.HEALTH_SERVICE, "Check", protos.HealthCheckRequest())
    return health.status == protos.HealthCheckResponse.SERVING
