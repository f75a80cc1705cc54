"""Notes to be drawn, from the files that they come in."""

import dataclasses
import io
import pathlib
from typing import NamedTuple


class Note(NamedTuple):
    """A note: MIDI pitch, seconds at which it begins and ends, and whether it is a drum's."""

    pitch: int
    start: float
    end: float
    is_drum: bool


@dataclasses.dataclass(frozen=True)
class Roll:
    """What one piano roll shows.

    Attributes:
        title: above it.
        notes: by start.
        seconds: length.
        primer_seconds: notes that begin before are the primer's.
    """

    title: str
    notes: list[Note]
    seconds: float
    primer_seconds: float = 0.0

    def is_primer(self, note: Note) -> bool:
        # Times that went through MIDI ticks are off by some milliseconds.
        return note.start < self.primer_seconds - 0.005

    def pitches(self) -> range:
        """Returns the pitches from the lowest to the highest note; an octave without notes."""
        if not self.notes:
            return range(60, 73)
        found = [note.pitch for note in self.notes]
        return range(min(found), max(found) + 1)


def read_roll(path: pathlib.Path) -> Roll:
    """Reads a MIDI file or a NoteSequence, as protobuf JSON or serialized.

    Raises:
        ValueError: the file is none of these.
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    notes = sorted(_midi_notes(data) if data[:4] == b"MThd" else _sequence_notes(data),
                   key=lambda note: (note.start, note.pitch))
    return Roll(path.name, notes, max((note.end for note in notes), default=0.0))


def pitch_name(pitch: int) -> str:
    """Returns a pitch as musicians write it: 60 -> "C4"."""
    return ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")[pitch % 12] + str(
        pitch // 12 - 1)


def _sequence_notes(data: bytes) -> list[Note]:
    from google.protobuf import json_format
    from google.protobuf.message import DecodeError

    from magenta_serving.protos import NoteSequence

    try:
        sequence = (json_format.Parse(data, NoteSequence()) if data.lstrip()[:1] == b"{"
                    else NoteSequence.FromString(data))
    except (json_format.ParseError, DecodeError, UnicodeDecodeError) as error:
        raise ValueError("neither a MIDI file nor a NoteSequence") from error
    return [Note(note.pitch, note.start_time, note.end_time, note.is_drum)
            for note in sequence.notes]


def _midi_notes(data: bytes) -> list[Note]:
    import mido

    try:
        messages = list(mido.MidiFile(file=io.BytesIO(data)))
    except (EOFError, LookupError, OSError, TypeError, ValueError) as error:
        raise ValueError(f"a MIDI file that cannot be read: {error}") from error
    now, sounding, notes = 0.0, {}, []
    for message in messages:
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        # The same key again ends a note, too.
        if key in sounding:
            notes.append(Note(message.note, sounding.pop(key), now, message.channel == 9))
        if message.type == "note_on" and message.velocity:
            sounding[key] = now
    return notes + [
        Note(pitch, start, now, channel == 9) for (channel, pitch), start in sounding.items()]
