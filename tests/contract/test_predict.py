"""Predict over gRPC: defaults, partial inputs, outputs, batches, replays."""

import grpc
import numpy as np
import pytest

from magenta_serving import protos

from .api import Api, notes

GENERATE_OUTPUTS = {"sequence_bytes", "midi_bytes", "sequence_json", "log_likelihood", "seed"}


def test_no_inputs_gives_all_outputs(api: Api):
    outputs = api.predict({})
    assert outputs.keys() == GENERATE_OUTPUTS
    assert {name: value.shape for name, value in outputs.items()} == dict.fromkeys(outputs, (1,))
    assert outputs["log_likelihood"].dtype == np.float32
    assert outputs["seed"].dtype == np.int64
    sequence = protos.NoteSequence.FromString(outputs["sequence_bytes"][0])
    assert sequence.ticks_per_quarter == 220
    assert outputs["midi_bytes"][0].startswith(b"MThd")
    assert "ticksPerQuarter" in outputs["sequence_json"][0].decode()


def test_response_names_the_version(api: Api):
    spec = api.predict_raw({}, outputs=["seed"]).model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == (
        api.model, 1, "serving_default")


def test_generate_is_the_default_signature(api: Api):
    inputs = {"seed": 3, "num_steps": 32}
    assert api.predict(inputs) == api.predict(inputs, signature="generate")


def test_primer_is_at_the_start(api: Api):
    outputs = api.predict({"primer_melody": "[60, -2, 62, -2, 64, -2]", "num_steps": 32, "seed": 1})
    assert [note[0] for note in notes(outputs["sequence_bytes"][0])[:3]] == [60, 62, 64]


def test_same_seed_same_notes(api: Api):
    inputs = {"seed": 42, "num_steps": 48}
    first, second = api.predict(inputs), api.predict(inputs)
    assert first == second
    other = api.predict({**inputs, "seed": 43})
    assert other["log_likelihood"] != first["log_likelihood"]


def test_drawn_seed_replays(api: Api):
    drawn = api.predict({"num_steps": 32, "num_outputs": 2})
    for i in range(2):
        replay = api.predict({"num_steps": 32, "seed": drawn["seed"][i]})
        assert notes(replay["sequence_bytes"][0]) == notes(drawn["sequence_bytes"][i])
        assert replay["log_likelihood"][0] == drawn["log_likelihood"][i]
        assert replay["seed"][0] == drawn["seed"][i]


def test_output_i_has_seed_plus_i(api: Api):
    outputs = api.predict({"num_steps": 32, "seed": 10, "num_outputs": 3})
    assert outputs["seed"].tolist() == [10, 11, 12]
    single = api.predict({"num_steps": 32, "seed": 12})
    assert notes(single["sequence_bytes"][0]) == notes(outputs["sequence_bytes"][2])


def test_batch_dimension(api: Api):
    outputs = api.predict({"num_steps": 32, "seed": [5, 6, 7], "num_outputs": 2})
    assert {value.shape for value in outputs.values()} == {(3, 2)}
    single = api.predict({"num_steps": 32, "seed": 6, "num_outputs": 2})
    for name in ("sequence_bytes", "midi_bytes", "log_likelihood", "seed"):
        assert outputs[name][1].tolist() == single[name].tolist()


def test_output_filter(api: Api):
    outputs = api.predict({"seed": 1, "num_steps": 16}, outputs=["log_likelihood", "seed"])
    assert outputs.keys() == {"log_likelihood", "seed"}


def test_primer_as_sequence_and_as_midi(api: Api):
    # What comes out as MIDI and as a NoteSequence goes in again.
    outputs = api.predict({"primer_melody": "[60, -2, 62, -2]", "num_steps": 16, "seed": 1})
    by_sequence = api.predict({"primer_sequence_bytes": outputs["sequence_bytes"][0],
                               "num_steps": 32, "seed": 2})
    by_midi = api.predict({"primer_midi_bytes": outputs["midi_bytes"][0],
                           "num_steps": 32, "seed": 2})
    for answer in (by_sequence, by_midi):
        assert notes(answer["sequence_bytes"][0])[0][0] == 60


def test_generate_sequence(api: Api):
    options = protos.GeneratorOptions()
    options.generate_sections.add(start_time=0.0, end_time=4.0)
    outputs = api.predict(
        {"input_sequence_bytes": b"", "generator_options_bytes": options.SerializeToString(),
         "seed": 5}, signature="generate_sequence")
    assert outputs.keys() == {"generated_sequence_bytes", "log_likelihood", "seed"}
    sequence = protos.NoteSequence.FromString(outputs["generated_sequence_bytes"][()])
    assert 0 <= sequence.total_time <= 4.0
    assert outputs["seed"] == 5


def test_score(api: Api):
    outputs = api.predict({"melody": "[60, -2, 62, -2, 64, -2]"}, signature="score")
    events = outputs["event_log_likelihoods"]
    assert events.dtype == np.float32 and events.ndim == 1 and len(events) > 0
    assert np.all(events <= 0)
    assert outputs["log_likelihood"] == pytest.approx(events.sum(), rel=1e-4)


def test_version_by_number(api: Api):
    assert api.predict_raw({}, version=1).model_spec.version.value == 1


@pytest.mark.parametrize(("spec", "code"), [
    ({"name": "no_such_model"}, grpc.StatusCode.NOT_FOUND),
    ({"name": ""}, grpc.StatusCode.INVALID_ARGUMENT),
    ({"version": 99}, grpc.StatusCode.NOT_FOUND),
    ({"label": "no_such_label"}, grpc.StatusCode.INVALID_ARGUMENT),
    ({"signature": "no_such_signature"}, grpc.StatusCode.FAILED_PRECONDITION),
])
def test_unknown_model_version_label_signature(api: Api, spec: dict, code: grpc.StatusCode):
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw({}, **spec)
    assert error.value.code() == code
    assert error.value.details()


def test_missing_model_spec(api: Api):
    with pytest.raises(grpc.RpcError) as error:
        api.call(protos.PREDICTION_SERVICE, "Predict", protos.PredictRequest())
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == "Missing ModelSpec"


@pytest.mark.parametrize("method", ["Classify", "Regress", "MultiInference"])
def test_other_methods_are_refused(api: Api, method: str):
    request = protos.methods(protos.PREDICTION_SERVICE)[method].request()
    with pytest.raises(grpc.RpcError) as error:
        api.call(protos.PREDICTION_SERVICE, method, request)
    assert error.value.code() in (
        grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION)


def test_deadline(api: Api):
    with pytest.raises(grpc.RpcError) as error:
        api.predict({"num_steps": 4096, "num_outputs": 64}, timeout=0.02)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    # The work stopped too: the next request does not wait for it.
    api.predict({"num_steps": 16}, timeout=10)
