import { expect, test } from "vitest";

import type { Note } from "./note";
import { readSequence } from "./sequence";

const primer: Note[] = [
  { pitch: 60, start: 0, end: 4, velocity: 100 },
  { pitch: 60, start: 4.3, end: 6, velocity: 100 },
];

test("times are steps of the sequence's own tempo", () => {
  const json = JSON.stringify({
    tempos: [{ qpm: 60 }],
    notes: [{ pitch: 62, velocity: 80, startTime: 1, endTime: 1.5 }],
    textAnnotations: [
      { text: "C", annotationType: "CHORD_SYMBOL" },
      { time: 4, text: "G", annotationType: "CHORD_SYMBOL" },
      { time: 4, text: "verse" },
    ],
  });
  expect(readSequence(json, [], 120)).toEqual({
    qpm: 60,
    notes: [{ pitch: 62, velocity: 80, start: 4, end: 6, fromPrimer: false }],
    chords: [{ step: 0, symbol: "C" }, { step: 16, symbol: "G" }],
  });
});

test("notes of the primer are known, rounded ones too, each once", () => {
  const json = JSON.stringify({ notes: [
    { pitch: 60, velocity: 100, endTime: 0.5 },
    { pitch: 60, velocity: 100, startTime: 0.5, endTime: 0.75 },
    { pitch: 60, velocity: 100, startTime: 0.625, endTime: 0.75 },
    { pitch: 64, velocity: 100, startTime: 0.5, endTime: 0.75 },
  ] });
  expect(readSequence(json, primer, 120).notes.map((note) => [note.pitch, note.fromPrimer]))
    .toEqual([[60, true], [60, true], [64, false], [60, false]]);
});

test("a sequence without a tempo has the page's", () => {
  const json = JSON.stringify({ notes: [{ pitch: 60, startTime: 1, endTime: 2 }] });
  expect(readSequence(json, [], 90)).toMatchObject({ qpm: 90, notes: [{ start: 6, end: 12 }] });
});
