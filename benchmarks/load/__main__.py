"""Puts a server under load and says whether it bore it: exits with 0 if it did, else with 1.

    make load ARGS="--seconds 600 --clients 256 --swaps 1000"
    .venv/bin/python -m benchmarks.load --model-server PATH

Clients ask for music of all families, some with short deadlines, some change their minds; each
answer is compared with that of the same request alone. Meanwhile versions are swapped, broken ones
published and files removed. At last the server is killed and started again. All on the loopback
interface.
"""

import argparse
import asyncio
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time
from typing import Any

from tests.contract.api import Api
from tests.servers import EmbeddedServer, ModelServer, ServerProcess

from . import clients, questions, report, resources
from .chaos import Folder

_SWAPPED = "melody"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120,
                        help="of load, which goes on until the swaps are done, for at most twice "
                             "as long")
    parser.add_argument("--clients", type=int, default=64, help="at a time")
    parser.add_argument("--swaps", type=int, default=0, metavar="N",
                        help="new versions of a model that must come under load, with mishaps "
                             "between them")
    parser.add_argument("--model-server", metavar="PATH",
                        help="tensorflow_model_server, or image:NAME; else the embedded server")
    parser.add_argument("--options", type=json.loads, default={}, metavar="JSON",
                        help="flags of the server")
    parser.add_argument("--apart", action="store_true",
                        help="the server on the first half of the processors, the clients on the "
                             "others")
    parser.add_argument("--memory-growth", type=float, default=0.02, metavar="SHARE",
                        help="that is borne after the first minute, or the first half")
    parser.add_argument("--restart-seconds", type=float, metavar="S",
                        help="within which a server that was killed must answer again")
    parser.add_argument("--out", type=pathlib.Path, help="a JSON file for the figures")
    options = parser.parse_args()
    if options.seconds <= 0 or options.clients < 1:
        parser.error("--seconds must be more than 0 and --clients at least 1")
    if options.apart and len(os.sched_getaffinity(0)) < 2:
        parser.error("--apart takes two processors")

    processors = sorted(os.sched_getaffinity(0))
    half = len(processors) // 2 if options.apart else 0
    ModelServer.binary = options.model_server
    kind = ModelServer if options.model_server else EmbeddedServer
    with tempfile.TemporaryDirectory() as folder:
        models = pathlib.Path(folder, "models")
        served = questions.bundles()
        for name, (_, bundle) in served.items():
            (models / name / "1").mkdir(parents=True)
            shutil.copy(bundle, models / name / "1")
        start = {"models": str(models), "file_system_poll_wait_seconds": 1, **options.options}

        def started() -> ServerProcess:
            resources.run_on(processors[:half] or processors)
            server = kind(**start)
            resources.run_on(processors[half:])
            return server

        server = started()
        try:
            asked = questions.ask_alone(served, server.grpc_address)
            figures = asyncio.run(_load(server, asked, models, options))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            began = time.monotonic()
            server = started()
            api = Api(server.grpc_address, "", _SWAPPED)
            api.predict({"num_steps": 16})
            figures["restart_seconds"] = time.monotonic() - began
        finally:
            status = server.stop()
        figures["exit_status"] = status
    broken = report.broken(figures, options)
    print(report.text(figures))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1))
    for line in broken:
        print(f"BROKEN: {line}")
    return 1 if broken else 0


async def _load(server: ServerProcess, asked: list[questions.Question], models: pathlib.Path,
                options: argparse.Namespace) -> dict[str, Any]:
    """Returns the figures of the load."""
    outcomes, samples, stop = clients.Outcomes(), [], threading.Event()
    api = Api(server.grpc_address, "", _SWAPPED)
    folder = Folder(models / _SWAPPED, next(questions.DEMO.glob("*.mag")), api)
    api.states()  # Its connection is there before and after.
    before = await resources.at_rest(server.process.pid)
    began = time.monotonic()

    def is_over() -> bool:
        passed = time.monotonic() - began
        wanted = options.seconds * (1 if folder.swaps >= options.swaps else 2)
        return passed >= wanted

    watching = asyncio.create_task(resources.watch(server.process.pid, samples, is_over))
    disturbing = asyncio.create_task(asyncio.to_thread(folder.disturb, stop, options.swaps))
    await clients.run(server.grpc_address, server.rest_address, asked, options.clients, is_over,
                      outcomes)
    seconds = time.monotonic() - began
    stop.set()
    await watching
    await disturbing
    after = await resources.at_rest(server.process.pid)
    window = min(10, options.seconds / 4)
    return {
        "server": type(server).__name__, "clients": options.clients,
        "seconds": round(seconds), "swaps": folder.swaps, "mishaps": folder.mishaps,
        "codes": {f"{way} {code}": count for (way, code), count in sorted(outcomes.codes.items())},
        "milliseconds": report.percentiles(outcomes.seconds),
        "wrong": outcomes.wrong, "failures": outcomes.failures,
        "first": vars(resources.level(samples, began + min(60, options.seconds / 2), window)),
        "last": vars(resources.level(samples, began + seconds - window, window)),
        "before": vars(before), "after": vars(after),
    }


if __name__ == "__main__":
    sys.exit(main())
