/** The server's REST API, at the page's own address. */

import { type MetadataJson, readSignature, type Signature, type Value } from "./signature";

/** What went wrong, in words. */
export class ServerError extends Error {
  constructor(
    /** A few words on the kind of error. */
    readonly title: string,
    /** The server's own words, or what to do. */
    message: string,
    /** HTTP status; 0 if no server answered. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** One generated sequence. */
export interface Output {
  readonly sequenceJson: string;
  readonly midi: Uint8Array;
  readonly logLikelihood: number;
  /** Gives this output alone. */
  readonly seed: number;
}

interface Bytes {
  b64: string;
}

/** The names of the models that are served; null if the server keeps no list. */
export async function listModels(): Promise<string[] | null> {
  try {
    return (await request<{ models: string[] }>("v1/models")).models;
  } catch (error) {
    // TensorFlow Serving itself has no such list; that is no reason to stop.
    if (error instanceof ServerError && error.status >= 400 && error.status < 500) {
      return null;
    }
    throw error;
  }
}

/** The versions of a model that are available, newest first. */
export async function listVersions(model: string): Promise<string[]> {
  const status = await request<{
    model_version_status?: { version: string; state: string }[];
  }>(modelPath(model));
  return (status.model_version_status ?? [])
    .filter(({ state }) => state === "AVAILABLE")
    .map(({ version }) => version)
    .sort((a, b) => Number(b) - Number(a));
}

export async function getSignature(model: string, version: string): Promise<Signature> {
  return readSignature(await request<MetadataJson>(`${modelPath(model, version)}/metadata`));
}

/** Generates; inputs that are not given take the model's defaults. */
export async function generate(
  model: string, version: string, inputs: Record<string, Value | Uint8Array>, signal: AbortSignal,
): Promise<Output[]> {
  const encoded = Object.fromEntries(Object.entries(inputs).map(([name, value]) =>
    [name, value instanceof Uint8Array ? { b64: toBase64(value) } : value]));
  const { outputs } = await request<{ outputs: {
    sequence_json: string[];
    midi_bytes: Bytes[];
    log_likelihood: number[];
    seed: (number | string)[];
  } }>(`${modelPath(model, version)}:predict`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ inputs: encoded }),
    signal,
  });
  return outputs.seed.map((seed, i): Output => ({
    sequenceJson: outputs.sequence_json[i]!,
    midi: fromBase64(outputs.midi_bytes[i]!.b64),
    logLikelihood: outputs.log_likelihood[i]!,
    seed: Number(seed),
  }));
}

function modelPath(model: string, version?: string): string {
  return `v1/models/${encodeURIComponent(model)}${version ? `/versions/${version}` : ""}`;
}

async function request<T>(path: string, options: RequestInit = {}): Promise<T> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(path, options);
    body = await response.text();
  } catch (error) {
    if (options.signal?.aborted) {
      throw error;
    }
    throw new ServerError("No answer", "The server cannot be reached. Is it running?", 0);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = null;
  }
  if (response.ok && answer !== null) {
    return answer as T;
  }
  const words = (answer as { error?: unknown } | null)?.error;
  throw new ServerError(
    title(response.status),
    typeof words === "string" ? words : `The answer was ${response.status} ${response.statusText}.`,
    response.status);
}

function title(status: number): string {
  switch (status) {
    case 400:
      return "The model cannot do that";
    case 404:
      return "Not served here";
    case 413:
      return "Too large";
    case 429:
      return "The server is busy; try again in a moment";
    case 502:
    case 503:
      return "The server is not ready";
    case 504:
      return "It took too long; try fewer steps or outputs";
    default:
      return "Something went wrong on the server";
  }
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
