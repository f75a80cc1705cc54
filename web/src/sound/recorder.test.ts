import { expect, test } from "vitest";

import { Recorder } from "./recorder";

/** Plays [step, pitch, velocity] events, where velocity 0 lets the key go. */
function record(grid: number, events: [step: number, pitch: number, velocity: number][], end = 99) {
  let now = 0;
  const recorder = new Recorder(() => now, grid);
  for (const [step, pitch, velocity] of events) {
    now = step;
    if (velocity) {
      recorder.press(pitch, velocity);
    } else {
      recorder.release(pitch);
    }
  }
  now = end;
  return recorder.notes();
}

test("notes go to the grid and are at least a step long", () => {
  expect(record(1, [[0.9, 60, 80], [4.4, 60, 0], [7.6, 62, 90], [7.7, 62, 0]])).toEqual([
    { pitch: 60, start: 1, end: 4, velocity: 80 },
    { pitch: 62, start: 8, end: 9, velocity: 90 },
  ]);
});

test("without a grid they stay where they were played", () => {
  expect(record(0, [[1.23, 60, 80], [1.3, 60, 0]])).toEqual([
    { pitch: 60, start: 1.23, end: 1.48, velocity: 80 },
  ]);
});

test.each([0, 1])("a count-in is not recorded, but a note that is early (grid %d)", (grid) => {
  expect(record(grid, [[-6, 60, 80], [-5, 60, 0], [-0.4, 64, 80], [2, 64, 0]])).toEqual([
    { pitch: 64, start: 0, end: 2, velocity: 80 },
  ]);
});

test("keys that are down at the end, and struck again, make notes", () => {
  expect(record(1, [[0, 60, 80], [2, 60, 70]], 5)).toEqual([
    { pitch: 60, start: 0, end: 2, velocity: 80 },
    { pitch: 60, start: 2, end: 5, velocity: 70 },
  ]);
});
