"""What serving costs: one request in process, through the embedded server, and through the model server.

Usage: .venv/bin/python benchmarks/servers.py [--model-server PATH] [--bundle PATH] [--requests N]

The three take turns, request by request, with the same seeds, and must give the same notes. Prints the
seconds until each was ready (to load, in process), the median and 90th percentile of a request's
milliseconds, and the median relative to the one in process.
"""

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from magenta_serving import MagentaClient, Servable  # noqa: E402

from tests.servers import EmbeddedServer, ModelServer  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model-server", help="path of tensorflow_model_server, or image:NAME")
    parser.add_argument("--bundle", type=pathlib.Path,
                        default=ROOT / "demo/models/melody/1/lookback_rnn.mag")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--steps", type=int, default=128)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as models:
        version = pathlib.Path(models, "bundle", "1")
        version.mkdir(parents=True)
        shutil.copy(arguments.bundle, version)
        ModelServer.binary = arguments.model_server
        ways: dict[str, tuple[float, Callable]] = {}
        start = time.perf_counter()
        servable = Servable.load(str(arguments.bundle))
        ways["in process"] = time.perf_counter() - start, servable.predict
        servers = []
        for server_class in [EmbeddedServer, *([ModelServer] if arguments.model_server else [])]:
            start = time.perf_counter()
            servers.append(server_class(models=models))
            seconds = time.perf_counter() - start
            client = MagentaClient(servers[-1].grpc_address)
            ways[server_class.__name__] = seconds, lambda inputs, outputs, client=client: (
                client.predict("bundle", inputs, outputs=outputs))
        try:
            compare(ways, arguments.requests, arguments.steps)
        finally:
            for server in servers:
                server.stop()


def compare(ways: dict[str, tuple[float, Callable]], requests: int, steps: int) -> None:
    """Times the ways in turn and prints the table."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(-5, requests):  # The first five are for warming up.
        answers = set()
        for name, (_, predict) in ways.items():
            start = time.perf_counter()
            outputs = predict({"num_steps": steps, "seed": seed + 5}, outputs=["sequence_bytes"])
            if seed >= 0:
                seconds[name].append(time.perf_counter() - start)
            answers.add(outputs["sequence_bytes"].item())
        assert len(answers) == 1, f"different notes for seed {seed}"
    base = statistics.median(seconds["in process"])
    print(f"{steps} steps, {requests} requests each, one at a time")
    print(f"{'':16}{'ready s':>9}{'p50 ms':>9}{'p90 ms':>9}{'ratio':>7}")
    for name, (ready, _) in ways.items():
        median = statistics.median(seconds[name])
        p90 = statistics.quantiles(seconds[name], n=10)[-1]
        print(f"{name:16}{ready:9.2f}{median * 1e3:9.2f}{p90 * 1e3:9.2f}{median / base:7.2f}")


if __name__ == "__main__":
    main()
