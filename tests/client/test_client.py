"""MagentaClient against a real server."""

import pathlib
import socket
import subprocess
import sys
import time

import note_seq
import numpy as np
import pytest

from magenta_serving import MagentaClient, errors

PRIMER = [60, -2, 62, -2, 64, -2]


@pytest.fixture(scope="module")
def client(melody_server):
    with MagentaClient(melody_server.grpc_address) as client:
        yield client


def test_import_is_light():
    code = ("import sys; from magenta_serving import MagentaClient; import magenta_serving.client; "
            "assert not {'tensorflow', 'note_seq', 'tensorflow_serving'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_generate_gives_note_seqs_own_sequences(client):
    sequences = client.generate("melody", primer=PRIMER, num_steps=32, num_outputs=2, seed=1)
    assert [type(sequence) for sequence in sequences] == [note_seq.NoteSequence] * 2
    for sequence in sequences:
        assert [note.pitch for note in sequence.notes[:3]] == [60, 62, 64]
        assert sequence.tempos[0].qpm == 120
        assert sequence.total_time <= 32 / 8


def test_everything_has_a_default(client):
    sequence, = client.generate()
    assert sequence.notes[0].pitch == 60
    assert sequence.total_time <= 128 / 8


def test_generate_detailed(client):
    outputs = client.generate_detailed("melody", num_steps=32, num_outputs=3, seed=40)
    assert [output.seed for output in outputs] == [40, 41, 42]
    assert all(output.log_likelihood < 0 for output in outputs)
    for output in outputs:
        notes = note_seq.midi_to_note_sequence(output.midi).notes
        assert [note.pitch for note in notes] == [note.pitch for note in output.sequence.notes]
    alone, = client.generate_detailed("melody", num_steps=32, seed=outputs[2].seed)
    assert alone == outputs[2]


def test_a_drawn_seed_repeats_its_output(client):
    first, = client.generate_detailed("melody", num_steps=24)
    second, = client.generate_detailed("melody", num_steps=24, seed=first.seed)
    assert first == second


def test_primers_of_all_kinds_are_one(client, tmp_path):
    sequence = note_seq.Melody(PRIMER).to_sequence(qpm=120)
    path = pathlib.Path(tmp_path / "primer.mid")
    note_seq.sequence_proto_to_midi_file(sequence, str(path))
    primers = [PRIMER, np.array(PRIMER), sequence, path, str(path), path.read_bytes()]
    outputs = [client.generate("melody", primer=primer, num_steps=32, seed=5) for primer in primers]
    pitches = [[note.pitch for note in output[0].notes] for output in outputs]
    assert pitches == [pitches[0]] * len(primers)


@pytest.mark.parametrize("settings", [
    {"temperature": 2}, {"qpm": 75}, {"beam_size": 3, "branch_factor": 2},
    {"steps_per_iteration": 4, "beam_size": np.int64(2)}])
def test_settings_are_converted_to_the_types_of_the_inputs(client, settings):
    sequence, = client.generate("melody", num_steps=16, seed=2, **settings)
    assert sequence.tempos[0].qpm == settings.get("qpm", 120)


def test_further_inputs_go_by_name(client):
    by_name, = client.generate("melody", num_steps=24, seed=2, primer_melody="[55, 57]")
    by_primer, = client.generate("melody", num_steps=24, seed=2, primer=[55, 57])
    assert by_name == by_primer


def test_versions(client):
    assert client.generate("melody", num_steps=16, seed=2, version=1) == client.generate(
        "melody", num_steps=16, seed=2)
    with pytest.raises(errors.NotFoundError):
        client.generate("melody", version=99)
    with pytest.raises(errors.InvalidArgumentError, match="not both"):
        client.generate("melody", version=1, label="stable")
    with pytest.raises(errors.ServableError, match="absent"):
        client.generate("melody", label="absent")


def test_predict(client):
    outputs = client.predict(
        "melody", {"num_steps": 16, "num_outputs": 2, "seed": 9, "qpm": None},
        outputs=["log_likelihood", "sequence_json"])
    assert outputs.keys() == {"log_likelihood", "sequence_json"}
    assert outputs["log_likelihood"].shape == (2,)
    assert outputs["log_likelihood"].dtype == np.float32
    assert outputs["sequence_json"].dtype == object
    batch = client.predict("melody", {"num_steps": [16, 24], "seed": 9}, outputs=["seed"])
    assert batch["seed"].shape == (2, 1)


def test_generate_sequence_signature(client):
    from note_seq.protobuf import generator_pb2

    options = generator_pb2.GeneratorOptions()
    options.generate_sections.add(start_time=1.0, end_time=3.0)
    sequence = note_seq.Melody(PRIMER).to_sequence(qpm=120)
    outputs = client.predict("melody", {
        "input_sequence_bytes": sequence.SerializeToString(),
        "generator_options_bytes": options.SerializeToString(), "seed": 3,
    }, signature="generate_sequence")
    generated = note_seq.NoteSequence.FromString(outputs["generated_sequence_bytes"].item())
    assert generated.notes[0].pitch == 60 and generated.total_time <= 3.0


def test_score(client):
    likely = client.score("melody", PRIMER * 2)
    assert likely.log_likelihood < 0
    assert likely.log_likelihood == pytest.approx(likely.event_log_likelihoods.sum(), rel=1e-4)
    sequence = note_seq.Melody(PRIMER * 2).to_sequence(qpm=120)
    assert client.score("melody", sequence).log_likelihood < 0


def test_signatures(client):
    signatures = client.signatures("melody")
    assert {"serving_default", "generate", "generate_sequence", "score"} <= signatures.keys()
    steps = signatures["generate"].inputs["num_steps"]
    assert (steps.name, steps.dtype, steps.default) == ("num_steps", "int32", 128)
    assert signatures["generate"].inputs["primer_melody"].default == b""
    assert signatures["generate"].outputs["log_likelihood"].dtype == "float32"


def test_status(client):
    status, = client.status("melody")
    assert (status.version, status.state, status.error_code) == (1, "AVAILABLE", "OK")


def test_unknown_model(client):
    for call in (client.generate, client.signatures, client.status):
        with pytest.raises(errors.NotFoundError, match="absent"):
            call("absent")


@pytest.mark.parametrize(("settings", "text"), [
    ({"bogus": 1}, "bogus"),
    ({"num_steps": 2.5}, "num_steps"),
    ({"num_steps": 2**40}, "num_steps"),
    ({"temperature": "hot"}, "temperature"),
    ({"primer_melody": 60}, "primer_melody"),
    ({"beam_size": 0}, "beam_size"),
])
def test_bad_inputs_are_named(client, settings, text):
    with pytest.raises(errors.InvalidArgumentError, match=text):
        client.generate("melody", **settings)


def test_primers_that_are_none(client, tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="empty"):
        client.generate("melody", primer=b"")
    with pytest.raises(errors.InvalidArgumentError):
        client.generate("melody", primer=b"MThd or not")
    with pytest.raises(FileNotFoundError):
        client.generate("melody", primer=tmp_path / "absent.mid")


def test_magentas_errors_keep_their_names(client):
    sequence = note_seq.Melody(PRIMER).to_sequence(qpm=120)
    sequence.tempos.add(time=0.2, qpm=90)
    with pytest.raises(errors.InvalidArgumentError) as error:
        client.generate("melody", primer=sequence)
    assert error.value.kind == "MultipleTempoError"


def test_unknown_signature(client):
    with pytest.raises(errors.ServableError, match="no_such"):
        client.predict("melody", {}, signature="no_such")


def test_deadline(client):
    with pytest.raises(errors.DeadlineExceededError):
        client.generate("melody", num_steps=4096, num_outputs=64, timeout=0.002)


def test_no_server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    start = time.monotonic()
    with MagentaClient(f"127.0.0.1:{port}") as client:
        with pytest.raises(errors.UnavailableError, match=str(port)):
            client.generate("melody")
    assert time.monotonic() - start < 5


def test_a_server_that_never_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with MagentaClient(f"127.0.0.1:{server.getsockname()[1]}", timeout=0.5) as client:
            start = time.monotonic()
            with pytest.raises(errors.DeadlineExceededError):
                client.status("melody")
    assert time.monotonic() - start < 5
