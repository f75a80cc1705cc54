/** The drums of the drum grid: the General MIDI pitch that stands for each class of Magenta's. */

export const DRUMS: ReadonlyMap<number, string> = new Map([
  [49, "Crash"],
  [51, "Ride"],
  [50, "High tom"],
  [48, "Mid tom"],
  [45, "Low tom"],
  [46, "Open hat"],
  [42, "Closed hat"],
  [38, "Snare"],
  [36, "Kick"],
]);

/** The name of a drum: those that are not on the grid have their number. */
export function drumName(pitch: number): string {
  return DRUMS.get(pitch) ?? `Drum ${pitch}`;
}
