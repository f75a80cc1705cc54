"""The compiled Servable as Python sees it: what inputs may be, what comes out, which errors."""

import concurrent.futures
import pathlib

import numpy as np
import pytest

from magenta_serving import Servable, errors

SHORT = {"num_steps": 16, "seed": 3}


@pytest.fixture(scope="module")
def servable(melody_bundle: pathlib.Path) -> Servable:
    return Servable.load(melody_bundle)


def _notes(servable: Servable, **inputs: object) -> list[bytes]:
    outputs = servable.predict(SHORT | inputs, outputs=["sequence_bytes"])
    return outputs["sequence_bytes"].ravel().tolist()


def test_python_numbers_take_the_dtype_of_the_input(servable: Servable) -> None:
    expected = _notes(servable)
    assert _notes(servable, num_steps=np.int32(16), seed=np.int64(3)) == expected
    assert _notes(servable, temperature=1) == expected
    assert _notes(servable, temperature=np.float32(1)) == expected


def test_strings_are_bytes_or_str_and_may_be_mixed(servable: Servable) -> None:
    expected = _notes(servable, primer_melody="[60, 62]")
    assert _notes(servable, primer_melody=b"[60, 62]") == expected
    assert _notes(servable, primer_melody=np.array(b"[60, 62]", object)) == expected
    primer = _notes(servable)[0]
    rows = _notes(servable, primer_sequence_bytes=[primer, ""], num_steps=32)
    assert rows == [_notes(servable, primer_sequence_bytes=primer, num_steps=32)[0],
                    _notes(servable, num_steps=32)[0]]


def test_outputs_are_numpy_arrays(servable: Servable) -> None:
    outputs = servable.predict(SHORT | {"num_outputs": 2})
    assert {name: (array.shape, array.dtype.name) for name, array in outputs.items()} == {
        "sequence_bytes": ((2,), "object"), "midi_bytes": ((2,), "object"),
        "sequence_json": ((2,), "object"), "log_likelihood": ((2,), "float32"),
        "seed": ((2,), "int64")}
    assert all(midi.startswith(b"MThd") for midi in outputs["midi_bytes"])
    batch = servable.predict(SHORT | {"seed": [1, 2, 3]}, outputs=["seed"])
    assert batch["seed"].tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("value, text", [
    (2**40, "does not fit int32"),
    (16.5, "it must be int32"),
    ("16", "it must be int32"),
    (True, "it must be int32"),
    (np.int64(16), "it must be int32"),
    (None, "num_steps"),
    ([16, [16]], "cannot be made an array"),
    ([], "num_steps"),
    (np.broadcast_to(np.int32(8), (2**46,)), "at most 1048576"),
])
def test_numbers_that_do_not_fit_are_refused_by_name(
        servable: Servable, value: object, text: str) -> None:
    with pytest.raises(errors.InvalidArgumentError, match=text) as caught:
        servable.predict({"num_steps": value})
    assert "num_steps" in caught.value.message or "rows" in caught.value.message


@pytest.mark.parametrize("value", [5, ["[60]", 5], "\ud800", ["\ud800"], {"a": 1}])
def test_what_is_no_string_is_refused_by_name(servable: Servable, value: object) -> None:
    with pytest.raises(errors.InvalidArgumentError, match="primer_melody"):
        servable.predict({"primer_melody": value})


def test_errors_have_their_class_and_kind(servable: Servable) -> None:
    with pytest.raises(errors.NotFoundError, match="no signature 'classify'"):
        servable.predict({}, "classify")
    with pytest.raises(errors.DeadlineExceededError):
        servable.predict({"num_steps": 4096, "num_outputs": 64}, timeout=0.01)
    with pytest.raises(errors.InvalidArgumentError) as caught:
        servable.predict({"primer_melody": "[200]"})
    assert caught.value.kind == "ValueError"
    with pytest.raises(errors.NotFoundError):
        Servable.load("no/such/bundle.mag")


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"\xff" * 1000])
def test_files_that_are_no_bundles(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "x.mag"
    path.write_bytes(content)
    with pytest.raises(errors.InvalidArgumentError, match="GeneratorBundleParseError") as caught:
        Servable.load(path)
    assert str(path) in caught.value.message


def test_truncated_bundles(melody_bundle: pathlib.Path, tmp_path: pathlib.Path) -> None:
    whole = melody_bundle.read_bytes()
    for size in range(0, len(whole), len(whole) // 9):
        path = tmp_path / f"{size}.mag"
        path.write_bytes(whole[:size])
        with pytest.raises(errors.InvalidArgumentError):
            Servable.load(path)


def test_limits_are_held_and_named(melody_bundle: pathlib.Path) -> None:
    servable = Servable.load(melody_bundle, limits={"max_steps": 32, "max_beams": 2})
    with pytest.raises(errors.InvalidArgumentError, match="from 1 to 32"):
        servable.predict({"num_steps": 33})
    with pytest.raises(errors.InvalidArgumentError, match="max_beams is 2"):
        servable.predict({"num_steps": 32, "beam_size": 3})
    with pytest.raises(errors.InvalidArgumentError, match="unknown limit 'max_notes'"):
        Servable.load(melody_bundle, limits={"max_notes": 1})


def test_signatures_and_info(servable: Servable) -> None:
    generate = servable.signatures["generate"]
    assert generate.inputs["num_steps"].default == 128
    assert generate.inputs["num_steps"].dtype == "int32"
    assert generate.outputs["midi_bytes"].dtype == "string"
    assert all(spec.doc for spec in (*generate.inputs.values(), *generate.outputs.values()))
    assert servable.info["family"] == "melody"
    assert servable.info["layers"]


def test_the_gil_is_free_during_work(servable: Servable) -> None:
    """Python goes on in one thread while another generates."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        work = pool.submit(servable.predict, {"num_steps": 2048, "seed": 1}, outputs=["seed"])
        turns = 0
        while not work.done():
            turns += 1
    assert work.result()["seed"].tolist() == [1]
    assert turns > 1000
