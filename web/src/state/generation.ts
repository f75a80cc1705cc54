/** What the model made of the notes, and the link that makes it again. */

import { computed, signal } from "@preact/signals";

import { writeMidi } from "../music/midi_file";
import { endOf, type Note } from "../music/note";
import { type OutputNote, readSequence, type Sequence } from "../music/sequence";
import { type Link, readLink, writeLink } from "../link";
import * as server from "../server/client";
import type { Value } from "../server/signature";
import {
  chooseModel, hasTempo, isDrums, isLoading, loadModels, model, models, texts, values, version, wrong,
} from "./model";
import { complain, notice } from "./notices";
import { MAX_TEMPO, MIN_TEMPO, notes, replaceNotes, setNotes, tempo } from "./primer";

/** An output with its notes. */
export interface Result extends server.Output {
  readonly sequence: Sequence;
}

export const results = signal<Result[]>([]);
/** Whether the results are drums. */
export const areDrums = signal(false);
/** Which result is shown; null shows the notes that are drawn. */
export const shown = signal<number | null>(null);
/** When a request was sent, in milliseconds since 1970; null while there is none. */
export const since = signal<number | null>(null);
/** The address that makes the results again. */
export const link = signal("");

/** The notes on the roll: the shown result's, or those that are drawn. */
export const visible = computed((): OutputNote[] => shownSequence.value?.notes
  ?? notes.value.map((note) => ({ ...note, fromPrimer: true })));
export const shownSequence = computed((): Sequence | null =>
  (shown.value === null ? null : results.value[shown.value]?.sequence ?? null));

/** Index of the likeliest result, where there are several. */
export const likeliest = computed((): number | null => {
  const likelihoods = results.value.map((result) => result.logLikelihood);
  return likelihoods.length > 1 ? likelihoods.indexOf(Math.max(...likelihoods)) : null;
});

let request: AbortController | null = null;

/** Asks the model to go on with the notes. */
export async function generate(output = 0): Promise<void> {
  if (wrong.value.length) {
    const [control] = wrong.value;
    complain(new Error(`“${control!.label}” is not ${control!.input.kind === "integer"
      ? "a whole number" : "a number"}.`));
    return;
  }
  cancel();
  const mine = request = new AbortController();
  const primer = notes.value;
  const [drums, qpm, inputs] = [isDrums.value, tempo.value, values()];
  notice.value = null;
  since.value = Date.now();
  try {
    const outputs = await server.generate(
      model.value, version.value, { ...inputs, ...primerInputs(primer, qpm, drums) }, mine.signal);
    areDrums.value = drums;
    results.value = outputs.map((made): Result => ({
      ...made, sequence: readSequence(made.sequenceJson, primer, qpm),
    }));
    shown.value = Math.min(output, outputs.length - 1);
    remember({ model: model.value, version: version.value, tempo: qpm, notes: primer,
      inputs: { ...inputs, seed: outputs[0]!.seed } });
  } catch (error) {
    if (!mine.signal.aborted) {
      complain(error);
    }
  } finally {
    if (request === mine) {
      request = null;
      since.value = null;
    }
  }
}

export function cancel(): void {
  request?.abort();
}

/** Shows a result, and puts it into the link. */
export function show(index: number): void {
  shown.value = index;
  writeAddress();
}

/** Makes the notes of the shown result those to continue. */
export function continueFromShown(): void {
  const sequence = shownSequence.value;
  if (sequence && areDrums.value === isDrums.value) {
    replaceNotes(sequence.notes.map(({ fromPrimer: _, ...note }): Note => note));
    tempo.value = sequence.qpm;
    shown.value = null;
  }
}

/** Where the primer of the shown result ends, in steps; null if it was given none. */
export const primerEnd = computed((): number | null => {
  const primer = shownSequence.value?.notes.filter((note) => note.fromPrimer) ?? [];
  return primer.length ? endOf(primer) : null;
});

/** Takes up what the page's address says, or the first model; makes a result again. */
export async function start(): Promise<void> {
  const wanted = readLink(location.hash.slice(1));
  if (!models.value?.length) {
    await loadModels();
  }
  const name = wanted.model ?? (model.value || models.value?.[0]);
  if (!name) {
    isLoading.value = false;
    return;
  }
  if (!(await chooseModel(name, wanted.version))) {
    return;
  }
  texts.value = wanted.inputs;
  if (wanted.tempo && wanted.tempo >= MIN_TEMPO && wanted.tempo <= MAX_TEMPO) {
    tempo.value = wanted.tempo;
  }
  if (wanted.notes) {
    setNotes(wanted.notes);
  }
  if (wanted.inputs.seed !== undefined) {
    await generate(wanted.output);
  }
}

function primerInputs(
  primer: readonly Note[], qpm: number, drums: boolean,
): Record<string, Value | Uint8Array> {
  return {
    ...(primer.length ? { primer_midi_bytes: writeMidi(primer, qpm, drums) } : {}),
    // The primer's file has the tempo, too.
    ...(hasTempo.value ? { qpm } : {}),
  };
}

let made: Omit<Link, "inputs"> & { inputs: Record<string, Value> } | null = null;

function remember(last: typeof made): void {
  made = last;
  writeAddress();
}

function writeAddress(): void {
  if (made) {
    const inputs = Object.fromEntries(
      Object.entries(made.inputs).map(([name, value]) => [name, String(value)]));
    const hash = writeLink({ ...made, inputs, output: shown.value || undefined });
    history.replaceState(null, "", `#${hash}`);
    link.value = location.href;
  }
}
