/** Which model is asked, and the values of its inputs. */

import { computed, signal } from "@preact/signals";

import { getSignature, listModels, listVersions } from "../server/client";
import { type Control, controlsFor, hasTempo as hasTempoIn, parse } from "../server/controls";
import type { Signature, Value } from "../server/signature";
import { complain, notice } from "./notices";

/** Names of the served models; null where the server keeps no list, and names are typed. */
export const models = signal<string[] | null>([]);
export const model = signal("");
/** Available versions of the model, newest first. */
export const versions = signal<string[]>([]);
export const version = signal("");
export const signature = signal<Signature>(new Map());
export const isLoading = signal(true);

/** What was typed or set, by input; inputs that are not here have their defaults. */
export const texts = signal<Record<string, string>>({});

export const controls = computed(() => controlsFor(signature.value));
export const isDrums = computed(() => signature.value.has("primer_drums"));
/** Whether the model plays one note at a time. */
export const isMelody = computed(
  () => signature.value.has("primer_melody") && !signature.value.has("primer_pitches"));
export const hasTempo = computed(() => hasTempoIn(signature.value));

/** Inputs whose text is no value of theirs. */
export const wrong = computed(
  () => controls.value.filter((control) => valueOf(control) === undefined));

/** The text in a control. */
export function textOf({ input }: Control): string {
  return texts.value[input.name] ?? String(input.default);
}

function valueOf(control: Control): Value | undefined {
  return parse(control.input, textOf(control));
}

export function setText({ input }: Control, text: string): void {
  texts.value = { ...texts.value, [input.name]: text };
}

/** Values of the inputs that differ from their defaults. */
export function values(): Record<string, Value> {
  return Object.fromEntries(controls.value.flatMap((control): [string, Value][] => {
    const value = valueOf(control);
    const { name, default: usual } = control.input;
    return value === undefined || value === usual ? [] : [[name, value]];
  }));
}

/** Asks which models there are. */
export async function loadModels(): Promise<void> {
  try {
    models.value = await listModels();
  } catch (error) {
    complain(error);
  }
}

/** Makes a model the one that is asked: its newest version, or the one given. */
export async function chooseModel(name: string, wanted?: string): Promise<boolean> {
  const changed = name !== model.value;
  model.value = name;
  isLoading.value = true;
  notice.value = null;
  if (changed) {
    versions.value = [];
  }
  try {
    const available = await listVersions(name);
    if (model.value === name) {
      versions.value = available;
    }
    const chosen = wanted ?? available[0] ?? "";
    const inputs = await getSignature(name, chosen);
    if (model.value !== name) {
      // Another one was chosen meanwhile.
      return false;
    }
    version.value = chosen;
    signature.value = inputs;
    if (changed) {
      // Values go along where the other model has the input, but for lengths: steps differ.
      const { num_steps: _, ...rest } = texts.value;
      texts.value = Object.fromEntries(
        Object.entries(rest).filter(([input]) => inputs.has(input)));
    }
    return true;
  } catch (error) {
    if (model.value === name) {
      version.value = "";
      signature.value = new Map();
      complain(error);
    }
    return false;
  } finally {
    if (model.value === name) {
      isLoading.value = false;
    }
  }
}
