"""Measures the servers over gRPC: the embedded one, and tensorflow_model_server if there is one.

The client sends requests that were serialized before and leaves answers as bytes, so that little of
the processors that it shares with the server is its own.
"""

import contextlib
import pathlib
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc

from tests.servers import EmbeddedServer, ModelServer, ServerProcess

from .configs import Config, request

_METHOD = "/tensorflow.serving.PredictionService/Predict"
_MODEL, _OUTPUT = "bundle", "generated_sequence_bytes"
IN_FLIGHT = (1, 8, 32, 128)
# As many at a time as the client sends, so that they advance together.
_EMBEDDED = {"engine": "native", "request_threads": max(IN_FLIGHT)}
_MODEL_SERVER = {"grpc_max_threads": 2 * max(IN_FLIGHT)}


def measure(config: Config, path: pathlib.Path, model_server: str | None, per_second: Mapping[
        int, float], seconds: float, steps_ratio: float) -> dict[str, dict[str, Any]]:
    """Results by server, of one after the other.

    Args:
        config: what is served.
        path: its bundle.
        model_server: as in `tests.servers.ModelServer.binary`; None leaves it out.
        per_second: sequences per second in process, by the number in flight.
        seconds: that each number in flight should take.
        steps_ratio: steps of one of the config's sequences, relative to `configs.STEPS`.

    Returns:
        name of the server -> {"p50_ms", "p99_ms" of one request at a time, "in_process_ms" between
        them, "per_second", "p50_ms_by", "p99_ms_by": by the number in flight}.
    """
    servers: list[tuple[str, type[ServerProcess], Mapping[str, Any]]] = [
        ("embedded", EmbeddedServer, _EMBEDDED)]
    if model_server:
        ModelServer.binary = model_server
        servers.append(("model_server", ModelServer, _MODEL_SERVER))
    results = {}
    for name, kind, options in servers:
        with tempfile.TemporaryDirectory() as models, contextlib.ExitStack() as stack:
            version = pathlib.Path(models, _MODEL, "1")
            version.mkdir(parents=True)
            shutil.copy(path, version / "bundle.mag")
            server = kind(models=models, **options)
            stack.callback(server.stop)
            results[name] = _measure(server.grpc_address, config, path, per_second, seconds,
                                     steps_ratio)
    return results


def _measure(address: str, config: Config, path: pathlib.Path, per_second: Mapping[int, float],
             seconds: float, steps_ratio: float) -> dict[str, Any]:
    from magenta_serving import Servable

    inputs = request(config)
    messages = [_message(inputs, seed) for seed in range(1000)]
    channel = grpc.insecure_channel(address)
    predict = channel.unary_unary(_METHOD)
    servable = Servable.load(path)

    def in_process(seed: int) -> None:
        servable.predict({**inputs, "seed": seed}, "generate_sequence", [_OUTPUT])

    def served(seed: int) -> None:
        predict(messages[seed], timeout=120, wait_for_ready=True)

    for seed in range(10):  # Warm.
        in_process(seed)
        served(seed)
    # Alternately, so that both meet the same neighbours.
    count = min(1000, max(100, round(seconds * per_second[1] / 2)))
    ours: list[float] = []
    theirs: list[float] = []
    for seed in range(count):
        for call, times in ((in_process, ours), (served, theirs)):
            start = time.perf_counter()
            call(seed)
            times.append(1e3 * (time.perf_counter() - start))
    result: dict[str, Any] = {
        "p50_ms": statistics.median(theirs), "p99_ms": _percentile(theirs, 0.99),
        "in_process_ms": statistics.median(ours), "per_second": {}, "p50_ms_by": {},
        "p99_ms_by": {}}
    for number in IN_FLIGHT:
        each = max(2, round(seconds * per_second.get(number, per_second[1]) / number))
        times = []
        _at_once(served, number, 1, [])  # Warm.
        rate = _at_once(served, number, each, times)
        result["per_second"][number] = rate * steps_ratio
        result["p50_ms_by"][number] = statistics.median(times)
        result["p99_ms_by"][number] = _percentile(times, 0.99)
    channel.close()
    return result


def _at_once(call: Callable[[int], None], number: int, each: int, times: list[float]) -> float:
    """Calls per second of `number` threads that make `each` calls; appends milliseconds of each.

    Raises:
        grpc.RpcError: a call failed.
    """
    errors: list[Exception] = []

    def work(first: int) -> None:
        try:
            for i in range(each):
                start = time.perf_counter()
                call((first + i) % 1000)
                times.append(1e3 * (time.perf_counter() - start))
        except grpc.RpcError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(each * i,)) for i in range(number)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if errors:
        raise errors[0]
    return number * each / seconds


def _percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def _message(inputs: Mapping[str, bytes], seed: int) -> bytes:
    """A serialized PredictRequest of the signature generate_sequence."""
    from magenta_serving.protos import PredictRequest
    from tensorflow.core.framework import types_pb2

    message = PredictRequest()
    message.model_spec.name = _MODEL
    message.model_spec.signature_name = "generate_sequence"
    message.output_filter.append(_OUTPUT)
    for name, value in inputs.items():
        message.inputs[name].dtype = types_pb2.DT_STRING
        message.inputs[name].tensor_shape.SetInParent()
        message.inputs[name].string_val.append(value)
    message.inputs["seed"].dtype = types_pb2.DT_INT64
    message.inputs["seed"].tensor_shape.SetInParent()
    message.inputs["seed"].int64_val.append(seed)
    return message.SerializeToString()
