/** What sounds, and what is played in. */

import { computed, effect, signal } from "@preact/signals";

import { secondsPerStep, STEPS_PER_QUARTER } from "../music/note";
import { listenToKeys } from "../sound/computer_keyboard";
import { listenToDevices } from "../sound/midi_device";
import { Recorder } from "../sound/recorder";
import { areDrums, shown, shownSequence, visible } from "./generation";
import { hasTempo, isDrums } from "./model";
import { complain, inform } from "./notices";
import { takePlayed, tempo } from "./primer";

export const doing = signal<"nothing" | "playing" | "recording">("nothing");
/** Whether the computer keyboard plays. */
export const keysPlay = signal(false);
/** Names of the MIDI devices that are listened to; null before the user asked for them. */
export const devices = signal<string[] | null>(null);
/** Pitches that are held down. */
export const held = signal<ReadonlySet<number>>(new Set());

const COUNT_IN = 4;
const qpm = computed(() => shownSequence.value?.qpm ?? tempo.value);
const drums = computed(() => (shown.value === null ? isDrums.value : areDrums.value));
const player = () => import("../sound/player");
let loaded: Awaited<ReturnType<typeof player>> | null = null;
let recorder: Recorder | null = null;

async function sound() {
  return (loaded ??= await player());
}

/** Plays what is on the roll, or stops. */
export async function togglePlay(): Promise<void> {
  if (doing.value !== "nothing") {
    stop();
    return;
  }
  doing.value = "playing";
  try {
    await (await sound()).play(visible.value, qpm.value, drums.value, () => {
      doing.value = "nothing";
    });
  } catch (error) {
    doing.value = "nothing";
    complain(error);
  }
}

/** Records what is played, after a bar that is counted in; or stops, and takes it. */
export async function toggleRecording(): Promise<void> {
  const wasRecording = doing.value === "recording";
  stop();
  if (wasRecording) {
    return;
  }
  shown.value = null;
  keysPlay.value = true;
  doing.value = "recording";
  try {
    const { startMetronome } = await sound();
    await startMetronome(tempo.value, COUNT_IN);
    recorder = new Recorder(position, hasTempo.value ? 1 : 0);
    inform("Play with the keys A to L, W to P for the black ones, or a MIDI device. "
      + "After four clicks it counts.");
  } catch (error) {
    doing.value = "nothing";
    complain(error);
  }
}

export function stop(): void {
  const played = recorder?.notes() ?? [];
  recorder = null;
  loaded?.stop();
  doing.value = "nothing";
  if (played.length) {
    takePlayed(played);
  }
}

/** The step where playing or recording is; below 0 in a count-in. */
export function position(): number {
  return loaded ? loaded.position() / secondsPerStep(qpm.value) : 0;
}

/** Beats of the count-in that are left; 0 after it. */
export function countIn(): number {
  return recorder ? Math.max(0, Math.ceil(-position() / STEPS_PER_QUARTER)) : COUNT_IN;
}

/** Lets a pitch sound for a moment. */
export async function preview(pitch: number, velocity: number): Promise<void> {
  try {
    await (await sound()).preview(pitch, isDrums.value, velocity);
  } catch (error) {
    complain(error);
  }
}

const keys = {
  press(pitch: number, velocity: number): void {
    recorder?.press(pitch, velocity);
    held.value = new Set([...held.value, pitch]);
    void preview(pitch, velocity);
  },
  release(pitch: number): void {
    recorder?.release(pitch);
    held.value = new Set([...held.value].filter((other) => other !== pitch));
  },
};
const COMPUTER_KEY_VELOCITY = 100;

effect(() => {
  if (keysPlay.value) {
    return listenToKeys(isDrums.value, {
      press: (pitch) => keys.press(pitch, COMPUTER_KEY_VELOCITY),
      release: keys.release,
    });
  }
  return undefined;
});

let stopDevices: (() => void) | null = null;

/** Listens to MIDI devices, or stops listening. */
export async function toggleDevices(): Promise<void> {
  if (stopDevices) {
    stopDevices();
    stopDevices = null;
    devices.value = null;
    return;
  }
  try {
    stopDevices = await listenToDevices(keys, (names) => {
      devices.value = names;
    });
    inform(devices.value?.length
      ? `Listening to ${devices.value.join(", ")}.`
      : "No MIDI device is there yet; plug one in.");
  } catch (error) {
    complain(error);
  }
}
