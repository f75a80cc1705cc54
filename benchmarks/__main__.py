"""Measures this project against others that run the same models, in one run, alternately.

    make benchmark                                   # all of it
    .venv/bin/python -m benchmarks --configs "basic_rnn 2x64" --engines native onnx

Writes results.json, results.md and plots into --out. Engines take turns round by round, each in a
process of its own; figures are medians.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from . import limits, report, servers  # noqa: E402
from .configs import CONFIGS, ROOT, STEPS  # noqa: E402
from .engines import ENGINES  # noqa: E402
from .measure import Effort, measure  # noqa: E402

_THREADS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--configs", nargs="*", default=[config.name for config in CONFIGS],
                        choices=[config.name for config in CONFIGS], metavar="NAME",
                        help="of: " + "; ".join(config.name for config in CONFIGS))
    parser.add_argument("--engines", nargs="*", default=[engine.name for engine in ENGINES],
                        choices=[engine.name for engine in ENGINES])
    parser.add_argument("--no-servers", action="store_true", help="leaves out the servers")
    parser.add_argument("--model-server", metavar="PATH",
                        help="tensorflow_model_server, or image:NAME, to be measured too")
    parser.add_argument("--rounds", type=int, default=Effort.rounds)
    parser.add_argument("--seconds", type=float, default=Effort.seconds,
                        help="of an engine's rounds of one measurement (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "dist/benchmark")
    options = parser.parse_args()
    if options.rounds < 3 or options.seconds <= 0:
        parser.error("--rounds must be at least 3 and --seconds more than 0")

    engines = [engine for engine in ENGINES if engine.name in options.engines]
    effort = Effort(options.rounds, options.seconds, options.seconds / 9)
    results = {"processor": limits.processor(), "cores": len(os.sched_getaffinity(0)),
               "date": datetime.date.today().isoformat(), "load_before": os.getloadavg(),
               "titles": {engine.name: engine.title for engine in engines}, "configs": {}}
    options.out.mkdir(parents=True, exist_ok=True)
    for config in CONFIGS:
        if config.name not in options.configs:
            continue
        print(f"{config.name} ...", flush=True)
        bundle = _bundle(config.name)
        if not bundle["path"]:
            print(f"  left out: {config.real} is not on this machine", flush=True)
            continue
        path = pathlib.Path(bundle["path"])
        load = os.getloadavg()[0]
        result = measure(config, path, engines, effort)
        result["limits"] = _limits(bundle)
        own = result["engines"].get("native")
        if own and not options.no_servers:
            result["servers"] = servers.measure(
                config, path, options.model_server,
                {number: rate / own["steps"] * STEPS for number, rate in own["per_second"].items()},
                options.seconds / 3, own["steps"] / STEPS)
        result["load_average"] = load
        results["configs"][config.name] = result
        (options.out / "results.json").write_text(json.dumps(results, indent=1))
        report.write(json.loads((options.out / "results.json").read_text()), options.out)
        print("  " + report.summary(result), flush=True)
    print(f"Written to {options.out}")


def _bundle(name: str) -> dict:
    """What `benchmarks.bundle` prints: Magenta is imported there, and not here."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.bundle", name], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"The bundle could not be made:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _limits(bundle: dict) -> dict:
    """The least time of a step: {"one": ..., "two": ...} threads, and the network's sizes."""
    if not bundle["weights_read"]:
        return {}
    size = 4 * bundle["weights_read"]
    return {"bytes": size, "multiply_adds": bundle["multiply_adds"],
            "threads": {str(n): limits.measure(n, [size]) for n in (1, _THREADS)}}


if __name__ == "__main__":
    main()
