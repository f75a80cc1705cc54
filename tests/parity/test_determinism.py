"""The same request gives the same bytes: alone, again, beside others, and under any threads."""

import concurrent.futures
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from . import bundles, cases, families
from .pipeline import Outcome, Pipeline, generate


def _is_compared(bundle: bundles.Bundle) -> bool:
    return bundle.name.endswith(("-b1", "-three-layers-b4")) and bundle.normal


def _requests(pipeline: Pipeline, index: int, salt: str) -> cases.Case | cases.Command:
    """A case, or a command where Magenta has no other door that opens."""
    numbered = (pipeline.family.numbered_case if bundles.plays(pipeline.bundle.config)
                else pipeline.family.numbered_command)
    return numbered(pipeline.bundle.config, index, f"{salt}/{pipeline.bundle.name}")


@pytest.mark.bundles(only=_is_compared)
def test_alone_again_and_beside_others(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """Eight threads that ask for the same requests in different orders get what one gets."""
    opened = open_pipeline(bundle)
    servable = opened.native or opened.servable
    chosen = [_requests(opened, index, "determinism") for index in range(12)]
    alone = [generate(servable, case) for case in chosen]
    assert [generate(servable, case) for case in chosen] == alone

    def rotated(first: int) -> dict[int, Outcome]:
        order = [(first + index) % len(chosen) for index in range(len(chosen))]
        return {index: generate(servable, chosen[index]) for index in order}

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        for outcomes in threads.map(rotated, range(8)):
            assert [outcomes[index] for index in range(len(chosen))] == alone


# Prints a digest of each result of runs of some lengths, on the cores that are given.
_DIGEST = """
import hashlib, os, sys
import numpy as np
cores, lengths, threads, step_model, *paths = sys.argv[1:]
os.sched_setaffinity(0, list(map(int, cores.split(","))))
import magenta_serving.servable
from magenta_serving._servable import stages
for path in paths:
    model = getattr(stages, step_model)(path, threads=int(threads))
    for steps in map(int, lengths.split(",")):
        inputs = np.random.RandomState(steps).choice([0.0, 1.0, -1.0], size=(
            model.batch_size, steps, model.input_size)).astype(np.float32)
        results = model.step(inputs, None, 1.0)
        print(path, steps, *(hashlib.sha256(result.tobytes()).hexdigest() for result in results))
"""


def _digest(family: families.Family, threads: int, lengths: str, cores: set[int]) -> bytes:
    """What the family's session engine gives in a process of its own.

    The sessions of a process share one pool of threads, hence the processes.
    """
    made = [bundles.located(bundle) for bundle in bundles.made()
            if _is_compared(bundle) and bundle.config in family.configs()]
    return subprocess.run(
        [sys.executable, "-c", _DIGEST, ",".join(map(str, cores)), lengths, str(threads),
         family.step_model, *(str(bundle.path) for bundle in made)],
        check=True, capture_output=True).stdout


def test_number_of_threads_does_not_matter(family: families.Family) -> None:
    """Steps, and runs over short primers, give the same bits with two threads and with more.

    Not with one: on processors with AVX-512, TensorFlow then sums products of large matrices
    otherwise, drum_kit's for one.
    """
    cores = os.sched_getaffinity(0)
    assert len({_digest(family, threads, "1,2,16,33", cores) for threads in (2, 3, 4)}) == 1


def test_number_of_cores_does_not_matter(family: families.Family) -> None:
    """Two threads, the default, give the same bits on one core and on all of them.

    In runs over hundreds of steps the number of threads decides how TensorFlow parts a product of
    matrices, and with that the last bits: that is why it is fixed, and not the number of cores.
    """
    cores = os.sched_getaffinity(0)
    lengths = "1,16,128,256"
    assert _digest(family, 2, lengths, {min(cores)}) == _digest(family, 2, lengths, cores)


_GENERATE = """
import pickle, sys
from magenta_serving import Servable
names = {"generate": "sequence_bytes", "generate_sequence": "generated_sequence_bytes"}
results = []
for path, requests in pickle.load(sys.stdin.buffer):
    servable = Servable.load(path, engine="tensorflow")
    results.append([servable.predict(inputs, signature=signature)[names[signature]].item()
                    for signature, inputs in requests])
assert "tensorflow" not in sys.modules
sys.stdout.buffer.write(pickle.dumps(results))
"""


def test_process_without_python_tensorflow(family: families.Family,
                                           open_pipeline: Callable) -> None:
    """What Magenta makes here, the servable makes in a process that never imports TensorFlow."""
    work, expected = [], []
    for config in family.configs():
        opened = open_pipeline(bundles.first_of(config))
        chosen = [_requests(opened, index, "process") for index in range(8)]
        recorded = [(case, opened.reference.record(case)[0]) for case in chosen]
        made = [(case, outcome) for case, outcome in recorded if not outcome.failure]
        work.append((str(opened.bundle.path), [case.request() for case, _ in made]))
        expected.append([outcome.sequence for _, outcome in made])
    finished = subprocess.run([sys.executable, "-c", _GENERATE], input=pickle.dumps(work),
                              check=True, capture_output=True)
    assert pickle.loads(finished.stdout) == expected


def _short_request(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Asks for something short that the seed decides, of inputs that differ by family."""
    request: dict[str, Any] = {}
    if "num_steps" in inputs:
        request["num_steps"] = int(inputs["num_steps"].default) // 2
    if "sample" in inputs:
        # Piano rolls begin with a primer, and without this keep what is likely.
        request |= {"sample": True, "primer_pitches": "[60, 64]"}
    return request


def test_seed_counts(config: str, open_pipeline: Callable) -> None:
    """Seeds are all that tells two outputs of a request apart: other seeds, other music."""
    servable = open_pipeline(bundles.first_of(config)).servable
    request = _short_request(servable.signatures["generate"].inputs)
    outputs = servable.predict({**request, "num_outputs": 4, "seed": 11})
    assert outputs["seed"].tolist() == [11, 12, 13, 14]
    assert len(set(outputs["sequence_bytes"].tolist())) == 4
    third = servable.predict({**request, "seed": 13})
    assert third["sequence_bytes"][0] == outputs["sequence_bytes"][2]
    assert np.array_equal(third["log_likelihood"], outputs["log_likelihood"][2:3])
