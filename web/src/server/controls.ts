/** How inputs of models are shown: a control for each, by its type, with words for those we know. */

import type { Input, Signature, Value } from "./signature";

export interface Control {
  readonly input: Input;
  readonly label: string;
  readonly hint: string;
  /** Numbers: what a slider offers; the number field beside it takes any value. */
  readonly slider?: { readonly min: number; readonly max: number; readonly step: number };
  /** Whether it is for those who know the model well. */
  readonly advanced: boolean;
}

interface Words {
  label?: string;
  hint?: string;
  /** The hint for models whose sequences have no tempo. */
  hintWithoutTempo?: string;
  slider?: (input: Input) => Control["slider"];
  advanced?: true;
}

const fixed = (min: number, max: number, step: number) => () => ({ min, max, step });

/** A sixteenth and four times the default: two bars to 32 where that is 8, seconds to minutes. */
function around(input: Input): Control["slider"] {
  const middle = Number(input.default) || 128;
  const step = middle % 16 === 0 ? 8 : Math.max(1, Math.round(middle / 30));
  return { min: step, max: 4 * middle, step };
}

// In the order in which they are shown. Inputs that are not here come after these, with a label
// made of their name.
const WORDS: Record<string, Words> = {
  backing_chords: {
    label: "Chords",
    hint: "One after the other, such as C G/B Am7 F. N.C. is no chord. They set the length.",
  },
  steps_per_chord: {
    label: "Steps per chord", hint: "16 are a bar of 16th notes.", slider: fixed(4, 32, 4),
  },
  num_steps: {
    label: "Length",
    hint: "In steps, your notes included. 16 steps are a bar of 16th notes.",
    hintWithoutTempo: "In steps, your notes included. 100 steps are a second.",
    slider: around,
  },
  temperature: {
    label: "Temperature", hint: "Lower is more predictable, higher is wilder.",
    slider: fixed(0.1, 2, 0.05),
  },
  num_outputs: {
    label: "Outputs", hint: "Sequences to compare.", slider: fixed(1, 8, 1),
  },
  notes_per_second: {
    label: "Notes per second", hint: "A number, or a list such as [5, 20] for equal parts.",
  },
  pitch_class_histogram: {
    label: "Pitch classes",
    hint: "Twelve weights from C up, such as [2, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1].",
  },
  disable_conditioning: {
    label: "Ignore the above", hint: "True or False, or a list of these for equal parts.",
  },
  condition_on_primer: {
    label: "Read your notes first", hint: "Then goes on with something new.",
  },
  inject_primer_during_generation: {
    label: "Harmonize your notes", hint: "Plays them into what is generated.",
  },
  render_chords: { label: "Play the chords", hint: "Adds them to the output as notes." },
  sample: { label: "Draw notes by chance", hint: "Else those that are more likely than not." },
  seed: { label: "Seed", hint: "The same seed gives the same notes; −1 draws one." },
  beam_size: {
    label: "Beam size", hint: "Sequences that a search keeps.", slider: fixed(1, 8, 1),
    advanced: true,
  },
  branch_factor: {
    label: "Branch factor", hint: "Ways on that it tries for each.", slider: fixed(1, 8, 1),
    advanced: true,
  },
  steps_per_iteration: {
    label: "Steps per iteration", hint: "Steps between two choices of the search.",
    slider: fixed(1, 32, 1), advanced: true,
  },
};
const ORDER = Object.keys(WORDS);

/** The primer is drawn, and the tempo is set above the notes: these have no control of their own. */
function isShownElsewhere(name: string): boolean {
  return name === "qpm" || name.startsWith("primer_");
}

/** Whether a model's sequences have a tempo; those of performances are in seconds. */
export function hasTempo(signature: Signature): boolean {
  return signature.has("qpm");
}

/** The controls for a model's inputs, in the order in which they are shown. */
export function controlsFor(signature: Signature): Control[] {
  const rank = (input: Input) => (ORDER.indexOf(input.name) + 1 || ORDER.length + 1);
  return [...signature.values()]
    .filter((input) => !isShownElsewhere(input.name))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .map((input): Control => {
      const words = WORDS[input.name] ?? {};
      const hint = (hasTempo(signature) ? undefined : words.hintWithoutTempo) ?? words.hint;
      return {
        input,
        label: words.label ?? labelOf(input.name),
        hint: hint ?? "",
        slider: words.slider?.(input),
        advanced: words.advanced ?? false,
      };
    });
}

/** What a text is as a value of an input; undefined if it is none. */
export function parse(input: Input, text: string): Value | undefined {
  switch (input.kind) {
    case "text":
      return text;
    case "switch":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
      return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
    case "number": {
      const value = Number(text);
      return text.trim() && Number.isFinite(value) ? value : undefined;
    }
  }
}

function labelOf(name: string): string {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
