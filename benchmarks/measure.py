"""Measures one config: all engines in turn, round by round."""

import contextlib
import dataclasses
import math
import pathlib
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .configs import STEPS, Config, request
from .engines import Engine, Magenta, MagentaJs, Native, NativeUnchecked, OnnxRuntime, Process
from .engines.magentajs import CHORDS, PRIMER_EVENTS
from .network import StepNetwork, read_variables, step_network


@dataclasses.dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes:
        rounds: of each measurement, at most; medians are reported.
        seconds: that an engine's rounds of one measurement should take together; there are three
            rounds at least.
        warm: seconds of work in flight for each number in flight and round.
    """

    rounds: int = 9
    seconds: float = 6.0
    warm: float = 0.7


class _Sides:
    """The engines of one comparison, each in its process, with what was measured of each."""

    def __init__(self, engines: Sequence[type[Engine]], stack: contextlib.ExitStack):
        self.processes = {engine: stack.enter_context(Process(engine)) for engine in engines}
        self.results: dict[str, dict[str, Any]] = {engine.name: {} for engine in engines}

    def in_turn(self, effort: Effort, measure: Any, engines: Sequence[type[Engine]]) -> dict[
            type[Engine], list[Any]]:
        """Calls measure(process, round) of each engine in turn; gives what it returned."""
        values: dict[type[Engine], list[Any]] = {engine: [] for engine in engines}
        spent = dict.fromkeys(engines, 0.0)
        for round_ in range(effort.rounds):
            for engine in engines:
                if round_ < 3 or spent[engine] * (round_ + 1) / round_ <= effort.seconds:
                    start = time.perf_counter()
                    values[engine].append(measure(self.processes[engine], round_))
                    spent[engine] += time.perf_counter() - start
        return values


def measure(config: Config, path: pathlib.Path, engines: Sequence[type[Engine]],
            effort: Effort) -> dict[str, Any]:
    """Everything of one config: {"engines": {name: results}, "network": sizes, ...}.

    Raises:
        RuntimeError: an engine failed, or computes other probabilities than Magenta's graph.
    """
    chosen = [engine for engine in engines if not engine.lacks(config)]
    asked = request(config)
    with contextlib.ExitStack() as stack:
        sides = _Sides(chosen, stack)
        for engine, process in sides.processes.items():
            process.call("prepare", config, path)
            before = process.call("memory")[0]
            process.call("load", config, path)
            sides.results[engine.name]["loaded_mib"] = process.call("memory")[0] - before
        result = {"config": config.config, "family": config.family,
                  "bytes": path.stat().st_size, "differences": _compare(sides, asked)}
        _load(sides, config, path, effort)
        _alone(sides, asked, effort)
        _in_flight(sides, asked, effort)
        for engine, process in sides.processes.items():
            sides.results[engine.name]["peak_mib"] = process.call("memory")[1]
        if Native in sides.processes:
            result["parameters"] = sides.processes[Native].call("num_parameters")
    result["lacks"] = {engine.name: engine.lacks(config) for engine in engines
                       if engine.lacks(config)}
    return result | {"engines": sides.results}


def _compare(sides: _Sides, asked: Mapping[str, bytes]) -> str:
    """Raises unless probabilities are the graph's; says how many notes of engines are Magenta's."""
    if Magenta not in sides.processes:
        return ""
    magenta = sides.processes[Magenta]
    if OnnxRuntime in sides.processes:
        onnx = sides.processes[OnnxRuntime]
        size = onnx.call("input_size")
        inputs = np.eye(size, dtype=np.float32)[np.random.RandomState(0).randint(size, size=50)]
        theirs = magenta.call("probabilities", inputs)
        _refuse_difference(onnx.call("probabilities", inputs), theirs, OnnxRuntime)
    if MagentaJs in sides.processes:
        _refuse_difference(
            sides.processes[MagentaJs].call("first_probabilities"),
            magenta.call("melody_probabilities", PRIMER_EVENTS, CHORDS[0]), MagentaJs)
    exact = [engine for engine in sides.processes if engine.is_exact and engine is not Magenta]
    seeds = range(3)
    same = sum(sides.processes[engine].call("generate", asked, seed)
               == magenta.call("generate", asked, seed) for engine in exact for seed in seeds)
    return f"{len(exact) * len(seeds) - same} of {len(exact) * len(seeds)}"


def _refuse_difference(ours: np.ndarray, theirs: np.ndarray, engine: type[Engine]) -> None:
    difference = np.abs(ours - theirs).max()
    if not difference <= 1e-5:
        raise RuntimeError(f"{engine.title} does not run the same network: its probabilities "
                           f"differ from Magenta's by {difference}")


def _load(sides: _Sides, config: Config, path: pathlib.Path, effort: Effort) -> None:
    engines = list(sides.processes)
    if Native in engines:
        with Process(NativeUnchecked) as unchecked:
            sides.processes[NativeUnchecked] = unchecked
            before = unchecked.call("memory")[0]
            unchecked.call("load", config, path)
            memory = unchecked.call("memory")[0] - before
            loads = sides.in_turn(
                effort, lambda process, _: process.timed("load", config, path)[0],
                [*engines, NativeUnchecked])
            del sides.processes[NativeUnchecked]
        sides.results[Native.name]["load_unchecked_s"] = statistics.median(
            loads.pop(NativeUnchecked))
        sides.results[Native.name]["loaded_unchecked_mib"] = memory
    else:
        loads = sides.in_turn(effort, lambda process, _: process.timed("load", config, path)[0],
                              engines)
    for engine, seconds in loads.items():
        sides.results[engine.name]["load_s"] = statistics.median(seconds)


def _alone(sides: _Sides, asked: Mapping[str, bytes], effort: Effort) -> None:
    engines = list(sides.processes)
    counter = Magenta if Magenta in engines else None

    def one(process: Process, round_: int) -> float:
        # Not one call: with the caches cold it would cost what no request after it does.
        return process.call("generate_alone", asked, round_, effort.warm / 4)

    for engine in engines:  # Warm.
        one(sides.processes[engine], 0)
    seconds = sides.in_turn(effort, one, engines)
    for engine in engines:
        source = engine if not engine.is_exact else counter
        if source is None:
            steps = [STEPS] * len(seconds[engine])
        else:
            steps = [_steps(sides, source, asked, round_)
                     for round_ in range(len(seconds[engine]))]
        each = [1e6 * s / n for s, n in zip(seconds[engine], steps)]
        sides.results[engine.name]["step_us"] = statistics.median(each)
        sides.results[engine.name]["steps"] = statistics.mean(steps)


def _steps(sides: _Sides, engine: type[Engine], asked: Mapping[str, bytes], seed: int) -> int:
    """Steps of a generation; the same for all seeds but where notes decide it."""
    known = sides.results[engine.name].setdefault("_steps", {})
    if seed not in known:
        known[seed] = sides.processes[engine].call("steps", asked, seed)
    return known[seed]


def _in_flight(sides: _Sides, asked: Mapping[str, bytes], effort: Effort) -> None:
    """Sequences of STEPS steps per second, by the number in flight."""
    for results in sides.results.values():
        results.pop("_steps", None)
        results["per_second"] = {1: 1e6 / results["step_us"] / STEPS}
    rounds = dataclasses.replace(effort, rounds=3)
    for number in (8, 32, 128):
        engines = []
        for engine in sides.processes:
            # What would take too long is left out: more in flight do not speed these up.
            alone = sides.results[engine.name]["step_us"] * STEPS / 1e6
            if number in engine.in_flight and alone * number <= 10 * effort.seconds:
                engines.append(engine)
        _record(sides, "per_second", "generate_many", number, asked, rounds, engines)
    for number in (8, 32):  # A request may have 64 rows.
        _record(sides, "rows_per_second", "generate_rows", number, asked, rounds,
                [engine for engine in sides.processes if engine is Native])


def _record(sides: _Sides, key: str, method: str, number: int, asked: Mapping[str, bytes],
            effort: Effort, engines: list[type[Engine]]) -> None:
    each: dict[type[Engine], int] = {}

    def many(process: Process, _: int) -> float:
        if process.engine not in each:
            seconds = process.timed(method, asked, number, 1)[0]
            each[process.engine] = max(1, math.ceil(effort.warm / seconds))
        count = each[process.engine]
        return number * count / process.timed(method, asked, number, count)[0]

    for engine, rates in sides.in_turn(effort, many, engines).items():
        results = sides.results[engine.name]
        results.setdefault(key, {})[number] = (
            statistics.median(rates) * results["steps"] / STEPS)


def network_of(path: pathlib.Path, attention_length: int) -> StepNetwork | None:
    """The network in a bundle; None where `network` does not know it. Imports TensorFlow."""
    try:
        return step_network(read_variables(path), attention_length)
    except KeyError:
        return None
