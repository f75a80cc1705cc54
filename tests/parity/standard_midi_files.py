"""Standard MIDI Files made by hand or at random, byte by byte, as no library would write them."""

import random
import struct

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL = 0x80, 0x90, 0xa0, 0xb0
PROGRAM, PRESSURE, BEND = 0xc0, 0xd0, 0xe0
SYSEX, META = 0xf0, 0xff
TEXT, TRACK_NAME, LYRICS, MARKER = 0x01, 0x03, 0x05, 0x06
END_OF_TRACK, TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x2f, 0x51, 0x58, 0x59
DRUM_CHANNEL = 9
SUSTAIN = 64

Event = tuple[int, bytes]
"""Ticks since the event before, and the event."""


def number(value: int) -> bytes:
    """A variable-length number."""
    digits = [value & 0x7f]
    while value := value >> 7:
        digits.append(value & 0x7f | 0x80)
    return bytes(reversed(digits))


def message(status: int, channel: int, *data: int) -> bytes:
    return bytes([status | channel, *data])


def meta(kind: int, data: bytes) -> bytes:
    return bytes([META, kind]) + number(len(data)) + data


def tempo(microseconds: int) -> bytes:
    """Microseconds for each quarter."""
    return meta(TEMPO, microseconds.to_bytes(3, "big"))


def time_signature(numerator: int, power_of_2: int) -> bytes:
    return meta(TIME_SIGNATURE, bytes([numerator, power_of_2, 24, 8]))


def key_signature(sharps: int, minor: int = 0) -> bytes:
    return meta(KEY_SIGNATURE, struct.pack("bB", sharps, minor))


def sysex(data: bytes) -> bytes:
    return bytes([SYSEX]) + number(len(data)) + data


def note(channel: int, pitch: int, ticks: int, velocity: int = 90, delta: int = 0) -> list[Event]:
    """A note, ended by a note-off."""
    return [(delta, message(NOTE_ON, channel, pitch, velocity)),
            (ticks, message(NOTE_OFF, channel, pitch, 64))]


def track(*events: Event, ended: bool = True) -> bytes:
    """A track's chunk. An event without its status byte is one under running status."""
    data = b"".join(number(delta) + event for delta, event in events)
    if ended:
        data += number(0) + meta(END_OF_TRACK, b"")
    return b"MTrk" + struct.pack(">L", len(data)) + data


def file(midi_format: int, division: int, *tracks: bytes) -> bytes:
    """A file; `division` is the ticks of a quarter, or negative for frames a second."""
    return b"MThd" + struct.pack(">LHHh", 6, midi_format, len(tracks), division) + b"".join(tracks)


def random_file(rng: random.Random) -> bytes:
    """A file of any format with all kinds of events, in an order that makes little sense."""
    tracks = [_random_track(rng, meta_events=index == 0 or rng.random() < 0.2)
              for index in range(rng.choice((1, 1, 2, 3, 5)))]
    return file(rng.choice((0, 1, 1, 1, 2)), rng.choice((1, 24, 96, 220, 480, 960, 32767)), *tracks)


def _random_track(rng: random.Random, meta_events: bool) -> bytes:
    # Few pitches and channels, so that notes overlap and end one another.
    channels = rng.sample(range(16), rng.randint(1, 3)) + [DRUM_CHANNEL] * rng.randint(0, 1)
    pitches = [rng.randrange(128) for _ in range(rng.randint(1, 6))]
    events: list[Event] = []
    running: int | None = None
    for _ in range(rng.choice((0, 3, 20, 60))):
        delta = rng.choice((0, 0, 1, 7, 24, 96, 220, 1000))
        channel, kind = rng.choice(channels), rng.random()
        if kind < 0.4:
            event = message(NOTE_ON, channel, rng.choice(pitches), rng.choice((0, 1, 64, 127)))
        elif kind < 0.6:
            event = message(NOTE_OFF, channel, rng.choice(pitches), rng.randrange(128))
        elif kind < 0.72:
            event = message(CONTROL, channel, rng.choice((SUSTAIN, SUSTAIN, 7, 123)),
                            rng.randrange(128))
        elif kind < 0.76:
            event = message(BEND, channel, rng.randrange(128), rng.randrange(128))
        elif kind < 0.82:
            event = message(PROGRAM, channel, rng.randrange(128))
        elif kind < 0.85:
            event = rng.choice((message(PRESSURE, channel, 5),
                                message(POLY_PRESSURE, channel, 60, 5)))
        elif kind < 0.88:
            event = sysex(rng.randbytes(3).translate(bytes(i & 0x7f for i in range(256))) + b"\xf7")
        elif meta_events and kind < 0.96:
            event = rng.choice((
                tempo(rng.choice((500000, 500000, 250000, 1, 16777215, rng.randrange(1, 1 << 24)))),
                time_signature(rng.randint(1, 16), rng.randint(0, 6)),
                key_signature(rng.randint(-7, 7), rng.randrange(2))))
        else:
            event = meta(rng.choice((TEXT, TRACK_NAME, LYRICS, MARKER, 0x7f)),
                         rng.choice((b"", b"La", "Größe".encode("latin-1"))))
        # Running status, where a file may have it.
        status = event[0]
        if status == running and rng.random() < 0.7:
            event = event[1:]
        if status < SYSEX:
            running = status
        else:
            running = None
        events.append((delta, event))
    return track(*events, ended=rng.random() < 0.9)
