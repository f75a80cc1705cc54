"""Metrics of both servers, and the dashboard and the alerts that are made of them."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
import yaml

from ..contract.api import Api
from ..metrics import PREFIX, samples, scrape
from ..servers import ROOT, EmbeddedServer, ServerProcess

MELODY = {"model": "melody", "family": "melody"}
GENERATE = {**MELODY, "signature": "generate"}


@pytest.fixture(scope="module")
def server(server_class: type[ServerProcess], make_models: Callable,
           tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that has answered a request and refused another."""
    models = make_models(melody=[1])
    options: dict[str, Any] = {}
    if server_class is not EmbeddedServer:
        config = tmp_path_factory.mktemp("monitoring") / "monitoring.config"
        config.write_text("prometheus_config { enable: true }")
        options["monitoring_config_file"] = str(config)
    server = server_class(models=str(models), **options)
    api = Api(server.grpc_address, server.rest_address, "melody")
    api.predict({"num_steps": 17, "num_outputs": 3})
    with pytest.raises(grpc.RpcError):
        api.predict({"num_steps": 0})
    for name in ("absent", "made-up"):
        assert api.rest(f"/v1/models/{name}:predict", {"inputs": {}})[0] == 404
    yield server
    server.stop()


def value(server: ServerProcess, name: str, **labels: str) -> float:
    return samples(server)[f"{PREFIX}{name}", frozenset(labels.items())]


def test_values(server: ServerProcess):
    assert value(server, "request_count", **GENERATE, code="OK") == 1
    assert value(server, "request_count", **GENERATE, code="INVALID_ARGUMENT") == 1
    assert value(server, "sequence_count", **MELODY) == 3
    # The default primer, one note, and silence up to the section are three of the 17 steps.
    assert value(server, "step_count", **MELODY) == 3 * 14
    assert value(server, "request_latency_count", **GENERATE) == 2
    assert value(server, "request_latency_bucket", **GENERATE, le="+Inf") == 2
    assert value(server, "request_latency_sum", **GENERATE) > 100


def test_names_that_clients_make_up_are_no_labels(server: ServerProcess):
    assert not [labels for name, labels in samples(server)
                if name.startswith(PREFIX) and {"absent", "made-up"} & set(dict(labels).values())]


@pytest.mark.embedded
def test_own_metrics(server: ServerProcess):
    assert value(server, "load_count", model="melody", code="OK") == 1
    assert value(server, "running_requests") == value(server, "queued_requests") == 0


@pytest.mark.embedded
def test_rejections_and_failed_loads(start_server: Callable, make_models: Callable):
    models = make_models(melody=[1])
    (models / "broken" / "1").mkdir(parents=True)
    (models / "broken" / "1" / "x.mag").write_bytes(b"no bundle")
    server = start_server(models=str(models), max_requests_per_second=0.001)
    api = Api(server.grpc_address, server.rest_address, "melody")
    api.predict({"num_steps": 16})
    with pytest.raises(grpc.RpcError):
        api.predict({"num_steps": 16})
    assert value(server, "rejected_count", reason="rate") == 1
    assert value(server, "request_count", **MELODY, signature="", code="RESOURCE_EXHAUSTED") == 1
    assert value(server, "load_count", model="broken", code="INVALID_ARGUMENT") == 1


def queries(embedded: bool) -> Iterator[str]:
    """Yields the dashboard's queries and those of the alerts, of one or of both kinds of server."""
    dashboard = json.loads((ROOT / "deploy" / "grafana_dashboard.json").read_text())
    for panel in dashboard["panels"]:
        if embedded or "embedded" not in panel["title"]:
            yield from (target["expr"] for target in panel.get("targets", ()))
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus_alerts.yaml").read_text())
    for group in alerts["groups"]:
        if embedded or "embedded" not in group["name"]:
            yield from (rule["expr"] for rule in group["rules"])


def test_dashboard_and_alerts_ask_for_what_there_is(server: ServerProcess):
    # A counter is there before it has counted; its labels, when it has.
    labels: dict[str, set[str]] = {
        name: set() for name in re.findall(r"(?m)^# TYPE (\S+)", scrape(server))}
    for name, pairs in samples(server):
        labels.setdefault(name, set()).update(dict(pairs))
    asked = list(queries(isinstance(server, EmbeddedServer)))
    assert len(asked) > 5
    for query in asked:
        names = re.findall(r":magenta_serving:\w+|process_\w+", query)
        assert names or query.startswith("up{"), query
        used = {label for clause in re.findall(r"by \(([^)]*)\)", query)
                for label in clause.split(", ")} | set(re.findall(r'(\w+)(?:=~|!~|!=|=)"', query))
        for name in names:
            assert name in labels, query
            assert used <= {"instance", "job"} | labels[name] or not labels[name], query
