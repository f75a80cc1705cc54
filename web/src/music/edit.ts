/** Changes of a list of notes; each returns a new list. */

import { type Note, sorted } from "./note";

/** How notes may lie together: a melody has one at a time, chords one at a time for each pitch. */
export type Texture = "melody" | "chords";

/** The note that sounds at a step; undefined if none does. */
export function noteAt(notes: readonly Note[], pitch: number, step: number): Note | undefined {
  return notes.find((note) => note.pitch === pitch && note.start <= step && step < note.end);
}

export function without(notes: readonly Note[], note: Note): Note[] {
  return notes.filter((other) => other !== note);
}

/** Adds a note. Notes that would sound with it, and may not, end where it begins, or go. */
export function withNote(notes: readonly Note[], added: Note, texture: Texture): Note[] {
  const kept: Note[] = [];
  for (const note of notes) {
    const clashes = (texture === "melody" || note.pitch === added.pitch)
      && note.start < added.end && added.start < note.end;
    if (!clashes) {
      kept.push(note);
    } else if (note.start < added.start) {
      kept.push({ ...note, end: added.start });
    }
  }
  return sorted([...kept, added]);
}

/** Gives a note another end, at least `shortest` steps after its start. */
export function withEnd(
  notes: readonly Note[], note: Note, end: number, texture: Texture, shortest: number,
): Note[] {
  const longer = { ...note, end: Math.max(end, note.start + shortest) };
  return withNote(without(notes, note), longer, texture);
}
