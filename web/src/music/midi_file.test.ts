import { Midi } from "@tonejs/midi";
import { expect, test } from "vitest";

import { readMidi, writeMidi } from "./midi_file";
import type { Note } from "./note";

const NOTES: Note[] = [
  { pitch: 0, start: 0, end: 1, velocity: 1 },
  { pitch: 60, start: 0, end: 0.25, velocity: 64 },
  { pitch: 127, start: 2.5, end: 7, velocity: 127 },
];

test.each([[false, "melodic"], [true, "drums"]] as const)(
  "what is written is read (drums: %s)", (drums, part) => {
    const file = readMidi(writeMidi(NOTES, 97, drums), "beats");
    expect(file[part]).toEqual(NOTES);
    expect(file[drums ? "melodic" : "drums"]).toEqual([]);
    expect(file).toMatchObject({ qpm: 97, changesTempo: false });
  });

test("every velocity survives", () => {
  const notes = Array.from({ length: 127 }, (_, i): Note =>
    ({ pitch: 60, start: i, end: i + 1, velocity: i + 1 }));
  expect(readMidi(writeMidi(notes, 120, false), "beats").melodic).toEqual(notes);
});

test("where the tempo changes, beats or seconds are kept", () => {
  const midi = new Midi();
  midi.header.tempos = [{ ticks: 0, bpm: 120 }, { ticks: midi.header.ppq, bpm: 60 }];
  midi.header.update();
  midi.addTrack().addNote({ midi: 60, ticks: 2 * midi.header.ppq, durationTicks: midi.header.ppq });
  const bytes = midi.toArray();
  expect(readMidi(bytes, "beats")).toMatchObject({
    changesTempo: true, qpm: 120, melodic: [{ start: 8, end: 12 }],
  });
  // A quarter at 120 and one at 60 are 1.5 seconds: 12 steps at 120.
  expect(readMidi(bytes, "seconds").melodic).toMatchObject([{ start: 12, end: 20 }]);
});

test("other files are refused in words", () => {
  expect(() => readMidi(new TextEncoder().encode("RIFF or so"), "beats"))
    .toThrow("This is not a MIDI file.");
});
