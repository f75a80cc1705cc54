import { expect, test } from "vitest";

import { noteAt, withEnd, withNote } from "./edit";
import type { Note } from "./note";

const note = (pitch: number, start: number, end: number): Note =>
  ({ pitch, start, end, velocity: 100 });

test("a melody has one note at a time", () => {
  const notes = [note(60, 0, 4), note(62, 4, 8), note(64, 8, 12)];
  expect(withNote(notes, note(70, 2, 9), "melody")).toEqual([note(60, 0, 2), note(70, 2, 9)]);
});

test("notes of a chord clash on their pitch alone", () => {
  const notes = [note(60, 0, 4), note(64, 0, 4)];
  expect(withNote(notes, note(60, 3, 5), "chords"))
    .toEqual([note(60, 0, 3), note(64, 0, 4), note(60, 3, 5)]);
});

test("notes that touch stay", () => {
  expect(withNote([note(60, 0, 4), note(60, 6, 8)], note(60, 4, 6), "melody"))
    .toEqual([note(60, 0, 4), note(60, 4, 6), note(60, 6, 8)]);
});

test("a note keeps its shortest length", () => {
  const [first] = [note(60, 2, 4)];
  expect(withEnd([first], first, 0, "melody", 1)).toEqual([note(60, 2, 3)]);
});

test("a note sounds from its start to before its end", () => {
  const first = note(60, 2, 4);
  expect([1.9, 2, 3.9, 4].map((step) => noteAt([first], 60, step) === first))
    .toEqual([false, true, true, false]);
});
