"""Standard MIDI Files that other programs may have written: read as note_seq reads them."""

import random
from collections.abc import Callable

import note_seq
import pytest
from magenta_serving import errors
from note_seq import midi_io

from . import compare, table
from . import standard_midi_files as smf

_SCALE = [event for pitch in (60, 62, 64, 65) for event in smf.note(0, pitch, 120)]
_HELD = (0, smf.message(smf.NOTE_ON, 0, 60, 90))
_END = (240, smf.message(smf.NOTE_OFF, 0, 60, 0))


def _sustained() -> list[smf.Event]:
    return [(0, smf.message(smf.CONTROL, 0, smf.SUSTAIN, 127)), *_SCALE,
            (0, smf.message(smf.CONTROL, 0, smf.SUSTAIN, 0))]


READABLE = {
    "nothing but the end": smf.file(1, 220, smf.track()),
    "format 0": smf.file(0, 220, smf.track((0, smf.tempo(400000)), *_SCALE)),
    "format 1, the tempo in a track of its own": smf.file(
        1, 96, smf.track((0, smf.tempo(600000))), smf.track(*_SCALE)),
    "format 1, the same channel in two tracks": smf.file(
        1, 96, smf.track(*_SCALE), smf.track(*_SCALE)),
    "format 2": smf.file(2, 220, smf.track(*_SCALE), smf.track(*_SCALE)),
    "tempo changes": smf.file(0, 96, smf.track(
        (0, smf.tempo(500000)), *_SCALE, (0, smf.tempo(300000)), *_SCALE,
        (50, smf.tempo(900000)), *_SCALE)),
    "tempo change under a note": smf.file(0, 96, smf.track(_HELD, (100, smf.tempo(250000)), _END)),
    "two tempos at time 0": smf.file(0, 96, smf.track(
        (0, smf.tempo(500000)), (0, smf.tempo(300000)), *_SCALE)),
    "the same tempo again": smf.file(0, 96, smf.track(
        (0, smf.tempo(300000)), *_SCALE, (0, smf.tempo(300000)), *_SCALE)),
    "tempo that is no whole number of quarters a minute": smf.file(0, 96, smf.track(
        (0, smf.tempo(1200001)), *_SCALE)),
    "tempo in the second track, which does not count": smf.file(
        1, 96, smf.track(), smf.track((0, smf.tempo(300000)), *_SCALE)),
    "time signature changes": smf.file(0, 96, smf.track(
        (0, smf.time_signature(3, 2)), *_SCALE, (0, smf.time_signature(7, 3)), *_SCALE)),
    "time signature in 128ths": smf.file(0, 96, smf.track((0, smf.time_signature(4, 7)))),
    "key signatures": smf.file(0, 96, smf.track(
        (0, smf.key_signature(-3)), *_SCALE, (0, smf.key_signature(4, 1)), *_SCALE)),
    "running status": smf.file(0, 96, smf.track(
        _HELD, (24, b"\x3c\x00"), (0, b"\x40\x50"), (24, b"\x40\x00"))),
    "running status after a meta event": smf.file(0, 96, smf.track(
        _HELD, (24, smf.meta(smf.TEXT, b"x")), (24, b"\x3c\x00"))),
    "note-on of velocity 0 ends a note": smf.file(0, 96, smf.track(
        _HELD, (24, smf.message(smf.NOTE_ON, 0, 60, 0)))),
    "drums": smf.file(0, 96, smf.track(*(event for pitch in (36, 38, 42) for event in smf.note(
        smf.DRUM_CHANNEL, pitch, 24)))),
    "drums of a program": smf.file(0, 96, smf.track(
        (0, smf.message(smf.PROGRAM, smf.DRUM_CHANNEL, 25)), *smf.note(smf.DRUM_CHANNEL, 36, 24))),
    "sustain pedal": smf.file(0, 96, smf.track(*_sustained())),
    "sustain pedal before any note of its channel": smf.file(0, 96, smf.track(
        (0, smf.message(smf.CONTROL, 3, smf.SUSTAIN, 127)), *_SCALE)),
    "pitch bends": smf.file(0, 96, smf.track(
        (0, smf.message(smf.BEND, 0, 0, 0)), *_SCALE, (0, smf.message(smf.BEND, 0, 127, 127)))),
    "program changes between notes": smf.file(0, 96, smf.track(
        *smf.note(0, 60, 24), (0, smf.message(smf.PROGRAM, 0, 40)), *smf.note(0, 62, 24),
        (0, smf.message(smf.PROGRAM, 0, 0)), *smf.note(0, 64, 24))),
    "program change under a note": smf.file(0, 96, smf.track(
        _HELD, (10, smf.message(smf.PROGRAM, 0, 40)), _END)),
    "overlapping notes of one pitch": smf.file(0, 96, smf.track(
        _HELD, (10, smf.message(smf.NOTE_ON, 0, 60, 50)), _END, _END)),
    "note-off and note-on of one pitch at one tick": smf.file(0, 96, smf.track(
        _HELD, (24, smf.message(smf.NOTE_ON, 0, 60, 50)), (0, smf.message(smf.NOTE_OFF, 0, 60, 0)),
        _END)),
    "note without length": smf.file(0, 96, smf.track(
        _HELD, (0, smf.message(smf.NOTE_OFF, 0, 60, 0)))),
    "note without end": smf.file(0, 96, smf.track(*_SCALE, _HELD)),
    "end without note": smf.file(0, 96, smf.track(_END, *_SCALE)),
    "names, lyrics, markers": smf.file(1, 96, smf.track(
        (0, smf.meta(smf.TRACK_NAME, b"Lead")), (0, smf.meta(smf.LYRICS, b"La")),
        (0, smf.meta(smf.MARKER, b"A")), *_SCALE), smf.track(
        *_SCALE, (0, smf.meta(smf.TRACK_NAME, b"too late")))),
    "a name that is not ASCII": smf.file(0, 96, smf.track(
        (0, smf.meta(smf.TRACK_NAME, "Größe".encode())), *_SCALE)),
    "unknown meta event": smf.file(0, 96, smf.track((24, smf.meta(0x60, b"\1\2")), *_SCALE)),
    "system exclusive": smf.file(0, 96, smf.track(
        (0, smf.sysex(b"\x7e\x7f\x09\x01\xf7")), *_SCALE)),
    "events after the end of the track": smf.file(0, 96, smf.track(
        (0, smf.meta(smf.END_OF_TRACK, b"")), *_SCALE)),
    "no end of the track": smf.file(0, 96, smf.track(*_SCALE, ended=False)),
    "bytes after the last track": smf.file(0, 96, smf.track(*_SCALE)) + b"more",
}

BROKEN = {
    "empty": b"",
    "text": b"this is no MIDI file, as everybody sees",
    "RIFF": b"RIFF" + smf.file(0, 96, smf.track(*_SCALE)),
    "header alone": smf.file(0, 96, smf.track())[:14],
    "no tracks": smf.file(0, 96),
    "short header": b"MThd\0\0\0\4\0\0\0\1",
    "cut off in an event": smf.file(0, 96, smf.track(*_SCALE))[:-6],
    "track longer than the file": smf.file(0, 96, smf.track(*_SCALE).replace(
        b"MTrk\0\0\0", b"MTrk\0\1\0")),
    "another chunk": smf.file(1, 96, b"XFIH\0\0\0\0", smf.track(*_SCALE)),
    "data byte without a status": smf.file(0, 96, smf.track((0, b"\x3c\x40"))),
    "data byte over 127": smf.file(0, 96, smf.track((0, b"\x90\x3c\xc8"))),
    "status that is none": smf.file(0, 96, smf.track((0, b"\xf5"))),
    "no such key": smf.file(0, 96, smf.track((0, smf.key_signature(9)))),
    "time signature without numerator": smf.file(0, 96, smf.track((0, smf.time_signature(0, 2)))),
    "denominator of 64 bits": smf.file(0, 96, smf.track((0, smf.time_signature(4, 40)))),
    "tempo 0": smf.file(0, 96, smf.track((0, smf.tempo(0)), *_SCALE)),
    "frames a second": smf.file(0, -7640, smf.track(*_SCALE)),
    "division 0": smf.file(0, 0, smf.track(*_SCALE)),
}


def _theirs(midi: bytes) -> bytes | None:
    """The serialized sequence; None where note_seq refuses the file."""
    try:
        return midi_io.midi_to_note_sequence(midi).SerializeToString(deterministic=True)
    except (midi_io.MIDIConversionError, ValueError):
        return None


def _compare(midi: bytes) -> bool:
    """Both read the same, or both refuse. Returns whether it was read."""
    from magenta_serving._servable import stages

    theirs = _theirs(midi)
    if theirs is None:
        with pytest.raises(errors.InvalidArgumentError):
            stages.midi_to_note_sequence(midi)
        return False
    difference = compare.proto_difference(
        note_seq.NoteSequence, stages.midi_to_note_sequence(midi), theirs)
    assert not difference, (difference, midi)
    return True


@pytest.mark.filterwarnings("ignore:Tempo, Key or Time signature:RuntimeWarning")
@pytest.mark.parametrize("midi", READABLE.values(), ids=READABLE)
def test_readable_file(midi: bytes) -> None:
    """Files that note_seq reads."""
    assert _compare(midi)


@pytest.mark.parametrize("midi", BROKEN.values(), ids=BROKEN)
def test_broken_file(midi: bytes) -> None:
    """Files that note_seq refuses with an error."""
    assert not _compare(midi)


@pytest.mark.filterwarnings("ignore:Tempo, Key or Time signature:RuntimeWarning")
def test_random_files(amount: Callable[[str], int], counts: table.Table) -> None:
    """Files with all kinds of events: nearly all are read, and all alike."""
    wanted = amount("midi_files")
    read = sum(_compare(smf.random_file(random.Random(f"file/{index}"))) for index in range(wanted))
    counts.notes.append(f"MIDI: {read:,} of {wanted:,} files of all kinds of events read alike, "
                        f"the others refused by both.")
    assert read > wanted * 0.7
