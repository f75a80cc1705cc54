"""`magenta-serving generate`, from a bundle file and from a server."""

import json
import os
import pathlib
import pty
import re
import subprocess
import time

import note_seq
import pytest

from ..commands import program

SHORT = ["--num_steps", 32]


@pytest.fixture
def from_bundle(melody_bundle):
    return ["generate", "--bundle_file", melody_bundle]


@pytest.fixture
def from_server(melody_server):
    return ["generate", "--server", melody_server.grpc_address, "--model", "melody"]


def generated(result) -> list[dict]:
    """Returns the rows of a command that was run with --json."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["outputs"]


def contents(rows: list[dict], folder: pathlib.Path) -> list[bytes]:
    return [(folder / row["file"]).read_bytes() for row in rows]


def test_defaults_and_file_names_are_magentas(run_cli, from_bundle, tmp_path):
    rows = generated(run_cli(*from_bundle, "--json"))
    names = [row["file"] for row in rows]
    assert len(names) == 10 and sorted(names) == names
    assert all(re.fullmatch(r"generated/\d{4}-\d\d-\d\d_\d{6}_\d\d\.mid", name) for name in names)
    assert sorted(p.name for p in (tmp_path / "generated").iterdir()) == [
        pathlib.Path(name).name for name in names]
    # The primer, middle C, and 127 steps more, at 120 quarters a minute and 4 steps a quarter.
    assert all(0 < row["seconds"] <= 128 / 8 for row in rows)


def test_midi_files_are_what_the_table_says(run_cli, from_bundle, tmp_path):
    rows = generated(run_cli(
        *from_bundle, *SHORT, "--num_outputs", 2, "--primer_melody", "[60, -2, 62, -2]",
        "--qpm", 90, "--seed", 5, "--json"))
    assert [row["seed"] for row in rows] == [5, 6]
    for row in rows:
        sequence = note_seq.midi_file_to_sequence_proto(str(tmp_path / row["file"]))
        assert len(sequence.notes) == row["notes"] >= 2
        assert [note.pitch for note in sequence.notes[:2]] == [60, 62]
        assert sequence.total_time == pytest.approx(row["seconds"], abs=1e-2)
        assert sequence.tempos[0].qpm == pytest.approx(90, abs=1e-3)
        assert row["log_likelihood"] < 0


def test_a_seed_gives_the_same_bytes(run_cli, from_bundle, tmp_path):
    words = [*from_bundle, *SHORT, "--temperature", 1.2, "--json"]
    both = contents(generated(run_cli(*words, "--num_outputs", 2, "--seed", 7)), tmp_path)
    second = contents(generated(run_cli(*words, "--num_outputs", 1, "--seed", 8)), tmp_path)
    assert both[1] == second[0] != both[0]


def test_seeds_are_drawn_and_shown(run_cli, from_bundle, tmp_path):
    words = [*from_bundle, *SHORT, "--num_outputs", 1, "--json"]
    first = generated(run_cli(*words))
    assert generated(run_cli(*words, "--seed", -1))[0]["seed"] != first[0]["seed"] >= 0
    again = generated(run_cli(*words, "--seed", first[0]["seed"]))
    assert contents(first, tmp_path) == contents(again, tmp_path)


@pytest.mark.parametrize("flags", [
    [],
    ["--primer_melody", "[67, -2, 64, -1]", "--qpm", 100],
    ["--beam_size", 2, "--branch_factor", 3, "--steps_per_iteration", 2],
    ["--input", "temperature=0.5"],
])
def test_server_and_bundle_file_give_the_same(
        run_cli, from_bundle, from_server, tmp_path, flags):
    words = [*SHORT, *flags, "--num_outputs", 2, "--seed", 11, "--json"]
    here, there = generated(run_cli(*from_bundle, *words)), generated(run_cli(*from_server, *words))
    assert contents(here, tmp_path) == contents(there, tmp_path)
    assert [row["log_likelihood"] for row in here] == [row["log_likelihood"] for row in there]


def test_one_request_of_many_outputs_gives_the_same(run_cli, from_server, melody_server, tmp_path):
    from magenta_serving import MagentaClient

    rows = generated(run_cli(*from_server, *SHORT, "--num_outputs", 3, "--seed", 20, "--json"))
    with MagentaClient(melody_server.grpc_address) as client:
        outputs = client.generate_detailed("melody", num_steps=32, num_outputs=3, seed=20)
    assert contents(rows, tmp_path) == [output.midi for output in outputs]
    assert [row["seed"] for row in rows] == [output.seed for output in outputs]


def test_primer_midi(run_cli, from_server, tmp_path):
    primer = note_seq.Melody([72, -2, 71, -2]).to_sequence(qpm=75)
    note_seq.sequence_proto_to_midi_file(primer, str(tmp_path / "primer.mid"))
    words = [*from_server, *SHORT, "--num_outputs", 1, "--seed", 3, "--json"]
    rows = generated(run_cli(*words, "--primer_midi", "primer.mid"))
    sequence = note_seq.midi_file_to_sequence_proto(str(tmp_path / rows[0]["file"]))
    assert [note.pitch for note in sequence.notes[:2]] == [72, 71]
    assert sequence.tempos[0].qpm == pytest.approx(75, abs=1e-3)
    by_input = generated(run_cli(*words, "--input", "primer_midi_bytes=@primer.mid"))
    assert contents(by_input, tmp_path) == contents(rows, tmp_path)


def test_table(run_cli, from_bundle):
    result = run_cli(*from_bundle, *SHORT, "--num_outputs", 2, "--seed", 1, "--output_dir", "out")
    assert result.returncode == 0, result.stderr
    assert "2 MIDI files in out" in result.stdout
    for text in ("file", "seed", "log-likelihood", "notes", "seconds", "_1.mid", "_2.mid"):
        assert text in result.stdout
    # No progress bar, as this is no terminal, and nothing of TensorFlow's.
    assert result.stderr == ""


def test_progress_on_a_terminal(from_bundle, tmp_path):
    ours, theirs = pty.openpty()
    words = [*from_bundle, *SHORT, "--num_outputs", 2]
    process = subprocess.Popen(
        [*program(), *map(str, words)], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs,
        env={**os.environ, "TERM": "xterm"})
    assert process.wait(120) == 0
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "Generating" in shown


def test_files_of_an_earlier_run_are_kept(run_cli, from_bundle, tmp_path):
    words = [*from_bundle, "--num_steps", 8, "--num_outputs", 1, "--output_dir", "out"]
    assert [run_cli(*words).returncode for _ in range(2)] == [0] * 2
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(("flags", "code", "text"), [
    (["--primer_melody", "[60,"], 1, "INVALID_ARGUMENT"),
    (["--primer_melody", "[300]"], 1, "INVALID_ARGUMENT"),
    (["--temperature", "nan"], 1, "INVALID_ARGUMENT"),
    (["--beam_size", 0], 1, "INVALID_ARGUMENT"),
    (["--primer_midi", "absent.mid"], 1, "absent.mid"),
    (["--input", "bogus=1"], 2, "takes no --input bogus; it takes beam_size"),
    (["--input", "beam_size=two"], 2, "'two' is not int32"),
    (["--input", "beam_size"], 2, "NAME=VALUE"),
    (["--input", "seed=4"], 2, "its own flag"),
    (["--beam_size", 2, "--input", "beam_size=4"], 2, "once"),
])
def test_bad_values(fails, from_server, tmp_path, flags, code, text):
    assert text in fails(code, *from_server, *flags)
    assert not list(tmp_path.iterdir())


def test_primer_midi_that_is_none(fails, from_server, tmp_path):
    (tmp_path / "primer.mid").write_bytes(b"MThd or not")
    assert "INVALID_ARGUMENT" in fails(1, *from_server, "--primer_midi", "primer.mid")
    (tmp_path / "primer.mid").write_bytes(b"")
    assert "primer.mid: the MIDI file is empty" in fails(
        1, *from_server, "--primer_midi", "primer.mid")


def test_missing_bundle(fails):
    assert "absent.mag" in fails(1, "generate", "--bundle_file", "absent.mag")


def test_broken_bundle(fails, tmp_path):
    (tmp_path / "broken.mag").write_bytes(b"\x0a\x05hello")
    fails(1, "generate", "--bundle_file", "broken.mag")


def test_unknown_model(fails, melody_server):
    text = fails(1, "generate", "--server", melody_server.grpc_address, "--model", "absent")
    assert "NOT_FOUND" in text and "absent" in text


@pytest.mark.parametrize("which", [["--version", 99], ["--label", "absent"]])
def test_unknown_version(fails, from_server, which):
    fails(1, *from_server, *which)


def test_unreachable_server_fails_fast(fails, free_port):
    start = time.monotonic()
    text = fails(1, "generate", "--server", f"127.0.0.1:{free_port}", "--model", "melody")
    assert time.monotonic() - start < 10
    assert "UNAVAILABLE" in text and str(free_port) in text


def test_every_family(run_cli, family_bundles, tmp_path):
    # Magenta's piano rolls do not begin without a primer.
    primer = note_seq.Melody([60, -2, 64, -2]).to_sequence()
    note_seq.sequence_proto_to_midi_file(primer, str(tmp_path / "primer.mid"))
    for config, (_, bundle) in family_bundles.items():
        words = ["generate", "--bundle_file", bundle, "--num_outputs", 1, "--seed", 1, "--json",
                 "--primer_midi", "primer.mid"]
        (row,) = generated(run_cli(*words, "--output_dir", config))
        sequence = note_seq.midi_file_to_sequence_proto(str(tmp_path / row["file"]))
        assert len(sequence.notes) == row["notes"], config
        again = generated(run_cli(*words, "--output_dir", f"{config}-again"))
        assert contents([row], tmp_path) == contents(again, tmp_path), config


def test_every_input_has_its_flag(family_bundles):
    from magenta_serving import Servable
    from magenta_serving.cli.generate import generate

    flags = {param.name for param in generate.params} | {"primer_sequence"}
    for config, (_, bundle) in family_bundles.items():
        inputs = Servable.load(bundle).signatures["generate"].inputs
        assert {name.removesuffix("_bytes") for name in inputs} <= flags, config
