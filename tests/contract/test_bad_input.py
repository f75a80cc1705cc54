"""Requests that cannot be right: INVALID_ARGUMENT each, and a server that goes on."""

import random
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest

from magenta_serving import protos

from .api import TIMEOUT, Api


@pytest.fixture(autouse=True)
def still_answers(api: Api) -> Iterator[None]:
    yield
    assert api.predict({"num_steps": 16, "seed": 1})["seed"] == [1]


def assert_refused(api: Api, inputs: dict[str, Any], mention: str = "", **kwargs: Any) -> None:
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw(inputs, **kwargs)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT, error.value.details()
    assert mention in error.value.details()


def tensor(dtype: int, shape: tuple[int, ...], **values: Any) -> Any:
    proto = protos.TensorProto(dtype=dtype, **values)
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


@pytest.mark.embedded  # gRPC itself has codes of its own for these.
@pytest.mark.parametrize("messages", [[], [b"\xff"]], ids=["none", "noise"])
def test_no_request(api: Api, messages: list[bytes]):
    path = protos.methods(protos.PREDICTION_SERVICE)["Predict"].path
    with pytest.raises(grpc.RpcError) as error:
        # On the wire a stream of one message is a single message.
        api.channel.stream_unary(path)(iter(messages), timeout=TIMEOUT)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "no PredictRequest" in error.value.details()


def test_unknown_input(api: Api):
    assert_refused(api, {"no_such_input": np.int32(1)}, "no_such_input")


def test_unknown_output(api: Api):
    assert_refused(api, {}, "no_such_output", outputs=["no_such_output"])


def test_output_named_twice(api: Api):
    assert_refused(api, {}, "duplicate", outputs=["seed", "seed"])


@pytest.mark.parametrize(("name", "value"), [
    ("num_steps", np.float32(32)), ("num_steps", np.int64(32)), ("num_steps", b"32"),
    ("seed", np.int32(1)), ("temperature", np.float64(1)), ("temperature", np.int32(1)),
    ("primer_melody", np.int32(60)), ("primer_midi_bytes", np.bool_(True)),
])
def test_wrong_type(api: Api, name: str, value: Any):
    assert_refused(api, {name: value}, name)


@pytest.mark.parametrize("inputs", [
    {"seed": np.ones((1, 1), np.int64)},
    {"seed": np.ones((0,), np.int64)},
    {"seed": np.ones(2, np.int64), "num_steps": np.full(3, 16, np.int32)},
    {"num_outputs": np.array([1, 2], np.int32)},
], ids=["rank_2", "empty", "batch_sizes", "num_outputs_differ"])
def test_wrong_shape(api: Api, inputs: dict):
    assert_refused(api, inputs)


INT32, INT64, STRING, RESOURCE = 3, 9, 7, 20


@pytest.mark.parametrize("proto", [
    pytest.param(tensor(INT64, (2,), int64_val=[1, 2, 3]), marks=pytest.mark.embedded),
    tensor(INT64, (-1,), int64_val=[1]),
    tensor(INT64, (2**40,), int64_val=[1]),
    tensor(INT64, (2**40, 2**40), int64_val=[1]),
    tensor(INT64, (1,), tensor_content=b"123"),
    tensor(RESOURCE, ()),
    tensor(0, ()),
    tensor(77, ()),
], ids=["too_many_values", "negative_size", "huge", "overflow", "short_content", "resource",
        "no_type", "unknown_type"])
def test_malformed_tensor(api: Api, proto: Any):
    assert_refused(api, {"seed": proto})


@pytest.mark.parametrize(("name", "value"), [
    *(("num_steps", np.int32(v)) for v in (0, -1, 2**31 - 1)),
    *(("num_outputs", np.int32(v)) for v in (0, -1, 2**31 - 1)),
    *(("beam_size", np.int32(v)) for v in (0, -1, 2**31 - 1)),
    *(("branch_factor", np.int32(v)) for v in (0, -1, 2**31 - 1)),
    *(("steps_per_iteration", np.int32(v)) for v in (0, -1)),
    *(("temperature", np.float32(v)) for v in (-1, np.nan, -np.inf)),
    *(("qpm", np.float32(v)) for v in (-1, np.nan, np.inf)),
    *(("seed", np.int64(v)) for v in (-2, -2**63, 2**32, 2**63 - 1)),
])
def test_out_of_range(api: Api, name: str, value: Any):
    assert_refused(api, {name: value}, name)


@pytest.mark.parametrize("text", [
    b"[", b"60", b"[60, 'a']", b"[60.5]", b"[128]", b"[-3]", b"[[60]]", b"\xff\xfe", b"(60",
    b"__import__('os').getpid()", b"[" * 10_000, b"[" + b"60," * 1_000_000 + b"]",
], ids=lambda text: repr(text[:12]))
def test_bad_primer_melody(api: Api, text: bytes):
    assert_refused(api, {"primer_melody": text})


def damaged(good: bytes) -> dict[str, bytes]:
    """Returns things that are no message and no MIDI file, given one that is."""
    noise = random.Random(1)
    return {
        "truncated": good[:-1],
        "half": good[:len(good) // 2],
        "one_byte": b"\xff",
        "random": b"\xff" + noise.randbytes(1000),
        "large": b"\xff" * 4_000_000,
        "text": b"What hath God wrought?",
        "other": b"\x00" * 100,
    }


def _sequence() -> bytes:
    # The string comes last, so that every cut within it leaves a broken message.
    sequence = protos.NoteSequence(ticks_per_quarter=220)
    sequence.notes.add(pitch=60, velocity=80, end_time=0.5)
    sequence.subsequence_info.SetInParent()
    return sequence.SerializeToString() + b"\x0a\xc8\x01" + b"x" * 200


DAMAGED_SEQUENCES = damaged(_sequence())
# A header, one track of one note, its end.
MIDI = (b"MThd\0\0\0\6\0\0\0\1\0\xdc" b"MTrk\0\0\0\x0c" b"\0\x90\x3c\x50\x60\x80\x3c\0\0\xff\x2f\0")
DAMAGED_MIDI = {
    **damaged(MIDI),
    "only_the_magic": b"MThd",
    "only_the_header": MIDI[:14],
    "many_tracks": MIDI[:10] + b"\xff\xff" + MIDI[12:],
    "long_track": MIDI[:18] + b"\x7f\xff\xff\xff" + MIDI[22:],
    "long_header": b"MThd\x7f\xff\xff\xff" + MIDI[8:],
    "no_ticks": MIDI[:12] + b"\0\0" + MIDI[14:],
}


@pytest.mark.parametrize("name", ["primer_sequence_bytes"])
@pytest.mark.parametrize("data", DAMAGED_SEQUENCES.values(), ids=DAMAGED_SEQUENCES.keys())
def test_bad_primer_sequence(api: Api, name: str, data: bytes):
    assert_refused(api, {name: data}, name)


@pytest.mark.parametrize("data", DAMAGED_MIDI.values(), ids=DAMAGED_MIDI.keys())
def test_bad_midi(api: Api, data: bytes):
    assert_refused(api, {"primer_midi_bytes": data})


@pytest.mark.parametrize("data", DAMAGED_SEQUENCES.values(), ids=DAMAGED_SEQUENCES.keys())
def test_bad_sequence_to_generate_from(api: Api, data: bytes):
    options = protos.GeneratorOptions()
    options.generate_sections.add(start_time=0, end_time=4)
    assert_refused(
        api, {"input_sequence_bytes": data,
              "generator_options_bytes": options.SerializeToString()},
        "input_sequence_bytes", signature="generate_sequence")


@pytest.mark.parametrize("data", [*damaged(b"\x1a\xc8\x01" + b"x" * 200).values(), b""],
                         ids=[*DAMAGED_SEQUENCES, "empty"])
def test_bad_generator_options(api: Api, data: bytes):
    assert_refused(api, {"generator_options_bytes": data}, signature="generate_sequence")


@pytest.mark.parametrize("inputs", [
    {}, {"melody": b"["}, {"sequence_bytes": b"\xff"}, {"midi_bytes": b"MThd"},
], ids=["nothing", "melody", "sequence", "midi"])
def test_bad_score(api: Api, inputs: dict):
    assert_refused(api, inputs, signature="score")


@pytest.mark.parametrize("letter", ["x", "é", "🎵"])
def test_long_errors_are_cut(api: Api, letter: str):
    name = letter * 5000
    with pytest.raises(grpc.RpcError) as error:
        api.predict_raw({name: np.int32(1)})
    status, answer, _ = api.rest(f"/v1/models/{api.model}:predict", {"inputs": {name: 1}})
    assert status == 400
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    # TensorFlow Serving's own handler writes this one.
    _, other, _ = api.rest(f"/v1/models/{name if letter == 'x' else 'x' * 5000}")
    assert "x" * 400 in other["error"] and len(other["error"]) < 1100
    for text in (error.value.details(), answer["error"]):
        assert letter * 200 in text and text.endswith("...TRUNCATED") and len(text) < 1100
