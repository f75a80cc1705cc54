/** Where notes lie on the roll, in pixels. */

import { DRUMS } from "../music/drums";
import { endOf, type Note, STEPS_PER_BAR } from "../music/note";

export interface Geometry {
  /** Pitches of the rows from the top. */
  readonly rows: readonly number[];
  readonly columns: number;
  readonly stepWidth: number;
  readonly rowHeight: number;
}

export interface Cell {
  readonly pitch: number;
  /** May be a fraction. */
  readonly step: number;
}

const LOWEST_KEY = 21;
const HIGHEST_KEY = 108;
const MIN_BARS = 2;
/** Steps that are looked at may be narrow; those that are drawn must be hit with a finger. */
const MIN_STEP_WIDTH = 7;
const MIN_DRAWN_STEP_WIDTH = 14;
const MAX_STEP_WIDTH = 30;
const KEY_HEIGHT = 16;
const DRUM_HEIGHT = 30;

/**
 * Lays out the roll.
 *
 * @param width pixels that there are for the columns.
 * @param room bars to draw in after the last note; 0 where nothing is drawn.
 */
export function layOut(
  notes: readonly Note[], drums: boolean, width: number, room: number,
): Geometry {
  const bars = Math.max(MIN_BARS, Math.ceil(endOf(notes) / STEPS_PER_BAR) + room);
  const columns = bars * STEPS_PER_BAR;
  const narrowest = room ? MIN_DRAWN_STEP_WIDTH : MIN_STEP_WIDTH;
  return {
    rows: drums ? drumRows(notes) : keyRows(notes),
    columns,
    stepWidth: Math.min(MAX_STEP_WIDTH, Math.max(narrowest, width / columns)),
    rowHeight: drums ? DRUM_HEIGHT : KEY_HEIGHT,
  };
}

function keyRows(notes: readonly Note[]): number[] {
  const pitches = notes.map((note) => note.pitch);
  const lowest = Math.min(LOWEST_KEY, ...pitches);
  const highest = Math.max(HIGHEST_KEY, ...pitches);
  return Array.from({ length: highest - lowest + 1 }, (_, i) => highest - i);
}

/** The drums of the grid, and above them those that only the notes have. */
function drumRows(notes: readonly Note[]): number[] {
  const others = new Set(notes.map((note) => note.pitch).filter((pitch) => !DRUMS.has(pitch)));
  return [...[...others].sort((a, b) => b - a), ...DRUMS.keys()];
}

export function widthOf({ columns, stepWidth }: Geometry): number {
  return columns * stepWidth;
}

export function heightOf({ rows, rowHeight }: Geometry): number {
  return rows.length * rowHeight;
}

export function yOf({ rows, rowHeight }: Geometry, pitch: number): number {
  return rows.indexOf(pitch) * rowHeight;
}

/** The cell at a point of the grid. */
export function cellAt({ rows, rowHeight, stepWidth, columns }: Geometry, x: number, y: number): Cell {
  const row = Math.min(rows.length - 1, Math.max(0, Math.floor(y / rowHeight)));
  return { pitch: rows[row]!, step: Math.min(columns - 0.01, Math.max(0, x / stepWidth)) };
}
