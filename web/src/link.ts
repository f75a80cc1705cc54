/** What the page shows as the part of its address after #, and back. */

import { DEFAULT_VELOCITY, type Note, sorted } from "./music/note";

/** A request that can be made again. Every part may be missing. */
export interface Link {
  model?: string;
  version?: string;
  /** Quarters per minute. */
  tempo?: number;
  notes?: Note[];
  /** Output that is shown, from 0. */
  output?: number;
  /** Values of the model's inputs, as texts. With a `seed` among them, it is made at once. */
  inputs: Record<string, string>;
}

// Names of the parts, which no input of a model has.
const PARTS = { model: "m", version: "v", tempo: "t", notes: "n", output: "o" };
const MAX_DIGITS = 4;

export function writeLink(link: Link): string {
  const parts = new URLSearchParams();
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined) {
      parts.set(name, String(value));
    }
  };
  set(PARTS.model, link.model);
  set(PARTS.version, link.version);
  set(PARTS.tempo, link.tempo);
  set(PARTS.notes, link.notes && writeNotes(link.notes));
  set(PARTS.output, link.output);
  for (const [name, value] of Object.entries(link.inputs)) {
    set(name, value);
  }
  return parts.toString();
}

/** Reads what writeLink wrote. Parts that make no sense are left out. */
export function readLink(text: string): Link {
  const parts = new URLSearchParams(text);
  const number = (name: string, pattern: RegExp) => {
    const value = parts.get(name) ?? "";
    return pattern.test(value) ? Number(value) : undefined;
  };
  const names = new Set(Object.values(PARTS));
  const version = parts.get(PARTS.version) ?? "";
  const notes = parts.get(PARTS.notes);
  return {
    model: parts.get(PARTS.model) || undefined,
    version: /^\d+$/.test(version) ? version : undefined,
    tempo: number(PARTS.tempo, /^\d+(\.\d+)?$/),
    notes: notes === null ? undefined : readNotes(notes),
    output: number(PARTS.output, /^\d+$/),
    inputs: Object.fromEntries([...parts].filter(([name]) => !names.has(name))),
  };
}

/** A note is PITCH-START-LENGTH, with -VELOCITY if that is not the usual one; "_" is between notes. */
function writeNotes(notes: readonly Note[]): string {
  return notes.map(({ pitch, start, end, velocity }) => [
    pitch, digits(start), digits(end - start),
    ...(velocity === DEFAULT_VELOCITY ? [] : [velocity]),
  ].join("-")).join("_");
}

function readNotes(text: string): Note[] {
  return sorted(text.split("_").flatMap((part): Note[] => {
    const match = /^(\d+)-([\d.]+)-([\d.]+)(?:-(\d+))?$/.exec(part);
    if (!match) {
      return [];
    }
    const [pitch, start, length] = match.slice(1, 4).map(Number) as [number, number, number];
    const velocity = match[4] === undefined ? DEFAULT_VELOCITY : Number(match[4]);
    const makesSense = pitch <= 127 && length > 0 && Number.isFinite(start + length)
      && velocity >= 1 && velocity <= 127;
    return makesSense ? [{ pitch, start, end: start + length, velocity }] : [];
  }));
}

function digits(value: number): string {
  return String(Number(value.toFixed(MAX_DIGITS)));
}
