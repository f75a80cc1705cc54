/** Plays notes in time. Loaded when the first sound is wanted: Tone is the heaviest part of all. */

import type { Note } from "../music/note";
import { secondsPerStep, STEPS_PER_QUARTER } from "../music/note";
import { createClick, createDrums, createPiano, type Instrument } from "./instruments";
import { getContext } from "./tone";

const context = getContext();
const { transport } = context;
const instruments = { piano: once(createPiano), drums: once(createDrums), click: once(createClick) };

/** Seconds that sound goes on after the last note. */
const TAIL = 0.4;
const PREVIEW_SECONDS = 0.25;

/** Plays notes from the beginning, in place of what plays. `onEnd` is called unless `stop` is. */
export async function play(
  notes: readonly Note[], qpm: number, drums: boolean, onEnd: () => void,
): Promise<void> {
  await rewind();
  const instrument = drums ? instruments.drums() : instruments.piano();
  const seconds = secondsPerStep(qpm);
  let end = 0;
  for (const note of notes) {
    const length = (note.end - note.start) * seconds;
    end = Math.max(end, note.end * seconds);
    transport.schedule(
      (time) => instrument.play(note.pitch, length, time, note.velocity), note.start * seconds);
  }
  transport.schedule((time) => context.draw.schedule(() => {
    stop();
    onEnd();
  }, time), end + TAIL);
  transport.start(context.now() + 0.05);
}

/** Plays a metronome until `stop`; the first `countIn` clicks come before position 0. */
export async function startMetronome(qpm: number, countIn: number): Promise<void> {
  await rewind();
  const quarter = secondsPerStep(qpm) * STEPS_PER_QUARTER;
  offset = countIn * quarter;
  let beat = 0;
  transport.scheduleRepeat((time) => {
    instruments.click().play(beat++ % 4 ? 84 : 91, 0.05, time, 90);
  }, quarter, 0);
  transport.start(context.now() + 0.05);
}

/** Seconds since the beginning of what plays; below 0 in a count-in. */
export function position(): number {
  return transport.getSecondsAtTime(context.immediate()) - offset;
}

export function stop(): void {
  transport.stop();
  transport.cancel();
  offset = 0;
  instruments.piano().silence();
}

/** Lets a pitch sound for a moment. */
export async function preview(pitch: number, drums: boolean, velocity: number): Promise<void> {
  await context.resume();
  const instrument = drums ? instruments.drums() : instruments.piano();
  instrument.play(pitch, PREVIEW_SECONDS, context.immediate(), velocity);
}

let offset = 0;

async function rewind(): Promise<void> {
  await context.resume();
  stop();
  transport.position = 0;
}

/** Makes an instrument when it is first wanted. */
function once(create: () => Instrument): () => Instrument {
  let instrument: Instrument | undefined;
  return () => (instrument ??= create());
}
