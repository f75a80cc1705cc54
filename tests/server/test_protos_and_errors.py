"""Message classes and error classes."""

import subprocess
import sys

import pytest

from magenta_serving import errors, protos


@pytest.mark.parametrize("order", [
    "import note_seq; from magenta_serving import protos",
    "from magenta_serving import protos; import note_seq"])
def test_note_sequences_are_those_of_note_seq(order):
    code = (f"{order}; from note_seq.protobuf import generator_pb2; "
            "assert protos.NoteSequence is note_seq.NoteSequence; "
            "assert protos.GeneratorOptions is generator_pb2.GeneratorOptions")
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)


def test_import_is_cheap_and_lives_beside_tensorflow_servings_own_classes():
    code = ("import sys, magenta_serving; from magenta_serving import protos, tensors; "
            "assert not {'tensorflow', 'note_seq', 'tensorflow_serving'} & set(sys.modules); "
            "from tensorflow_serving.apis import predict_pb2; "
            "ours = protos.PredictRequest(); ours.model_spec.name = 'm'; "
            "theirs = predict_pb2.PredictRequest.FromString(ours.SerializeToString()); "
            "assert theirs.model_spec.name == 'm'")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_methods():
    assert protos.methods(protos.PREDICTION_SERVICE)["Predict"] == (
        "/tensorflow.serving.PredictionService/Predict", protos.PredictRequest,
        protos.PredictResponse)
    assert protos.methods(protos.MODEL_SERVICE).keys() == {
        "GetModelStatus", "HandleReloadConfigRequest"}


@pytest.mark.parametrize(("code", "cls"), [
    (3, errors.InvalidArgumentError), ("NOT_FOUND", errors.NotFoundError),
    ("not_found", errors.NotFoundError), (8, errors.ResourceExhaustedError),
    (99, errors.UnknownError), ("NO_SUCH_CODE", errors.UnknownError),
    (7, errors.ServableError)])
def test_from_code(code, cls):
    assert type(errors.from_code(code, "text")) is cls


def test_every_code_is_kept():
    for number, name in errors.CODES.items():
        error = errors.from_code(number, "text")
        assert (error.code, error.number, error.message, str(error)) == (
            name, number, "text", "text")


@pytest.mark.parametrize(("message", "kind"), [
    ("MultipleTempoError: x", "MultipleTempoError"), ("ValueError: x", "ValueError"),
    ("bad: x", None), ("Error", None), ("x ValueError: y", None), ("", None)])
def test_kind(message, kind):
    assert errors.InvalidArgumentError(message).kind == kind
