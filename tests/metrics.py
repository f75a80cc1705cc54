"""The Prometheus page of a server."""

import re
import urllib.request

from .servers import ServerProcess

PREFIX = ":magenta_serving:"


def scrape(server: ServerProcess) -> str:
    """Returns the page."""
    address = f"http://{server.rest_address}/monitoring/prometheus/metrics"
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()


def samples(server: ServerProcess) -> dict[tuple[str, frozenset], float]:
    """Returns the values by name and labels, which are pairs of name and value."""
    return {(name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))): float(number)
            for name, labels, number in re.findall(
                r"(?m)^([\w:]+)(?:{(.*)})? (\S+)$", scrape(server))}


def metric(server: ServerProcess, name: str, **labels: str) -> float:
    """The sum of a metric of this project over all labels but these."""
    return sum(value for (sample, having), value in samples(server).items()
               if sample == PREFIX + name and labels.items() <= having)
