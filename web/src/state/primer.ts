/** The notes that the model is to continue. */

import { computed, signal } from "@preact/signals";

import { type Texture, withNote } from "../music/edit";
import { readMidi } from "../music/midi_file";
import { DEFAULT_VELOCITY, type Note } from "../music/note";
import { hasTempo, isDrums, isMelody } from "./model";
import { complain, inform, notice } from "./notices";

const MAX_FILE_BYTES = 1_000_000;
const MAX_UNDO = 100;

export const MIN_TEMPO = 20;
export const MAX_TEMPO = 400;

/** Quarters per minute. */
export const tempo = signal(120);
/** Length of a note that is drawn, in steps. */
export const noteLength = signal(2);

// Each has notes of its own, so that trying a drum model loses no melody.
const melodic = signal<Note[]>(bar([[60, 0, 4], [64, 4, 6], [67, 6, 8], [69, 8, 12], [67, 12, 16]]));
const drums = signal<Note[]>(bar([
  [36, 0, 1], [36, 8, 9], [36, 10, 11], [38, 4, 5], [38, 12, 13],
  [42, 0, 1], [42, 2, 3], [42, 4, 5], [42, 6, 7], [42, 8, 9], [42, 10, 11], [42, 12, 13],
  [46, 14, 15],
]));
const undoable = signal<readonly { drums: boolean; notes: Note[] }[]>([]);

const current = () => (isDrums.value ? drums : melodic);

export const notes = computed(() => current().value);
export const canUndo = computed(() => undoable.value.length > 0);
export const texture = computed((): Texture => (isMelody.value ? "melody" : "chords"));
/** Steps that a note is at least long. */
export const shortestNote = 1;

/** Keeps the notes as they are for `undo`: before a change, or the first of a drag. */
export function remember(): void {
  const state = { drums: isDrums.value, notes: notes.value };
  undoable.value = [...undoable.value, state].slice(-MAX_UNDO);
}

export function setNotes(changed: Note[]): void {
  current().value = changed;
}

export function replaceNotes(changed: Note[]): void {
  remember();
  setNotes(changed);
}

export function undo(): void {
  const last = undoable.value.at(-1);
  if (last) {
    undoable.value = undoable.value.slice(0, -1);
    (last.drums ? drums : melodic).value = last.notes;
  }
}

/** Takes the notes of a Standard MIDI File, drums or the others, as the model wants. */
export async function openFile(file: File): Promise<boolean> {
  try {
    if (file.size > MAX_FILE_BYTES) {
      throw new Error(`${file.name} is larger than a megabyte.`);
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const midi = readMidi(bytes, hasTempo.value ? "beats" : "seconds");
    const found = isDrums.value ? midi.drums : midi.melodic;
    if (!found.length) {
      throw new Error(isDrums.value
        ? `${file.name} has no drums, which are notes on channel 10.`
        : `${file.name} has no notes${midi.drums.length ? " but drums" : ""}.`);
    }
    const qpm = Math.min(MAX_TEMPO, Math.max(MIN_TEMPO, midi.qpm));
    replaceNotes(found);
    tempo.value = qpm;
    notice.value = null;
    if (midi.changesTempo && hasTempo.value) {
      inform(`${file.name} changes its tempo; its notes are on their beats at ${qpm} all along.`);
    }
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** Takes notes that were played, one at a time where the model wants a melody. */
export function takePlayed(played: readonly Note[]): void {
  replaceNotes(played.reduce<Note[]>(
    (all, note) => withNote(all, note, texture.value), []));
}

function bar(notes: [pitch: number, start: number, end: number][]): Note[] {
  return notes.map(([pitch, start, end]) => ({ pitch, start, end, velocity: DEFAULT_VELOCITY }));
}
