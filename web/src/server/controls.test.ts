import { expect, test } from "vitest";

import { controlsFor, parse } from "./controls";
import { type Input, type MetadataJson, readSignature } from "./signature";

/** Metadata as the server writes it. */
function metadata(inputs: Record<string, [dtype: string, value?: object]>): MetadataJson {
  return { metadata: { signature_def: { signature_def: {
    serving_default: {
      inputs: Object.fromEntries(Object.entries(inputs).map(
        ([name, [dtype]]) => [name, { dtype }])),
      defaults: Object.fromEntries(Object.entries(inputs).map(
        ([name, [dtype, value]]) => [name, { dtype, ...value }])),
    },
    score: { inputs: { melody: { dtype: "DT_STRING" } } },
  } } } };
}

const signature = readSignature(metadata({
  primer_midi_bytes: ["DT_STRING", { string_val: [""] }],
  qpm: ["DT_FLOAT", { float_val: [0] }],
  swing: ["DT_FLOAT", { float_val: [0.5] }],
  seed: ["DT_INT64", { int64_val: ["-1"] }],
  beam_size: ["DT_INT32", { int_val: [1] }],
  num_steps: ["DT_INT32", { int_val: [128] }],
  backing_chords: ["DT_STRING", { string_val: [btoa("C G")] }],
  new_trick: ["DT_BOOL", { bool_val: [true] }],
  matrix: ["DT_COMPLEX64"],
}));

test("defaults come from the metadata", () => {
  expect(Object.fromEntries([...signature.values()].map((input) => [input.name, input.default])))
    .toEqual({
      primer_midi_bytes: "", qpm: 0, swing: 0.5, seed: -1, beam_size: 1, num_steps: 128,
      backing_chords: "C G", new_trick: true,
    });
});

test("every input has a control, those of families to come too", () => {
  expect(controlsFor(signature).map((control) => [control.input.name, control.label])).toEqual([
    ["backing_chords", "Chords"],
    ["num_steps", "Length"],
    ["seed", "Seed"],
    ["beam_size", "Beam size"],
    ["new_trick", "New trick"],
    ["swing", "Swing"],
  ]);
});

test.each<[Input["kind"], string, unknown]>([
  ["integer", " 12 ", 12], ["integer", "-1", -1], ["integer", "1.5", undefined],
  ["integer", "", undefined], ["number", "0.25", 0.25], ["number", "1e-3", 0.001],
  ["number", "", undefined], ["number", "loud", undefined], ["number", "Infinity", undefined],
  ["switch", "true", true], ["switch", "yes", undefined], ["text", " C ", " C "],
])("as %s, %j is %j", (kind, text, value) => {
  expect(parse({ name: "x", kind, default: 0 }, text)).toBe(value);
});
