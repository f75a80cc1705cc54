"""The Prometheus page of tensorflow_model_server."""

import re
import urllib.request

from .servers import ServerProcess

_LINE = re.compile(r"(?P<name>[^{ ]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")


def metric(server: ServerProcess, name: str, **labels: str) -> float:
    """The sum of :magenta_serving:`name` over all labels but these."""
    address = f"http://{server.rest_address}/monitoring/prometheus/metrics"
    with urllib.request.urlopen(address, timeout=30) as response:
        page = response.read().decode()
    wanted = {f'{key}="{value}"' for key, value in labels.items()}
    return sum(float(match["value"]) for match in map(_LINE.fullmatch, page.splitlines())
               if match and match["name"] == f":magenta_serving:{name}"
               and wanted <= set((match["labels"] or "").split(",")))
