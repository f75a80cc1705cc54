/** Standard MIDI Files to notes and back. */

import { Midi } from "@tonejs/midi";

import { DEFAULT_VELOCITY, type Note, secondsPerStep, sorted, STEPS_PER_QUARTER } from "./note";

/** What a file holds. */
export interface MidiFile {
  readonly melodic: Note[];
  readonly drums: Note[];
  /** Quarters per minute at its beginning. */
  readonly qpm: number;
  /** Whether the tempo changes on the way. */
  readonly changesTempo: boolean;
}

const DEFAULT_QPM = 120;

/**
 * Reads a file.
 *
 * @param timing "beats" keeps notes on their beats when the tempo changes, "seconds" at their time.
 * @throws Error in words if it is no MIDI file.
 */
export function readMidi(bytes: Uint8Array, timing: "beats" | "seconds"): MidiFile {
  let midi: Midi;
  try {
    midi = new Midi(bytes);
  } catch {
    throw new Error("This is not a MIDI file.");
  }
  const ticksPerStep = midi.header.ppq / STEPS_PER_QUARTER;
  const qpm = midi.header.tempos[0]?.bpm ?? DEFAULT_QPM;
  const seconds = secondsPerStep(qpm);
  const read = (drums: boolean) => sorted(
    midi.tracks.filter((track) => (track.channel === 9) === drums).flatMap((track) =>
      track.notes.filter((note) => note.durationTicks > 0).map((note): Note => {
        const [start, length] = timing === "beats"
          ? [note.ticks / ticksPerStep, note.durationTicks / ticksPerStep]
          : [note.time / seconds, note.duration / seconds];
        return {
          pitch: note.midi,
          start,
          end: start + length,
          velocity: Math.round(note.velocity * 127) || DEFAULT_VELOCITY,
        };
      })));
  return {
    melodic: read(false),
    drums: read(true),
    qpm: Math.round(qpm * 100) / 100,
    changesTempo: midi.header.tempos.length > 1,
  };
}

/** Writes notes as a file with one track, on the drums' channel if they are drums. */
export function writeMidi(notes: readonly Note[], qpm: number, drums: boolean): Uint8Array {
  const midi = new Midi();
  midi.header.setTempo(qpm);
  const track = midi.addTrack();
  track.channel = drums ? 9 : 0;
  const ticksPerStep = midi.header.ppq / STEPS_PER_QUARTER;
  for (const note of notes) {
    const ticks = Math.round(note.start * ticksPerStep);
    track.addNote({
      midi: note.pitch,
      ticks,
      durationTicks: Math.max(1, Math.round(note.end * ticksPerStep) - ticks),
      // The library rounds down what it multiplies by 127.
      velocity: (note.velocity + 0.5) / 127,
    });
  }
  return midi.toArray();
}
