/** Notes as the page holds them. */

/** A note. Times are in steps (16th notes) from the beginning and may be fractions. */
export interface Note {
  /** MIDI pitch, 0 to 127; 60 is middle C. */
  readonly pitch: number;
  readonly start: number;
  readonly end: number;
  /** MIDI velocity, 1 to 127. */
  readonly velocity: number;
}

export const STEPS_PER_QUARTER = 4;
export const STEPS_PER_BAR = 16;
export const DEFAULT_VELOCITY = 100;

const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

/** The name of a pitch, such as C4 for 60. */
export function pitchName(pitch: number): string {
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function isBlackKey(pitch: number): boolean {
  return [1, 3, 6, 8, 10].includes(pitch % 12);
}

/** Seconds that a step lasts. */
export function secondsPerStep(qpm: number): number {
  return 60 / qpm / STEPS_PER_QUARTER;
}

/** The step at which the last note ends; 0 without notes. */
export function endOf(notes: readonly Note[]): number {
  return notes.reduce((end, note) => Math.max(end, note.end), 0);
}

/** The order in which notes are kept: by start, then by pitch. */
export function sorted<T extends Note>(notes: readonly T[]): T[] {
  return [...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}
