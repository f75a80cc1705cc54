"""What the clients ask: requests to all families, small and large, with the answers to expect."""

import base64
import dataclasses
import json
import pathlib
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from magenta_serving import protos
from tests.contract.api import Api

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo/models/melody/1"

# Size -> (share of the requests, steps, sequences).
SIZES = {"small": (0.7, 32, 1), "medium": (0.25, 128, 2), "large": (0.05, 512, 4)}
_SEEDS = range(4)
_OUTPUT = "sequence_bytes"
# Of families whose default is none.
_PRIMERS = {"pianoroll": {"primer_pitches": "[60, 64]"}}


@dataclasses.dataclass(frozen=True)
class Question:
    """A request of the signature `generate`.

    Attributes:
        model: its name on the server.
        size: a key of SIZES.
        message: a serialized PredictRequest.
        body: the same for REST.
        answer: serialized NoteSequences of the same request alone.
    """

    model: str
    size: str
    message: bytes
    body: bytes
    answer: tuple[bytes, ...] = ()

    def right(self, response: bytes) -> bool:
        """Whether a serialized PredictResponse is the answer."""
        outputs = protos.PredictResponse.FromString(response).outputs
        return tuple(outputs[_OUTPUT].string_val) == self.answer

    def right_json(self, response: bytes) -> bool:
        """Whether the JSON of a REST answer is the answer."""
        values = json.loads(response)["outputs"][_OUTPUT]
        return tuple(base64.b64decode(value["b64"]) for value in values) == self.answer


def bundles() -> dict[str, tuple[str, pathlib.Path]]:
    """A bundle of each family, model -> (family, path): the demo's, and such as Magenta makes."""
    found = {"melody": ("melody", next(DEMO.glob("*.mag")))}
    made = subprocess.run([sys.executable, "-m", "parity"], cwd=ROOT / "tests", check=True,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in made.stdout.splitlines():
        _, family, path = line.split(" ", 2)
        found.setdefault(family, (family, pathlib.Path(path)))
    return found


def ask_alone(models: Mapping[str, tuple[str, pathlib.Path]], grpc_address: str) -> list[Question]:
    """The questions, each with the answer that an idle server gives."""
    questions = []
    for model, (family, _) in models.items():
        api = Api(grpc_address, "", model)
        for size, (_, steps, sequences) in SIZES.items():
            for seed in _SEEDS:
                inputs = {"seed": seed, "num_outputs": sequences, **_length(family, steps),
                          **_PRIMERS.get(family, {})}
                request = api.request(inputs, outputs=[_OUTPUT])
                body = json.dumps({"inputs": inputs}).encode()
                answer = api.predict(inputs, outputs=[_OUTPUT])[_OUTPUT]
                questions.append(Question(model, size, request.SerializeToString(), body,
                                          tuple(answer)))
        api.channel.close()
    return questions


def _length(family: str, steps: int) -> dict[str, Any]:
    if family == "improv":  # As long as its chords.
        return {"backing_chords": " ".join(["C", "Am", "F", "G"] * (steps // 32)),
                "steps_per_chord": 8}
    return {"num_steps": steps}


def choose(questions: Sequence[Question], chance: random.Random) -> Question:
    """One of the questions, sizes by their shares."""
    size = chance.choices(list(SIZES), [share for share, _, _ in SIZES.values()])[0]
    return chance.choice([question for question in questions if question.size == size])
