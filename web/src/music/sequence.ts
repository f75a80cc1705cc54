/** NoteSequences, as the server writes them in protobuf JSON, to notes. */

import { type Note, secondsPerStep, sorted } from "./note";

/** A note of an output. */
export interface OutputNote extends Note {
  /** Whether it is one of the notes that the model was given. */
  readonly fromPrimer: boolean;
}

export interface Chord {
  readonly step: number;
  readonly symbol: string;
}

export interface Sequence {
  readonly notes: OutputNote[];
  readonly chords: Chord[];
  readonly qpm: number;
}

/** The part of a NoteSequence that is read; fields that have their default are missing. */
interface NoteSequenceJson {
  notes?: { pitch?: number; velocity?: number; startTime?: number; endTime?: number }[];
  tempos?: { qpm?: number }[];
  textAnnotations?: { time?: number; text?: string; annotationType?: string }[];
}

// Where a model rounds notes to its steps, they move by up to half a one; an eighth note's is the
// longest.
const TOLERANCE = 1;

/**
 * Reads a sequence.
 *
 * @param primer the notes that the model was given.
 * @param qpm the tempo of sequences that carry none, quarters per minute.
 */
export function readSequence(json: string, primer: readonly Note[], qpm: number): Sequence {
  const sequence = JSON.parse(json) as NoteSequenceJson;
  const tempo = sequence.tempos?.[0]?.qpm ?? qpm;
  const seconds = secondsPerStep(tempo);
  const unmatched = [...primer];
  const notes = sorted((sequence.notes ?? []).map((note): Note => ({
    pitch: note.pitch ?? 0,
    start: (note.startTime ?? 0) / seconds,
    end: (note.endTime ?? 0) / seconds,
    velocity: note.velocity ?? 0,
  }))).map((note): OutputNote => {
    const match = nearest(unmatched, note);
    if (match >= 0) {
      unmatched.splice(match, 1);
    }
    return { ...note, fromPrimer: match >= 0 };
  });
  const chords = (sequence.textAnnotations ?? [])
    .filter((annotation) => annotation.annotationType === "CHORD_SYMBOL")
    .map(({ time, text }): Chord => ({ step: (time ?? 0) / seconds, symbol: text ?? "" }));
  return { notes, chords, qpm: tempo };
}

/** Index of the primer's note that an output's note is; -1 if it is none. */
function nearest(primer: readonly Note[], note: Note): number {
  let best = -1;
  let distance = TOLERANCE;
  primer.forEach((candidate, index) => {
    const apart = Math.abs(candidate.start - note.start);
    if (candidate.pitch === note.pitch && apart < distance) {
      best = index;
      distance = apart;
    }
  });
  return best;
}
