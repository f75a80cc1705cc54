import { expect, test } from "vitest";

import { type Link, readLink, writeLink } from "./link";

test("what is written is read", () => {
  const link: Link = {
    model: "my/model & co", version: "12", tempo: 97.5, output: 2,
    notes: [
      { pitch: 60, start: 0, end: 4, velocity: 100 },
      { pitch: 127, start: 2.25, end: 2.5, velocity: 1 },
    ],
    inputs: { seed: "4294967295", backing_chords: "C G/B F♯m7 N.C.", render_chords: "true" },
  };
  expect(readLink(writeLink(link))).toEqual(link);
});

test("parts may be missing", () => {
  expect(readLink("")).toEqual({ inputs: {} });
  expect(readLink(writeLink({ inputs: {} }))).toEqual({ inputs: {} });
  expect(readLink("m=melody")).toMatchObject({ model: "melody", inputs: {} });
});

test("no notes are not the same as nothing said of notes", () => {
  expect(readLink(writeLink({ notes: [], inputs: {} })).notes).toEqual([]);
});

test.each([
  "v=latest", "t=fast", "t=-1", "o=1.5", "n=128-0-1", "n=60-0-0", "n=60-0-1-128", "n=60-0-1-0",
  "n=60-1e9-1", "n=sixty", "n=60-...-1",
])("%s makes no sense and is left out", (hash) => {
  const { inputs, notes, ...rest } = readLink(hash);
  expect(inputs).toEqual({});
  expect(notes ?? []).toEqual([]);
  expect(Object.values(rest).filter((part) => part !== undefined)).toEqual([]);
});
