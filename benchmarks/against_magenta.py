"""Compares this project's servable with Magenta's Python on the same bundle, in one run.

    .venv/bin/python benchmarks/against_magenta.py [--bundle FILE ...] [--steps 128] [--rounds 5]

Each side has a process of its own; the two generate in turn, with the same seeds, and must give the same notes. Prints, for
each bundle, the medians of load time and generate time (seconds, warm), their ratios, and each process's peak memory.
"""

import argparse
import multiprocessing
import os
import pathlib
import resource
import statistics
import sys
import time
from multiprocessing.connection import Connection

_DEMO = sorted(pathlib.Path(__file__).parent.parent.glob("demo/models/melody/1/*.mag"))


class _Servable:
    """This project's side."""

    def __init__(self) -> None:
        from magenta_serving import Servable

        self._load = Servable.load

    def load(self, path: str) -> None:
        self._servable = self._load(path)

    def generate(self, sequence: bytes, options: bytes, seed: int) -> bytes:
        outputs = self._servable.predict(
            {"input_sequence_bytes": sequence, "generator_options_bytes": options, "seed": seed},
            "generate_sequence", ["generated_sequence_bytes"])
        return outputs["generated_sequence_bytes"].item()


class _Magenta:
    """Magenta's Python."""

    def __init__(self) -> None:
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
        from magenta.models.melody_rnn import melody_rnn_sequence_generator
        from magenta.models.shared import sequence_generator_bundle
        from note_seq.protobuf import generator_pb2, music_pb2
        import numpy

        self._read = sequence_generator_bundle.read_bundle_file
        self._generators = melody_rnn_sequence_generator.get_generator_map()
        self._options, self._sequence = generator_pb2.GeneratorOptions, music_pb2.NoteSequence
        self._seed = numpy.random.seed

    def load(self, path: str) -> None:
        bundle = self._read(path)
        self._generator = self._generators[bundle.generator_details.id](
            checkpoint=None, bundle=bundle)
        self._generator.initialize()

    def generate(self, sequence: bytes, options: bytes, seed: int) -> bytes:
        self._seed(seed)
        generated = self._generator.generate(
            self._sequence.FromString(sequence), self._options.FromString(options))
        return generated.SerializeToString(deterministic=True)


def _work(side: type, connection: Connection) -> None:
    """Answers (method, arguments) with (seconds, result), and None with the peak memory in MiB."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    worker = side()
    connection.send("ready")
    while (call := connection.recv()) is not None:
        method, arguments = call
        start = time.perf_counter()
        result = getattr(worker, method)(*arguments)
        connection.send((time.perf_counter() - start, result))
    connection.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


class _Process:
    """A side in its own process, so that neither shares TensorFlow's thread pools or memory."""

    def __init__(self, side: type) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_work, args=(side, other), daemon=True)
        self._process.start()
        self._connection.recv()

    def call(self, method: str, *arguments: object) -> tuple[float, bytes]:
        self._connection.send((method, arguments))
        return self._connection.recv()

    def peak_memory(self) -> float:
        self._connection.send(None)
        peak = self._connection.recv()
        self._process.join()
        return peak


def _request(steps: int) -> tuple[bytes, bytes]:
    """Middle C for one step at 120 quarters per minute, to be continued to `steps` 16th notes."""
    from magenta_serving.protos import GeneratorOptions, NoteSequence

    sequence = NoteSequence(total_time=0.125)
    sequence.tempos.add(qpm=120)
    sequence.notes.add(pitch=60, velocity=100, end_time=0.125)
    options = GeneratorOptions()
    options.generate_sections.add(start_time=0.25, end_time=steps * 0.125)
    return sequence.SerializeToString(), options.SerializeToString()


def compare(bundle: pathlib.Path, steps: int, rounds: int) -> None:
    """Prints a row; raises AssertionError if the two give different notes."""
    sides = [_Process(_Servable), _Process(_Magenta)]
    loads: list[list[float]] = [[], []]
    generates: list[list[float]] = [[], []]
    request = _request(steps)
    for _ in range(rounds):
        for times, side in zip(loads, sides):
            times.append(side.call("load", str(bundle))[0])
    for seed in range(-1, rounds):  # the first one warms up
        results = [side.call("generate", *request, seed % 2**32) for side in sides]
        assert results[0][1] == results[1][1], f"{bundle}: different notes for seed {seed}"
        if seed >= 0:
            for times, (seconds, _) in zip(generates, results):
                times.append(seconds)
    load, generate = ([statistics.median(times) for times in both] for both in (loads, generates))
    memory = [side.peak_memory() for side in sides]
    print(f"{bundle.stem[:40]:40}  load {load[0]:6.3f} {load[1]:6.3f} x{load[1] / load[0]:5.1f}   "
          f"generate {generate[0]:6.3f} {generate[1]:6.3f} x{generate[1] / generate[0]:5.1f}   "
          f"peak MiB {memory[0]:5.0f} {memory[1]:5.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=pathlib.Path, nargs="*", default=_DEMO)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"each pair: magenta_serving, Magenta's Python; {options.steps} steps, medians of {options.rounds}")
    for bundle in options.bundle:
        compare(bundle, options.steps, options.rounds)


if __name__ == "__main__":
    sys.exit(main())
