"""Every family over gRPC and REST: a model of each config, and every input that it takes."""

import base64
import io
from typing import Any

import grpc
import note_seq
import numpy as np
import pytest

from . import families
from .api import Api


@pytest.fixture
def models(family_bundles: dict, family_server: Any) -> list[tuple[str, str, Api]]:
    """(config, family, API of its model) of every config."""
    return [(config, family, Api(family_server.grpc_address, family_server.rest_address, config))
            for config, (family, _) in family_bundles.items()]


def _primers() -> dict[str, bytes]:
    melody = note_seq.Melody([60, -2, 64, -2]).to_sequence(qpm=100)
    file = io.BytesIO()
    note_seq.note_sequence_to_pretty_midi(melody).write(file)
    return {"primer_sequence_bytes": melody.SerializeToString(),
            "primer_midi_bytes": file.getvalue()}


def _json(value: Any) -> Any:
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def test_metadata_lists_what_the_family_takes(models: list[tuple[str, str, Api]]) -> None:
    for config, family, api in models:
        signatures = api.signatures()
        assert signatures["generate"].inputs.keys() == families.inputs(config, family).keys(), (
            config)
        assert signatures["score"].inputs.keys() >= families.SCORE[family].keys(), config


def test_every_input_over_grpc_and_rest(models: list[tuple[str, str, Api]]) -> None:
    """Each primer in turn, with all other inputs: the same music by both ways."""
    primers = _primers()
    for config, family, api in models:
        given = {**families.inputs(config, family), **primers}
        alternatives = [name for name in families.ALTERNATIVES if name in given]
        others = {name: value for name, value in given.items() if name not in alternatives}
        for primer in alternatives:
            inputs = {**others, primer: given[primer]}
            by_grpc = api.predict(inputs)
            assert by_grpc["sequence_bytes"].shape == (2,), (config, primer)
            by_rest = api.rest_predict(
                {"inputs": {name: _json(value) for name, value in inputs.items()}})["outputs"]
            assert [base64.b64decode(item["b64"]) for item in by_rest["midi_bytes"]] == list(
                by_grpc["midi_bytes"]), (config, primer)


def test_inputs_of_other_families_are_refused(models: list[tuple[str, str, Api]]) -> None:
    every = {name: value for config, family, _ in models
             for name, value in families.inputs(config, family).items()}
    for config, family, api in models:
        for name in every.keys() - families.inputs(config, family).keys():
            with pytest.raises(grpc.RpcError) as raised:
                api.predict({name: every[name]})
            assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT, (config, name)
            assert name in raised.value.details()


def test_score(models: list[tuple[str, str, Api]]) -> None:
    for config, family, api in models:
        given = {**families.SCORE[family], "sequence_bytes": b"", "midi_bytes": b""}
        # A NoteSequence where a family has no way of its own.
        inputs = {name: value for name, value in given.items() if value != b""} or {
            "sequence_bytes": _primers()["primer_sequence_bytes"]}
        outputs = api.predict(inputs, signature="score")
        assert np.all(outputs["event_log_likelihoods"] <= 0), config
        assert outputs["num_events"] == len(outputs["event_log_likelihoods"]) > 0, config
