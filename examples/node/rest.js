// Continues a melody over REST. Nothing to install; the same lines work in a browser whose origin
// the server allows (--rest_cors_origins), but for writing the file.
//
// Usage: node rest.js [http://HOST:PORT]
import { writeFileSync } from "node:fs";

const server = process.argv[2] ?? "http://localhost:8501";
const response = await fetch(`${server}/v1/models/melody:predict`, {
  method: "POST",
  body: JSON.stringify({
    inputs: { primer_melody: "[60, -2, 62, -2, 64, -2, 65, -2]", num_steps: 64, temperature: 0.8, seed: 7 },
  }),
});
const answer = await response.json();
if (!response.ok) throw new Error(answer.error);
const { sequence_json, midi_bytes } = answer.outputs;
console.log(JSON.parse(sequence_json[0]).notes.map((note) => note.pitch));
writeFileSync("melody.mid", Buffer.from(midi_bytes[0].b64, "base64"));
