/** The page's instruments: synthesised, so there are no samples to load. */

import {
  Compressor, Filter, FMSynth, getContext, MembraneSynth, NoiseSynth, PolySynth, Volume,
} from "./tone";

/** Plays notes. Times are in seconds of the audio clock. */
export interface Instrument {
  play(pitch: number, seconds: number, time: number, velocity: number): void;
  silence(): void;
}

const MAX_VOICES = 48;

function frequency(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** An electric piano. */
export function createPiano(): Instrument {
  const output = new Compressor(-18, 4).connect(getContext().destination);
  const synth = new PolySynth({
    voice: FMSynth,
    maxPolyphony: MAX_VOICES,
    volume: -9,
    options: {
      harmonicity: 2,
      modulationIndex: 2.2,
      oscillator: { type: "sine" },
      envelope: { attack: 0.004, decay: 1.6, sustain: 0.12, release: 0.5 },
      modulation: { type: "sine" },
      modulationEnvelope: { attack: 0.002, decay: 0.5, sustain: 0.05, release: 0.4 },
    },
  }).connect(output);
  return {
    play: (pitch, seconds, time, velocity) =>
      synth.triggerAttackRelease(frequency(pitch), seconds, time, velocity / 127),
    silence: () => synth.releaseAll(),
  };
}

/** A drum machine: a drum of the grid for each pitch, the snare's neighbour for all others. */
export function createDrums(): Instrument {
  const output = new Compressor(-14, 4).connect(getContext().destination);
  const skin = (volume: number, decay: number, octaves: number) => new MembraneSynth({
    volume, octaves, pitchDecay: 0.03, envelope: { attack: 0.001, decay, sustain: 0, release: 0.1 },
  }).connect(output);
  const noise = (volume: number, decay: number, hertz: number) => {
    const filter = new Filter(hertz, "highpass").connect(output);
    return new NoiseSynth({
      volume, noise: { type: "white" }, envelope: { attack: 0.001, decay, sustain: 0 },
    }).connect(filter);
  };
  const kick = skin(0, 0.35, 7);
  const body = skin(-12, 0.12, 2);
  const tom = skin(-6, 0.3, 3);
  const snare = noise(-10, 0.16, 1500);
  const closedHat = noise(-20, 0.04, 8000);
  const openHat = noise(-20, 0.3, 7000);
  const cymbal = noise(-20, 0.9, 5000);

  const hitters = new Map<number, (time: number, velocity: number) => void>([
    [36, (time, velocity) => kick.triggerAttackRelease(50, 0.1, time, velocity)],
    [42, (time, velocity) => closedHat.triggerAttackRelease(0.04, time, velocity)],
    [46, (time, velocity) => openHat.triggerAttackRelease(0.3, time, velocity)],
    [45, (time, velocity) => tom.triggerAttackRelease(90, 0.2, time, velocity)],
    [48, (time, velocity) => tom.triggerAttackRelease(130, 0.2, time, velocity)],
    [50, (time, velocity) => tom.triggerAttackRelease(180, 0.2, time, velocity)],
    [49, (time, velocity) => cymbal.triggerAttackRelease(0.9, time, velocity)],
    [51, (time, velocity) => cymbal.triggerAttackRelease(0.4, time, velocity * 0.6)],
  ]);
  const hitSnare = (time: number, velocity: number) => {
    snare.triggerAttackRelease(0.16, time, velocity);
    body.triggerAttackRelease(180, 0.1, time, velocity);
  };
  // A drum with one voice cannot be struck twice at one time.
  const last = new Map<unknown, number>();
  return {
    play: (pitch, _seconds, time, velocity) => {
      const hit = hitters.get(pitch) ?? hitSnare;
      const voice = [45, 48, 50].includes(pitch) ? tom : [49, 51].includes(pitch) ? cymbal : hit;
      const free = Math.max(time, (last.get(voice) ?? 0) + 0.002);
      last.set(voice, free);
      hit(free, velocity / 127);
    },
    silence: () => undefined,
  };
}

/** The click of a metronome. */
export function createClick(): Instrument {
  const output = new Volume(-8).connect(getContext().destination);
  const synth = new MembraneSynth({
    octaves: 1, pitchDecay: 0.005, envelope: { attack: 0.001, decay: 0.05, sustain: 0 },
  }).connect(output);
  return {
    play: (pitch, seconds, time, velocity) =>
      synth.triggerAttackRelease(frequency(pitch), seconds, time, velocity / 127),
    silence: () => undefined,
  };
}
