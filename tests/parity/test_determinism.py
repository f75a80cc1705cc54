"""The same request gives the same bytes: alone, again, beside others, and under any threads."""

import concurrent.futures
import os
import pickle
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from . import bundles, families, pipeline

_COMPARED = [bundle for bundle in bundles.made()
             if bundle.name.endswith(("-b1", "-three-layers-b4"))]


@pytest.mark.parametrize("bundle", _COMPARED, ids=lambda bundle: bundle.name)
def test_alone_again_and_beside_others(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """Eight threads that ask for the same requests in different orders get what one gets."""
    servable = open_pipeline(bundle).servable
    family = families.of_config(bundle.config)
    chosen = [family.numbered_case(index, f"determinism/{bundle.name}") for index in range(12)]
    alone = [pipeline.generate(servable, case) for case in chosen]
    assert [pipeline.generate(servable, case) for case in chosen] == alone

    def rotated(first: int) -> dict[int, pipeline.Outcome]:
        order = [(first + index) % len(chosen) for index in range(len(chosen))]
        return {index: pipeline.generate(servable, chosen[index]) for index in order}

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        for outcomes in threads.map(rotated, range(8)):
            assert [outcomes[index] for index in range(len(chosen))] == alone


_DIGEST = """
import sys
import numpy as np
import magenta_serving.servable
from magenta_serving._servable import stages
for path in sys.argv[2:]:
    model = stages.step_model(path, threads=int(sys.argv[1]))
    for steps in (1, 2, 16, 33, 128, 256):
        inputs = np.random.RandomState(steps).choice([0.0, 1.0, -1.0], size=(
            model.batch_size, steps, model.input_size)).astype(np.float32)
        softmax, state = model.step(inputs, None, 1.0)
        print(path, steps, hash(softmax.tobytes()), hash(state.tobytes()))
"""


def test_number_of_threads_does_not_matter() -> None:
    """The session engine gives the same bits with 1 thread, 4 and as many as there are cores.

    The sessions of a process share one pool of threads, so each number has its own process.
    """
    made = [bundles.located(bundle) for bundle in bundles.made() if bundle.batch_size <= 4]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST, str(threads), *(str(b.path) for b in made)],
            env=os.environ | {"PYTHONHASHSEED": "0"}, check=True, capture_output=True).stdout
        for threads in (1, 4, 0)}
    assert len(outputs) == 1


_GENERATE = """
import pickle, sys
from magenta_serving import Servable
results = []
for path, requests in pickle.load(sys.stdin.buffer):
    servable = Servable.load(path)
    results.append([
        {name: array.item() for name, array in servable.predict(
            request, signature="generate_sequence").items()} for request in requests])
assert "tensorflow" not in sys.modules
sys.stdout.buffer.write(pickle.dumps(results))
"""


def test_process_without_python_tensorflow(open_pipeline: Callable) -> None:
    """What Magenta makes here, the servable makes in a process that never imports TensorFlow."""
    work, expected = [], []
    for bundle in _COMPARED:
        reference = open_pipeline(bundle).reference
        outcomes = [(case, reference.generate(case)) for case in (
            reference.family.numbered_case(index, f"process/{bundle.name}")
            for index in range(8))]
        made = [(case, outcome) for case, outcome in outcomes if not outcome.failure]
        work.append((str(bundles.located(bundle).path), [
            {"input_sequence_bytes": case.sequence_bytes,
             "generator_options_bytes": case.options_bytes, "seed": case.seed}
            for case, _ in made]))
        expected.append([
            {"generated_sequence_bytes": outcome.sequence,
             "log_likelihood": float(outcome.score), "seed": case.seed} for case, outcome in made])
    finished = subprocess.run([sys.executable, "-c", _GENERATE], input=pickle.dumps(work),
                              check=True, capture_output=True)
    assert pickle.loads(finished.stdout) == expected


@pytest.mark.parametrize("config", families.configs())
def test_seed_counts(config: str, open_pipeline: Callable) -> None:
    """Seeds are all that tells two outputs of a request apart: other seeds, other music."""
    bundle = next(bundle for bundle in bundles.made() if bundle.config == config)
    servable = open_pipeline(bundle).servable
    outputs = servable.predict({"num_steps": 64, "num_outputs": 4, "seed": 11})
    assert outputs["seed"].tolist() == [11, 12, 13, 14]
    assert len(set(outputs["sequence_bytes"].tolist())) == 4
    third = servable.predict({"num_steps": 64, "seed": 13})
    assert third["sequence_bytes"][0] == outputs["sequence_bytes"][2]
    assert np.array_equal(third["log_likelihood"], outputs["log_likelihood"][2:3])
