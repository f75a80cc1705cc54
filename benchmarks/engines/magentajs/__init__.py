"""Magenta.js on Node, with TensorFlow.js' WebAssembly backend and the bundle's weights."""

import json
import pathlib
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...configs import STEPS, Config
from ...network import read_variables
from ..engine import Engine, memory_of

_FOLDER = pathlib.Path(__file__).parent
_BACKEND = "wasm"

# Configs whose encoding and graph MusicRNN has. Its attention is around three layers, which no
# config of Magenta 2.1.4 has, and it knows neither lookback, polyphony, performances nor NADEs.
_SPECS: dict[str, dict[str, Any]] = {
    "basic_rnn": {
        "type": "MusicRNN",
        "dataConverter": {"type": "MelodyConverter", "args": {"minPitch": 48, "maxPitch": 83}},
    },
    "chord_pitches_improv": {
        "type": "MusicRNN",
        "dataConverter": {"type": "MelodyConverter", "args": {"minPitch": 48, "maxPitch": 83}},
        "chordEncoder": "PitchChordEncoder",
    },
}
# Middle C for one step, and a pause: as notes, and as Magenta's events.
_PRIMER, _PRIMER_STEPS = [[60, 0, 1]], 2
PRIMER_EVENTS = [60, -1]
CHORDS = ["C", "G", "Am", "F"] * 2


class MagentaJs(Engine):
    name, title = "magentajs", "Magenta.js (Node, wasm)"
    is_exact = False
    in_flight = (1,)

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            ["node", str(_FOLDER / "worker.js"), _BACKEND], cwd=_FOLDER, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self._answer().get("backend") != _BACKEND:
            raise RuntimeError(f"TensorFlow.js has no backend {_BACKEND}")

    @classmethod
    def lacks(cls, config: Config) -> str | None:
        return None if config.config in _SPECS else "not in Magenta.js"

    def prepare(self, config: Config, path: pathlib.Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        variables = {name: np.ascontiguousarray(value, "<f4")
                     for name, value in sorted(read_variables(path).items())}
        (folder / "weights").write_bytes(b"".join(v.tobytes() for v in variables.values()))
        (folder / "weights_manifest.json").write_text(json.dumps([{
            "paths": ["weights"],
            "weights": [{"name": name, "shape": value.shape, "dtype": "float32"}
                        for name, value in variables.items()]}]))
        (folder / "config.json").write_text(json.dumps(_SPECS[config.config]))
        self._chords = CHORDS if "chordEncoder" in _SPECS[config.config] else None

    def load(self, config: Config, path: pathlib.Path) -> None:
        self._ask(method="load", folder=self._folder.name)

    def generate(self, request: Mapping[str, bytes], seed: int) -> bytes:
        self._continue(STEPS - _PRIMER_STEPS, self._chords)
        return b""

    def steps(self, request: Mapping[str, bytes], seed: int) -> int:
        return STEPS - 1  # The last event is not fed.

    def first_probabilities(self) -> np.ndarray:
        """The softmax after PRIMER_EVENTS, under CHORDS[0]: [classes]."""
        # Several chords would be spread over the primer, too.
        answer = self._continue(1, self._chords and CHORDS[:1], probabilities=True)
        return np.array(answer["probabilities"][0])

    def _continue(self, steps: int, chords: list[str] | None, **options: Any) -> dict[str, Any]:
        return self._ask(method="generate", primer=_PRIMER, primer_steps=_PRIMER_STEPS,
                         steps=steps, chords=chords, **options)

    def memory(self) -> tuple[float, float]:
        return memory_of(self._node.pid)

    def _ask(self, **request: Any) -> dict[str, Any]:
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise RuntimeError(f"Magenta.js: {answer['error']}")
        return answer

    def _answer(self) -> dict[str, Any]:
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError("Magenta.js ended; is it installed? (npm ci)")
        return json.loads(line)
