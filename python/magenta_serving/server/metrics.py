"""What the server counts, for Prometheus.

The first four metrics have the names, labels and units that servable/serving/metrics.h gives them in
tensorflow_model_server, so one dashboard shows both servers.
"""

import threading
from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import UntypedMetricFamily

# As in tensorflow_model_server.
PATH = "/monitoring/prometheus/metrics"

_PREFIX = ":magenta_serving:"
# Microseconds: from 0.1 ms in steps of factor 1.8 to about 15 minutes.
_LATENCIES = [100 * 1.8**i for i in range(28)]


class Count:
    """A number for each combination of labels, which only grows. Thread-safe.

    Prometheus' own class would put "_total" after the name.
    """

    def __init__(self, name: str, help_text: str, labels: tuple[str, ...],
                 registry: CollectorRegistry):
        self._name, self._help, self._labels = name, help_text, labels
        self._lock = threading.Lock()
        self._values: Counter[tuple[str, ...]] = Counter()
        registry.register(self)

    def add(self, *labels: str, amount: int = 1) -> None:
        with self._lock:
            self._values[labels] += amount

    def collect(self) -> Iterator[UntypedMetricFamily]:
        family = UntypedMetricFamily(self._name, self._help, labels=self._labels)
        with self._lock:
            for labels, value in self._values.items():
                family.add_metric(labels, value)
        yield family


class Metrics:
    """The metrics of one server.

    Attributes:
      requests: Predict requests that reached a model, by outcome.
      sequences: sequences generated.
      steps: steps of the network for them.
      latency: microseconds from a request's arrival to its answer, waiting included.
      rejected: requests that were refused before they ran, by reason: "queue", "calls", "rate" or
        "bytes".
      loads: loads of versions, by outcome.
      running, queued: requests that run and that wait.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = self._count(
            "request_count", "Requests to Magenta bundles, by outcome.",
            "model", "family", "signature", "code")
        self.sequences = self._count("sequence_count", "Sequences generated.", "model", "family")
        self.steps = self._count(
            "step_count", "Steps of the network for generated sequences.", "model", "family")
        self.latency = Histogram(
            f"{_PREFIX}request_latency", "Microseconds that requests took.",
            ("model", "family", "signature"), buckets=_LATENCIES, registry=self._registry)
        self.rejected = self._count(
            "rejected_count", "Requests that were refused before they ran.", "reason")
        self.loads = self._count("load_count", "Loads of versions, by outcome.", "model", "code")
        self.running = self._gauge("running_requests", "Requests that run.")
        self.queued = self._gauge("queued_requests", "Requests that wait.")

    def page(self) -> bytes:
        """Returns them in Prometheus' text format."""
        return generate_latest(self._registry)

    def _count(self, name: str, help_text: str, *labels: str) -> Count:
        return Count(f"{_PREFIX}{name}", help_text, labels, self._registry)

    def _gauge(self, name: str, help_text: str) -> Gauge:
        return Gauge(f"{_PREFIX}{name}", help_text, registry=self._registry)
