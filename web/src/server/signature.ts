/** A model's inputs, from the metadata that it serves. */

export type Value = string | number | boolean;

export type Kind = "text" | "integer" | "number" | "switch";

export interface Input {
  readonly name: string;
  readonly kind: Kind;
  readonly default: Value;
}

/** The inputs of the default signature, by name. */
export type Signature = ReadonlyMap<string, Input>;

/** A TensorProto in protobuf JSON with one value: its default, by the field of its type. */
interface TensorJson {
  dtype?: string;
  string_val?: string[];
  int_val?: number[];
  int64_val?: string[];
  float_val?: number[];
  double_val?: number[];
  bool_val?: boolean[];
}

export interface MetadataJson {
  metadata: {
    signature_def: {
      signature_def: Record<string, {
        inputs?: Record<string, { dtype?: string }>;
        defaults?: Record<string, TensorJson>;
      }>;
    };
  };
}

const SIGNATURE = "serving_default";
const KINDS: Record<string, Kind> = {
  DT_STRING: "text",
  DT_INT32: "integer",
  DT_INT64: "integer",
  DT_FLOAT: "number",
  DT_DOUBLE: "number",
  DT_BOOL: "switch",
};
const ZERO: Record<Kind, Value> = { text: "", integer: 0, number: 0, switch: false };

/** Reads an answer to /v1/models/NAME/metadata; inputs of types that no control has are left out. */
export function readSignature(metadata: MetadataJson): Signature {
  const signature = metadata.metadata.signature_def.signature_def[SIGNATURE];
  const inputs = Object.entries(signature?.inputs ?? {}).flatMap(([name, { dtype }]): Input[] => {
    const kind = KINDS[dtype ?? ""];
    const tensor = signature?.defaults?.[name];
    return kind ? [{ name, kind, default: defaultOf(kind, tensor) }] : [];
  });
  return new Map(inputs.map((input) => [input.name, input]));
}

function defaultOf(kind: Kind, tensor: TensorJson | undefined): Value {
  switch (kind) {
    case "text":
      return text(tensor?.string_val?.[0]) ?? ZERO.text;
    case "integer":
      return tensor?.int_val?.[0] ?? number(tensor?.int64_val?.[0]) ?? ZERO.integer;
    case "number":
      return tensor?.float_val?.[0] ?? tensor?.double_val?.[0] ?? ZERO.number;
    case "switch":
      return tensor?.bool_val?.[0] ?? ZERO.switch;
  }
}

/** Strings are base64 in protobuf JSON. */
function text(base64: string | undefined): string | undefined {
  return base64 === undefined
    ? undefined
    : new TextDecoder().decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
}

function number(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
