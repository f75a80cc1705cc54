// Continues a melody over gRPC.
//
// Usage: npm ci; node grpc.js [HOST:PORT]
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const definition = protoLoader.loadSync(fileURLToPath(new URL("../predict.proto", import.meta.url)), {
  keepCase: true,
  longs: Number,
});
const { PredictionService } = grpc.loadPackageDefinition(definition).tensorflow.serving;
const client = new PredictionService(process.argv[2] ?? "localhost:8500", grpc.credentials.createInsecure());
const predict = promisify(client.Predict.bind(client));

// Scalars: a shape without dimensions.
const scalar = (dtype, field, value) => ({ dtype, tensor_shape: {}, [field]: [value] });
const { outputs } = await predict({
  model_spec: { name: "melody" },
  inputs: {
    primer_melody: scalar("DT_STRING", "string_val", Buffer.from("[60, -2, 62, -2, 64, -2, 65, -2]")),
    num_steps: scalar("DT_INT32", "int_val", 64),
    temperature: scalar("DT_FLOAT", "float_val", 0.8),
    seed: scalar("DT_INT64", "int64_val", 7),
  },
  output_filter: ["midi_bytes", "sequence_json"],
});
console.log(JSON.parse(outputs.sequence_json.string_val[0]).notes.map((note) => note.pitch));
writeFileSync("melody.mid", outputs.midi_bytes.string_val[0]);
client.close();
