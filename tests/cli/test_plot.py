"""`magenta-serving plot`: piano rolls of what musicians have."""

import pathlib

import note_seq
import pytest
from google.protobuf import json_format

MELODY = [60, -2, 62, -2, 64, -2, -2, -2, -1, -2, 60, -2, 60, -2, -2, -2]


@pytest.fixture
def sequence() -> note_seq.NoteSequence:
    """Two seconds: C, D, E, a rest, C, C."""
    return note_seq.Melody(MELODY).to_sequence(qpm=120)


@pytest.fixture
def midi(sequence, tmp_path) -> pathlib.Path:
    path = tmp_path / "melody.mid"
    note_seq.sequence_proto_to_midi_file(sequence, str(path))
    return path


def rows(text: str) -> dict[str, str]:
    """Returns what is drawn, by the names of the pitches."""
    return {line[:4].strip(): line[5:].rstrip() for line in text.splitlines()
            if line[:4].strip() and "#" not in line[:4]}


def test_terminal(run_cli, midi):
    result = run_cli("plot", midi, "--primer_seconds", 0.75)
    assert result.returncode == 0, result.stderr
    # 95 columns for two seconds.
    assert rows(result.stdout.split("\n", 1)[1]) == {
        "E4": " " * 24 + "▒" * 24,
        "D4": " " * 12 + "▒" * 12,
        "C4": "▒" * 12 + " " * 47 + "█" * 11 + "▌" + "█" * 23 + "▌",
    }
    assert result.stdout.splitlines()[0] == "melody.mid"
    assert result.stdout.splitlines()[-1].split() == ["▒", "primer", "█", "continuation"]


def test_note_sequences_look_as_their_midi(run_cli, midi, sequence, tmp_path):
    (tmp_path / "melody.json").write_text(json_format.MessageToJson(sequence))
    (tmp_path / "melody.pb").write_bytes(sequence.SerializeToString())
    shown = [run_cli("plot", name).stdout.split("\n", 1)[1]
             for name in (midi, "melody.json", "melody.pb")]
    assert len(rows(shown[0])) == 3 and shown == [shown[0]] * 3


def test_drums(run_cli, tmp_path):
    sequence = note_seq.DrumTrack(
        [frozenset(event) for event in ([36, 42], [], [42], [], [38, 42], [])]).to_sequence()
    note_seq.sequence_proto_to_midi_file(sequence, str(tmp_path / "drums.mid"))
    drawn = rows(run_cli("plot", "drums.mid").stdout)
    assert drawn["C2"] and drawn["D2"]


def test_a_primer_file_counts_by_its_length(run_cli, midi, tmp_path):
    primer = note_seq.Melody(MELODY[:4]).to_sequence(qpm=120)
    note_seq.sequence_proto_to_midi_file(primer, str(tmp_path / "primer.mid"))
    by_file = run_cli("plot", midi, "--primer", "primer.mid").stdout
    assert by_file == run_cli("plot", midi, "--primer_seconds", 0.5).stdout
    assert "▒" not in rows(by_file)["E4"] and "▒" in rows(by_file)["D4"]


def test_pictures(run_cli, midi, tmp_path):
    words = ["plot", midi, midi, "--primer_seconds", 0.75, "--output"]
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        result = run_cli(*words, name)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    svg = (tmp_path / "a.svg").read_text()
    # Twice three notes of the primer, and two after it.
    assert svg.count('style="fill: #f58518; stroke: #ffffff') == 6
    assert svg.count('style="fill: #4c78a8; stroke: #ffffff') == 4
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    for kind in ("svg", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_no_notes(run_cli, tmp_path):
    (tmp_path / "empty.pb").write_bytes(b"")
    assert run_cli("plot", "empty.pb").returncode == 0
    assert run_cli("plot", "empty.pb", "--output", "empty.svg").returncode == 0


@pytest.mark.parametrize(("words", "code", "text"), [
    (["plot"], 2, "FILE..."),
    (["plot", "absent.mid"], 1, "absent.mid: No such file"),
    (["plot", "text.mid"], 1, "text.mid: neither a MIDI file nor a NoteSequence"),
    (["plot", "broken.mid"], 1, "broken.mid: a MIDI file that cannot be read"),
    (["plot", "text.json"], 1, "text.json: neither"),
    (["plot", "empty.pb", "--output", "a.gif"], 2, ".pdf, .png, .svg"),
    (["plot", "empty.pb", "--output", "absent/a.svg"], 1, "absent/a.svg: No such file"),
    (["plot", "empty.pb", "--primer", "empty.pb", "--primer_seconds", 1], 2, "not both"),
    (["plot", "empty.pb", "--primer_seconds", -1], 2, "--primer_seconds"),
])
def test_errors(fails, tmp_path, words, code, text):
    (tmp_path / "text.mid").write_text("no music")
    (tmp_path / "text.json").write_text('{"notes": 7}')
    (tmp_path / "broken.mid").write_bytes(b"MThd\0\0")
    (tmp_path / "empty.pb").write_bytes(b"")
    assert text in fails(code, *words)
